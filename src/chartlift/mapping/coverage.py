"""How much of the source charts the mappings speak of: for each tested version the fate of every value.

Counted as if a user had written out every default: what becomes of each value then is its fate. Charts
that keep their chart convert nothing, so for them only the images count.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from chartlift.errors import ChartliftError
from chartlift.mapping.engine import Given, convert
from chartlift.mapping.load import Mappings
from chartlift.mapping.model import Mapping
from chartlift.mapping.surfaces import source_surface, target_surface
from chartlift.records import USER_FATES, Fate


@dataclass(frozen=True, slots=True)
class Coverage:
    """One tested version of a source chart: how many values have which fate."""

    mapping: str
    chart: str
    version: str
    target: str
    """Chart and version; empty where the chart is kept."""
    fates: dict[Fate, int]

    @property
    def total(self) -> int:
        return sum(self.fates.values())


def cover(mappings: Mappings) -> Iterator[Coverage]:
    """Every tested version of every mapping, by id and in the order of the file."""
    for mapping_id in mappings.ids():
        mapping = mappings.get(mapping_id)
        for version in mapping.source.tested if mapping is not None else ():
            if mapping is not None:
                yield _cover(mapping, version)


def _cover(mapping: Mapping, version: str) -> Coverage:
    source = f"{mapping.source.vendor}/{mapping.source.chart}"
    if mapping.target is None:
        return Coverage(mapping.id, source, version, "", {})
    surface = source_surface(mapping, version)
    bundled = {one.values for one in mapping.bundled}
    values = {key: value for key, value in surface.data.items() if key not in bundled}
    try:
        converted = convert(
            mapping,
            version=version,
            source=surface,
            target=target_surface(mapping),
            layers=[Given(values, {})],
            name=mapping.source.chart,
        )
    except ChartliftError as error:
        raise ChartliftError(f"{mapping.id} {version}: {error.message}", file=mapping.file) from None
    counted = Counter(o.fate for o in converted.layers[0].outcomes if o.source is not None and o.fate in USER_FATES)
    target = f"{mapping.target.chart} {mapping.target.version}"
    return Coverage(mapping.id, source, version, target, {fate: counted[fate] for fate in USER_FATES})


def coverage_rows(found: Sequence[Coverage]) -> Iterator[tuple[str, ...]]:
    """Cells of a table: chart, version, target, one a fate, and all."""
    for one in found:
        if one.target:
            yield one.chart, one.version, one.target, *(str(one.fates[fate]) for fate in USER_FATES), str(one.total)
        else:
            yield one.chart, one.version, "stays", *("" for _ in USER_FATES), ""
