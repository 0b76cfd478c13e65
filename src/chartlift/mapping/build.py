"""Turn the data of a validated mapping file into records."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from chartlift.mapping import model
from chartlift.yamltext.paths import parse_path

DEFAULT_FULLNAME = "{{ values.fullnameOverride or (release if name in release else release ~ '-' ~ name) }}"
_ARGUMENTS = ("enum", "unit", "key", "value", "by")


def build_mapping(
    data: Mapping[str, Any], *, file: str, builtin: bool, functions: Mapping[str, model.Function] = {}
) -> model.Mapping:
    """Records of one mapping; the data must have passed the schema. ``functions`` are those that others share."""
    source, names = data["source"], data.get("names") or {}
    return model.Mapping(
        id=data["id"],
        title=data["title"],
        file=file,
        source=model.Source(
            source["chart"],
            source["vendor"],
            source["versions"],
            tuple(map(str, source.get("tested") or ())),
            tuple(source.get("fingerprint") or ()),
        ),
        target=_target(data["target"]) if data.get("target") else None,
        rules=tuple(_rule(f"$.values[{i}]", entry) for i, entry in enumerate(data.get("values") or ())),
        pins=tuple(parse_path(path) for path in data.get("pins") or ()),
        additions=_additions("$.add", data.get("add") or ()),
        bundled=tuple(_bundled(i, entry) for i, entry in enumerate(data.get("bundled") or ())),
        images=_images(data["images"]) if data.get("images") else None,
        findings=tuple(_condition(i, entry) for i, entry in enumerate(data.get("findings") or ())),
        fullname=names.get("fullname") or DEFAULT_FULLNAME,
        names=tuple(_names(names)),
        volumes=tuple(_volume(entry) for entry in (data.get("state") or {}).get("volumes") or ()),
        upgrade=data.get("upgrade") or "",
        notes=tuple(data.get("notes") or ()),
        evidence=tuple(data.get("evidence") or ()),
        builtin=builtin,
        proof=model.Proof(**(data.get("proof") or {})),
        functions={**functions, **build_functions(data.get("functions") or {})},
    )


def build_functions(entries: Mapping[str, Any]) -> dict[str, model.Function]:
    """Named expressions, of a mapping or of a ``functions.yaml``."""
    return {name: model.Function(name, tuple(entry["takes"]), entry["gives"]) for name, entry in entries.items()}


def _target(entry: Mapping[str, Any]) -> model.Target:
    secrets = entry.get("pull_secrets")
    return model.Target(
        entry["chart"],
        entry["repository"],
        str(entry["version"]),
        entry["surface"],
        str(entry["app_version"]) if entry.get("app_version") else None,
        entry.get("values") == "same",
        (entry.get("naming") or {}).get("release") or {},
        model.PullSecrets(secrets["path"], secrets["shape"]) if secrets else None,
        bool(entry.get("strict")),
        _paths(entry.get("open")),
        bool(entry.get("on_request")),
        bool(entry.get("harden")),
    )


def _paths(value: object) -> tuple[Any, ...]:
    return tuple(parse_path(path) for path in ([value] if isinstance(value, str) else value or ()))  # type: ignore[attr-defined]


def _rule(where: str, entry: Mapping[str, Any]) -> model.Rule:
    sources = _paths(entry.get("keep") or entry.get("from"))
    arguments = {name: entry[name] for name in _ARGUMENTS if name in entry}
    action: model.Action = (
        "keep" if "keep" in entry else "to" if "to" in entry else "drop" if "drop" in entry else "manual"
    )
    transform = entry.get("transform") or ("enum" if "enum" in entry else "unit" if "unit" in entry else None)
    return model.Rule(
        where=where,
        sources=sources,
        action=action,
        targets=_targets(entry),
        reason=str(entry.get("drop") or entry.get("manual") or entry.get("note") or ""),
        level=entry.get("level") or "warning",
        when=entry.get("when"),
        otherwise=entry.get("otherwise") or "",
        versions=entry.get("versions"),
        transform=transform,
        arguments=arguments,
        append=bool(entry.get("append")),
        secret=bool(entry.get("secret")),
        custom=bool(entry.get("custom")),
    )


def _targets(entry: Mapping[str, Any]) -> dict[str, str | None]:
    to = entry.get("to")
    if isinstance(to, str):
        return {to: entry.get("expr")}
    return {path: str(expression) for path, expression in (to or {}).items()}


def _additions(where: str, entries: Sequence[Mapping[str, Any]]) -> tuple[model.Addition, ...]:
    return tuple(
        model.Addition(
            where=f"{where}[{index}]",
            to=entry["to"],
            reason=entry.get("reason") or "",
            value=entry.get("value"),
            expression=entry.get("expr"),
            when=entry.get("when"),
            append=bool(entry.get("append")),
            replaces=tuple(entry["replaces"]) if "replaces" in entry else None,
            slot=entry.get("for"),
        )
        for index, entry in enumerate(entries)
    )


def _bundled(index: int, entry: Mapping[str, Any]) -> model.Bundled:
    return model.Bundled(
        entry["dependency"],
        entry["condition"],
        bool(entry.get("default", True)),
        entry["values"],
        {str(major): str(version) for major, version in entry["versions"].items()},
        entry["repository"],
        entry.get("image_mapping"),
        _additions(f"$.bundled[{index}].wiring", entry.get("wiring") or ()),
        dict(entry.get("instead") or {}),
    )


def _images(entry: Mapping[str, Any]) -> model.Images:
    slots = tuple(
        model.ImageSlot(
            slot["path"], slot.get("source") or "", slot.get("image"), slot.get("flavour"), slot.get("to"),
            slot.get("reason") or "",
            slot.get("versions"),
        )
        for slot in entry.get("slots") or ()
    )  # fmt: skip
    return model.Images(slots, _additions("$.images.set", entry.get("set") or ()))


def _condition(index: int, entry: Mapping[str, Any]) -> model.Condition:
    return model.Condition(
        f"$.findings[{index}]",
        entry["rule"],
        entry["level"],
        tuple(entry.get("strategies") or ("chart", "images")),
        entry["message"],
        entry.get("when"),
        entry.get("at"),
        entry.get("help") or "",
        entry.get("versions"),
        entry.get("for"),
    )


def _names(names: Mapping[str, Any]) -> Iterator[model.Name]:
    kinds: tuple[tuple[Any, str], ...] = (
        ("service", "services"), ("secret", "secrets"), ("workload", "workloads"), ("claim", "claims"),
    )  # fmt: skip
    for kind, section in kinds:
        for entry in names.get(section) or ():
            yield model.Name(
                kind, entry["source"], entry.get("target"), entry.get("when"), entry.get("help") or "",
                entry.get("keys") or {},
            )  # fmt: skip


def _volume(entry: Mapping[str, Any]) -> model.Volume:
    handled = entry.get("handled")
    return model.Volume(
        entry["claim"],
        entry["source"],
        entry["target"],
        entry.get("when"),
        entry.get("cure") or "",
        str(entry.get("reason") or "the conversion makes both equal") if handled else "",
    )
