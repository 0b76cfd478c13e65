"""Keep the databases that a source chart bundles and its target lacks.

Switching the dependency alone would delete the bundled database's StatefulSet. So the bundled chart
becomes a dependency of the parent, under the names it had (Bitnami's names come from the release and
the subchart's own name, not from the chart around it), and its values move to the parent's level.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from chartlift.chart.load import Chart
from chartlift.chart.values import merge_layers, merge_values
from chartlift.errors import ChartliftError
from chartlift.mapping.model import Bundled
from chartlift.mapping.surfaces import nearest_surface, source_surface
from chartlift.plan.images import note_added
from chartlift.plan.layers import Layer
from chartlift.plan.manifest import NewDependency
from chartlift.plan.units import Unit
from chartlift.records import Finding, Place, ValueRecord, Yaml, YamlPath, format_path
from chartlift.yamltext.edit import same_yaml
from chartlift.yamltext.paths import get_in, leaves, parse_path, set_in

_MISSING = object()


@dataclass(frozen=True, slots=True)
class Hoist:
    """One bundled dependency that lives on, under ``dependency.key`` of the parent."""

    unit: Unit
    bundled: Bundled
    dependency: NewDependency


def plan_hoists(chart: Chart, unit: Unit, layers: Sequence[Layer], taken: set[str]) -> Iterator[Hoist]:
    """The bundled dependencies that are switched on in at least one chain of values files."""
    if unit.mapping is None:
        return
    for bundled in unit.mapping.bundled:
        if any(_enabled(bundled, chain) for chain in _chains(unit, layers)):
            yield Hoist(unit, bundled, _dependency(unit, bundled, taken))


def _chains(unit: Unit, layers: Sequence[Layer]) -> Iterator[dict[str, Yaml]]:
    assert unit.mapping is not None  # noqa: S101 - only called with one
    defaults = source_surface(unit.mapping, unit.version).data
    base = layers[0].section(unit.key)
    for layer in layers:
        yield merge_values(merge_layers([base, layer.section(unit.key)]), defaults)


def _enabled(bundled: Bundled, values: Mapping[str, Yaml]) -> bool:
    return bool(get_in(values, parse_path(bundled.condition), bundled.default))


def _dependency(unit: Unit, bundled: Bundled, taken: set[str]) -> NewDependency:
    """A free key: the chart's own name, else prefixed by the unit's."""
    alias = None
    if bundled.dependency in taken:
        alias = f"{unit.owner}-{bundled.dependency}"
    key = alias or bundled.dependency
    taken.add(key)
    return NewDependency(bundled.dependency, _version(unit, bundled), bundled.repository, alias, f"{key}.enabled")


def _version(unit: Unit, bundled: Bundled) -> str:
    """What the source version bundles: as vendored, else as the mapping says for its major."""
    if unit.subchart is not None:
        for subchart in unit.subchart.subcharts:
            if subchart.name == bundled.dependency:
                return subchart.metadata.version
    return bundled.versions.get(unit.version.split(".")[0], "")


def move_values(hoist: Hoist, layers: Sequence[Layer]) -> Iterator[Finding]:
    """Move the bundled chart's values to the parent's level in every layer, and keep its names."""
    source = hoist.unit.key + parse_path(hoist.bundled.values)
    target = (hoist.dependency.key,)
    for layer in layers:
        if layer.has(source):
            layer.relocate(source, target)
    base = layers[0]
    _keep_switch(hoist, base)
    _pin_defaults(hoist, base)
    if hoist.dependency.alias and not base.has((*target, "nameOverride")):
        base.set((*target, "nameOverride"), hoist.dependency.name)
        note_added(
            hoist.unit.owner,
            base,
            (*target, "nameOverride"),
            hoist.dependency.name,
            "keeps its object names",
            "bundled-dependency",
        )
    yield Finding(
        "bundled-dependency-kept",
        "warning",
        f"{hoist.unit.name} bundled {hoist.dependency.name}; the target chart does not, so it is now a "
        f"dependency of the parent as '{hoist.dependency.key}', under the names it had",
        Place(base.file, None, hoist.dependency.key),
        "Check with `helm diff` or `helm template` that its StatefulSet and claim keep their names before upgrading.",
    )


def _keep_switch(hoist: Hoist, base: Layer) -> None:
    """Where the source had it on by default, the parent has to say so: its condition reads the parent's values."""
    enabled = (hoist.dependency.key, "enabled")
    if not base.has(enabled):
        base.set(enabled, hoist.bundled.default)
        owner = hoist.unit.owner
        note_added(owner, base, enabled, hoist.bundled.default, "was the source chart's default", "bundled-dependency")


def _pin_defaults(hoist: Hoist, base: Layer) -> None:
    """The source chart's own defaults for what it bundles go along, where the bundled chart has others.

    Keycloak's chart names the user and the database of its PostgreSQL this way; without them the kept
    database would come up with other credentials.
    """
    mapping = hoist.unit.mapping
    assert mapping is not None  # noqa: S101 - a hoist comes from a mapping
    around = source_surface(mapping, hoist.unit.version)
    said = get_in(around.data, parse_path(hoist.bundled.values), {})
    own = _own_defaults(hoist, mapping.source.vendor)
    for path, value in leaves(said):
        if own and not _knows(own, path):
            continue  # only the chart around it read this; what it says went into the wiring
        target = (hoist.dependency.key, *path)
        value = hoist.bundled.instead.get(format_path(path), value)
        if path == ("enabled",) or base.has(target) or same_yaml(get_in(own, path, _MISSING), value):
            continue
        base.set(target, value)
        base.add(
            hoist.unit.owner,
            ValueRecord(
                "pinned", None, format_path(target), Place(base.file, None, format_path(target)),
                f"the default that {hoist.unit.name} gave its bundled {hoist.dependency.name}", "bundled-dependency",
                None, value,
            ),
        )  # fmt: skip


def _knows(defaults: Mapping[str, Yaml], path: YamlPath) -> bool:
    """A value of the chart's, or one below an empty map of its, which is there to be filled."""
    if get_in(defaults, path, _MISSING) is not _MISSING:
        return True
    return any(get_in(defaults, path[:end], None) == {} for end in range(1, len(path)))


def _own_defaults(hoist: Hoist, vendor: str) -> Mapping[str, Yaml]:
    """The bundled chart's own defaults; where they are not known everything is written out."""
    try:
        version = hoist.dependency.version.replace("x", "0")
        return nearest_surface(vendor, hoist.dependency.name, version).data
    except ChartliftError:
        return {}


def bundled_values(hoists: Sequence[Hoist], layer: Layer) -> dict[str, Yaml]:
    """What expressions of the source chart still call its bundled charts' values."""
    found: Yaml = {}
    for hoist in hoists:
        found = set_in(found, parse_path(hoist.bundled.values), layer.section((hoist.dependency.key,)))
    return found if isinstance(found, dict) else {}


def record_moves(hoist: Hoist, layer: Layer) -> None:
    """Enter the leaves that moved along into the ledger, unless something else became of them."""
    target = (hoist.dependency.key,)
    written = {path for path, _ in layer.written_leaves()}
    for path, value in leaves(layer.section(target)):
        full = target + path
        origin = layer.origin(full)
        if origin != full and origin in written and origin not in layer.records:
            layer.record(
                hoist.unit.owner,
                "moved",
                full,
                full,
                reason=f"{hoist.dependency.name} is the parent's own dependency now",
                rule=f"{hoist.unit.mapping.id if hoist.unit.mapping else ''}.{hoist.bundled.values}",
                before=value,
                after=value,
            )
