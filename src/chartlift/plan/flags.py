"""What charts need besides new references: leave to run foreign images, and the secret to pull them.

Bitnami's charts since December 2024 compare each image with their ``images`` annotation and refuse to
render a foreign one until ``global.security.allowInsecureImages`` is true (templates/_errors.tpl of
their ``common`` chart). ``global`` is one map for a chart and all its subcharts, so it is set once, at
the top, and only where a chart that keeps its templates has that switch.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

from chartlift.images.vendors import Vendors
from chartlift.plan.images import ImageTally, note_added
from chartlift.plan.layers import Layer
from chartlift.plan.options import Options
from chartlift.plan.units import Unit
from chartlift.records import Finding, Place, Yaml, YamlPath, format_path
from chartlift.yamltext.paths import get_in, parse_path

_STARTER: YamlPath = ("imagePullSecrets",)
"""Where charts made by ``helm create`` take a list of ``{name: ...}``."""
_WHY = (
    "Bitnami's templates refuse images that are not Bitnami's until this is true; it turns off that "
    "comparison of names, and neither signature checks nor anything in the cluster"
)


def needs_leave(unit: Unit, defaults: Mapping[str, Yaml], tally: ImageTally, vendors: Vendors) -> YamlPath | None:
    """The switch, if this unit keeps templates that have it and runs images that are foreign to them."""
    switch = vendors.conventions(unit.vendor).allow_foreign_images
    if unit.strategy != "images" or not tally.changed or not switch:
        return None
    path = parse_path(switch)
    return path if get_in(defaults, path, None) is not None else None


def allow_foreign_images(layers: Sequence[Layer], switch: YamlPath) -> Iterator[Finding]:
    """Set the switch in the base, and wherever an overlay says otherwise."""
    owner = ""
    for index, layer in enumerate(layers):
        if layer.get(switch) is True or (index and not layer.has(switch)):
            continue
        written, before = layer.has(switch), layer.get(switch)
        layer.set(switch, True)
        if written:
            layer.record(
                owner, "changed", switch, switch, reason=_WHY, rule="allow-foreign-images", before=before, after=True
            )
        else:
            note_added(owner, layer, switch, True, _WHY, "allow-foreign-images")
        yield Finding("allow-foreign-images", "note", f"{format_path(switch)} is true now: {_WHY}", layer.place(switch))


def wire_pull_secret(
    layers: Sequence[Layer], units: Sequence[Unit], changed: Collection[str], options: Options, vendors: Vendors
) -> Iterator[Finding]:
    """Name the pull secret where each chart takes it; without one, say that it is needed.

    ``changed`` are the owners of units whose images moved.
    """
    moved = [unit for unit in units if _is_hardened_chart(unit) or unit.owner in changed]
    if not moved:
        return
    if options.pull_secret is None:
        yield _needed(layers[0], options, f"images and charts at {options.registry} need a login, a free one too")
        return
    for path, shape, owner in dict.fromkeys(_places(moved, layers, vendors)):
        item: Yaml = {"name": options.pull_secret} if shape == "object" else options.pull_secret
        _append(layers, owner, path, item)
    own = next((unit for unit in moved if not unit.key and not unit.vendor), None)
    if own is not None and not isinstance(layers[0].get(_STARTER), list):
        what = (
            f"the chart's own values have no list {format_path(_STARTER)}, so the secret was not named for its own pods"
        )
        yield _needed(layers[0], options, what)


def _is_hardened_chart(unit: Unit) -> bool:
    """A chart that comes from the hardened registry itself, with its images; another's need not name any."""
    target = unit.mapping.target if unit.mapping is not None else None
    return unit.strategy == "chart" and not (target is not None and target.harden)


def _places(moved: Sequence[Unit], layers: Sequence[Layer], vendors: Vendors) -> Iterator[tuple[YamlPath, str, str]]:
    """Path and shape of the lists of secrets, and whose they are."""
    for unit in moved:
        target = unit.mapping.target if unit.mapping is not None and unit.strategy == "chart" else None
        conventions = vendors.conventions(unit.vendor)
        if target is not None:
            if target.pull_secrets is not None:
                yield unit.key + parse_path(target.pull_secrets.path), target.pull_secrets.shape, unit.owner
        elif conventions.pull_secrets:
            path = parse_path(conventions.pull_secrets)
            # `global` is one map for a chart and all its subcharts.
            below = path if path[0] == "global" else unit.key + path
            yield below, conventions.pull_secret_shape, "" if path[0] == "global" else unit.owner
        elif not unit.key and isinstance(layers[0].get(_STARTER), list):
            yield _STARTER, "object", ""


def _needed(base: Layer, options: Options, what: str) -> Finding:
    return Finding(
        "pull-secret-needed",
        "warning",
        f"{what}; it has to be in every namespace",
        Place(base.file),
        f"kubectl create secret docker-registry dhi --docker-server={options.registry} --docker-username=USER "
        "--docker-password=TOKEN, then run again with --pull-secret dhi.",
    )


def _append(layers: Sequence[Layer], owner: str, path: YamlPath, item: Yaml) -> None:
    """Add to the base's list, and to that of an overlay that replaces it."""
    for index, layer in enumerate(layers):
        present = layer.get(path)
        if index and not isinstance(present, list):
            continue
        items = list(present) if isinstance(present, list) else []
        if item in items:
            continue
        had = layer.has(path)
        layer.set(path, [*items, item])
        reason = "the hardened registry wants a login"
        if had and layer.is_users(path):
            layer.record(
                owner, "changed", path, path, reason=reason, rule="pull-secret", before=items, after=[*items, item]
            )
        else:
            note_added(owner, layer, path, [item], reason, "pull-secret")
