"""What a reviewer should know of the chart that takes over: the key it keeps, and where its number stands.

Most target charts are other charts with numbers of their own, which say nothing beside the source's. A fork goes on
counting where its source stood: then a lower number lacks what the source chart changed since, and each major that
is crossed changed values, which a mapping bridges and its release notes explain.
"""

from __future__ import annotations

from collections.abc import Iterator

from chartlift.chart.versions import Version, parse_version
from chartlift.mapping.model import Mapping
from chartlift.plan.units import Unit
from chartlift.records import Finding, Place


def successor_findings(unit: Unit, file: str) -> Iterator[Finding]:
    """What is to be said at the entry of the dependency; of one that a chart bundled only its key is known."""
    index = unit.dependency.index if unit.dependency is not None else -1
    entry = f"dependencies[{index}]" if index >= 0 else unit.owner
    yield from _key_kept(unit, Place(file, None, entry))
    yield from version_findings(unit, Place(file, None, entry))


def _key_kept(unit: Unit, place: Place) -> Iterator[Finding]:
    """Rule ``alias-added``: values, conditions and names of objects go by the key of a dependency."""
    target, dependency = unit.target, unit.dependency
    if target is None or dependency is None or dependency.alias or target.name == dependency.name:
        return
    message = (
        f"{target.name} has the alias {unit.owner}: values, conditions, tags and names of objects go by it as before"
    )
    help_line = "Leave the alias: without it every object would get another name, and the values would reach nothing."
    yield Finding("alias-added", "note", message, place, help_line)


def version_findings(unit: Unit, place: Place) -> Iterator[Finding]:
    """Rules ``chart-version-downgrade`` and ``chart-majors-crossed``, unless the mapping speaks of them itself."""
    mapping = unit.mapping
    was = parse_version(unit.version)
    if mapping is None or mapping.target is None or was is None:
        return
    now = _continued(mapping)
    if now is None:
        return
    spoken = {condition.rule for condition in mapping.findings}
    numbers = f"{unit.name} {unit.version} becomes {mapping.target.chart} {mapping.target.version}"
    if now < was and "chart-version-downgrade" not in spoken:
        message = f"{numbers}, a fork of an older version: what was changed after it is not in there"
        help_line = f"Read the changelog of {unit.name} from {now.major}.{now.minor} on for values that you use."
        yield Finding("chart-version-downgrade", "warning", message, place, help_line)
    if now.major > was.major and "chart-majors-crossed" not in spoken:
        majors = ", ".join(str(major) for major in range(was.major + 1, now.major + 1))
        message = f"{numbers}, which crosses major {majors} of the chart; the values were converted for that"
        help_line = f"Read the upgrade notes of {unit.name} for major {majors}: what they ask of a cluster is not done."
        yield Finding("chart-majors-crossed", "warning", message, place, help_line)


def _continued(mapping: Mapping) -> Version | None:
    """The target's version, where it counts on from the source's: the same values, and no number below all of them."""
    if mapping.target is None or not mapping.target.same_values:
        return None
    now = parse_version(mapping.target.version)
    tested = [found for found in map(parse_version, mapping.source.tested) if found is not None]
    return now if now is not None and tested and now >= min(tested) else None
