"""What a mapping knows besides values: conditional findings, names that change, volumes that move."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from chartlift.mapping.chain import Chain
from chartlift.mapping.engine import LayerConversion
from chartlift.mapping.expressions import evaluate, render_text
from chartlift.mapping.model import Condition, Name, Volume
from chartlift.mapping.surfaces import target_surface
from chartlift.plan.layers import Layer
from chartlift.plan.mentions import NameChange
from chartlift.plan.units import Unit
from chartlift.records import Finding, Foretold, Place, YamlPath, format_path
from chartlift.yamltext.paths import get_in, leaves, parse_path

_PLACEHOLDER = "RELEASE-NAME"
_RULES = {
    "service": "service-renamed",
    "secret": "secret-renamed",
    "workload": "workload-kind-changed",
    "claim": "claim-renamed",
}


def conditional_findings(
    unit: Unit, layers: Sequence[Layer], found: Sequence[tuple[Condition, int]]
) -> Iterator[Finding]:
    """The findings of a mapping that hold, at the line of what they speak of."""
    for condition, index in found:
        path = unit.key + (parse_path(condition.at) if condition.at else ())
        place = _place(layers, index, path)
        yield Finding(
            condition.rule, condition.level, " ".join(condition.message.split()), place, _one_line(condition.help)
        )


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _place(layers: Sequence[Layer], index: int, path: YamlPath) -> Place:
    """The layer that says it, else the base: the nearest line that the user wrote."""
    for layer in (layers[index], layers[0]):
        if layer.document.has(layer.origin(path)):
            return layer.place(path)
    return layers[0].place(path)


def name_changes(unit: Unit, chain: Chain) -> list[tuple[Name, NameChange]]:
    """Objects whose name is another now, by what follows the release name."""
    mapping = unit.mapping
    if mapping is None:
        return []
    context = _naming_context(unit, chain)
    changes = []
    for index, name in enumerate(mapping.names):
        where = f"$.names[{index}]"
        if name.when is not None and not evaluate(name.when, context, file=mapping.file, where=where):
            continue
        source = render_text(name.source, context, file=mapping.file, where=where)
        target = None if name.target is None else render_text(name.target, context, file=mapping.file, where=where)
        if source != target:
            changes.append((name, NameChange(name.kind, _suffix(source) or "", _suffix(target), _one_line(name.help))))
    return changes


def _naming_context(unit: Unit, chain: Chain) -> dict[str, Any]:
    mapping = unit.mapping
    assert mapping is not None  # noqa: S101 - only called with one
    context = chain.context(release=_PLACEHOLDER)
    known = chain.effective.get("nameOverride")
    context["name"] = known if isinstance(known, str) and known else chain.name
    context["fullname"] = render_text(mapping.fullname, context, file=mapping.file, where="$.names.fullname")
    return context


def _suffix(name: str | None) -> str | None:
    """What follows the release name; the name itself where it does not start with it."""
    return None if name is None else name.split("/")[-1].removeprefix(_PLACEHOLDER)


def name_findings(unit: Unit, layers: Sequence[Layer], changes: Sequence[tuple[Name, NameChange]]) -> Iterator[Finding]:
    """One finding for each object that changes its name or goes."""
    spoken = {condition.rule for condition in unit.mapping.findings} if unit.mapping else set()
    place = layers[0].place(unit.key)
    for name, change in changes:
        rule = _RULES[name.kind]
        if rule in spoken:
            continue
        now = (
            f"is called ...{change.target_suffix} now"
            if change.target_suffix is not None
            else "is not rendered any more"
        )
        message = f"the {name.kind} ...{change.suffix} of {unit.name} {now}"
        yield Finding(rule, "warning", message, place, _one_line(name.help) or "Change what refers to it by name.")


def volume_findings(unit: Unit, layers: Sequence[Layer], chains: Sequence[Chain]) -> Iterator[Finding]:
    """A data directory or an owner that differs between the sides, where a volume is in use."""
    mapping = unit.mapping
    if mapping is None:
        return
    for index, volume in enumerate(mapping.volumes):
        used = [c for c in chains if c.holds(volume.when, f"$.state.volumes[{index}]")]
        if used and not volume.handled:
            yield from _volume_finding(unit, layers, volume)


def foretold_mounts(unit: Unit, chains: Sequence[Chain]) -> Iterator[Foretold]:
    """A volume that is mounted elsewhere, which the conversion has seen to (``handled``).

    Claims of a StatefulSet begin with the name of their template; the one claim of a Deployment is called anything.
    """
    volumes = unit.mapping.volumes if unit.mapping else ()
    for index, volume in enumerate(volumes):
        if not volume.handled or volume.source.get("mount") == volume.target.get("mount"):
            continue
        if any(chain.holds(volume.when, f"$.state.volumes[{index}]") for chain in chains):
            key = str(unit.key[-1]) if unit.key else ""
            words = "claim " if len(volumes) == 1 and "{{" in volume.claim else f"claim {volume.claim}-"
            yield Foretold("mount-changed", key, words, _one_line(volume.handled))


def _volume_finding(unit: Unit, layers: Sequence[Layer], volume: Volume) -> Iterator[Finding]:
    assert unit.mapping is not None  # noqa: S101 - only called with one
    spoken = {condition.rule for condition in unit.mapping.findings}
    place = layers[0].place(unit.key)
    source, target = volume.source, volume.target
    if source.get("data") != target.get("data") and "data-directory-moved" not in spoken:
        message = f"{volume.claim}: the data is in {source.get('data')}, the target reads {target.get('data')}"
        yield Finding("data-directory-moved", "error", message, place, _one_line(volume.cure))
    if source.get("owner") != target.get("owner") and "volume-owner-changed" not in spoken:
        message = f"{volume.claim}: files belong to {source.get('owner')}, the target runs as {target.get('owner')}"
        yield Finding("volume-owner-changed", "warning", message, place, _one_line(volume.cure))


def lasting_defaults(unit: Unit, base: Layer, wanted: LayerConversion) -> Iterator[Finding]:
    """Nulls that Helm does not heed: those of a chart's own ``values.yaml`` take no default of a subchart away.

    Helm drops nulls from a parent's values before it merges them over the subchart's (``trimNilValues`` in
    pkg/chart/v2/util/dependencies.go); values files of the release, given with -f, are merged with them.
    """
    assert unit.mapping is not None  # noqa: S101 - strategy chart
    theirs = {outcome.target for outcome in wanted.outcomes if outcome.source and outcome.before is None}
    defaults = target_surface(unit.mapping).data
    for path, value in leaves(wanted.values):
        default = get_in(defaults, path, None)
        if not unit.key or value is not None or default is None or path in theirs:
            continue
        dotted = format_path(unit.key + path)
        yield Finding(
            "default-not-removed",
            "error",
            f"{dotted}: a null in a chart's own values file takes no default of a subchart away, so the target's stays",
            Place(base.file, None, dotted),
            "Give this null in a values file of the release (-f, valueFiles of Argo CD, Flux values), or set what is "
            "meant instead.",
        )
