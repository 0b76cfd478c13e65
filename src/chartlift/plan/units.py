"""Recognise what a chart is made of: itself and each dependency, with the mapping that fits.

A unit is what gets one strategy: the chart, or one dependency under one key. A dependency is known by
its name and its repository, in any of the vendor's spellings; where the repository says nothing (a
vendored or ``file://`` chart), by what the vendored chart says of itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from chartlift.chart.load import Chart
from chartlift.chart.metadata import ChartMetadata, Dependency
from chartlift.chart.values import merge_values
from chartlift.chart.versions import in_range
from chartlift.errors import ChartliftError
from chartlift.knowledge import Knowledge
from chartlift.mapping.model import Mapping as MappingFile
from chartlift.plan.options import EVERY_CHART, Options
from chartlift.records import Strategy, TargetChart, Yaml, YamlPath


@dataclass(frozen=True, slots=True)
class Unit:
    """The chart itself (``key`` empty) or one dependency, and what is known of it."""

    key: YamlPath
    name: str
    version: str
    exact: bool
    """The version is a fact (locked, vendored or written out), not the newest that a range allows."""
    vendor: str | None = None
    mapping: MappingFile | None = None
    strategy: Strategy = "none"
    dependency: Dependency | None = None
    subchart: Chart | None = None
    reason: str = ""
    above: Mapping[str, Yaml] = field(default_factory=dict, repr=False)
    """What the charts around a nested one set for it in their own values."""

    @property
    def owner(self) -> str:
        """The key as text; it names the unit in the ledger."""
        return ".".join(map(str, self.key))

    @property
    def defaults(self) -> Mapping[str, Yaml] | None:
        """The values below the user's; None where the chart is not at hand."""
        if self.subchart is None:
            return None
        return merge_values(self.above, self.subchart.values) if self.above else self.subchart.values

    @property
    def target(self) -> TargetChart | None:
        if self.strategy != "chart" or self.mapping is None or self.mapping.target is None:
            return None
        target = self.mapping.target
        return TargetChart(target.chart, target.repository, target.version, target.app_version)


def find_units(chart: Chart, options: Options, knowledge: Knowledge, at_hand: Mapping[str, Chart] = {}) -> list[Unit]:
    """The chart itself first, then its dependencies in the order written.

    ``at_hand`` are charts of dependencies that are not vendored, by their key.
    """
    units = [_own_unit(chart, options, knowledge)]
    for dependency in chart.metadata.dependencies:
        subchart = chart.subchart_for(dependency) or at_hand.get(dependency.key)
        unit = _dependency_unit(chart, dependency, subchart, options, knowledge)
        units += [unit, *_nested_units(unit, options, knowledge)]
    return units


def _nested_units(unit: Unit, options: Options, knowledge: Knowledge) -> Iterator[Unit]:
    """The subcharts of a chart that is kept: they are kept as well, and their images hardened."""
    around = unit.subchart
    if unit.strategy != "images" or around is None:
        return
    for dependency in around.metadata.dependencies:
        inner = around.subchart_for(dependency)
        if inner is None or inner.is_library:
            continue
        below = _dependency_unit(around, dependency, inner, replace(options, strategy="images"), knowledge)
        section = (unit.defaults or {}).get(dependency.key)
        nested = replace(below, key=(*unit.key, dependency.key), above=section if isinstance(section, dict) else {})
        yield nested
        yield from _nested_units(nested, options, knowledge)


def _own_unit(chart: Chart, options: Options, knowledge: Knowledge) -> Unit:
    meta = chart.metadata
    vendor = vendor_of_chart(meta, knowledge)
    mapping = find_mapping(knowledge, meta.name, vendor, meta.version)
    # A chart that is the vendor's own, or a fork of it, is kept: its templates are the user's now.
    strategy: Strategy = "images" if vendor and options.strategy != "chart" else "none"
    return Unit((), meta.name, meta.version, True, vendor, mapping, strategy, None, chart)


def _dependency_unit(
    chart: Chart, dependency: Dependency, subchart: Chart | None, options: Options, knowledge: Knowledge
) -> Unit:
    version, exact = dependency_version(chart, dependency, subchart)
    unit = Unit((dependency.key,), dependency.name, version, exact, dependency=dependency, subchart=subchart)
    vendor = knowledge.vendors.vendor_of_repository(dependency.repository, options.source_prefixes)
    if vendor is None and subchart is not None and not dependency.repository.startswith(("https:", "oci:")):
        vendor = vendor_of_chart(subchart.metadata, knowledge)
    if vendor is None:
        return replace(unit, reason="not from a vendor that is known")
    if subchart is not None and subchart.is_library:
        return replace(unit, vendor=vendor, reason="a library chart: it renders nothing and has no hardened equivalent")
    return choose_strategy(replace(unit, vendor=vendor), options, knowledge)


def choose_strategy(unit: Unit, options: Options, knowledge: Knowledge) -> Unit:
    """``auto`` takes the chart where a mapping offers one, else the images."""
    if not unit.exact:
        unit = replace(unit, version=_newest_tested(unit, knowledge))
    targets = options.targets if options.strategy != "images" else {}
    mapping = find_mapping(knowledge, unit.name, unit.vendor, unit.version, targets)
    offers_chart = mapping is not None and mapping.target is not None
    if offers_chart and options.strategy in ("auto", "chart"):
        return replace(unit, mapping=mapping, strategy="chart")
    if options.strategy == "chart":
        return replace(unit, mapping=mapping, reason="no mapping offers a hardened chart for it")
    return replace(unit, mapping=mapping, strategy="images", reason=_why_images(unit, knowledge, mapping))


def _why_images(unit: Unit, knowledge: Knowledge, mapping: MappingFile | None) -> str:
    known = knowledge.mappings.find(unit.name, unit.vendor or "")
    if known and mapping is None:
        ranges = ", ".join(m.source.versions for m in known)
        return f"version {unit.version} is outside what the mapping covers ({ranges})"
    return "" if mapping is not None else "no mapping for this chart: only its images can be hardened"


def find_mapping(
    knowledge: Knowledge, name: str, vendor: str | None, version: str, targets: Mapping[str, str] = {}
) -> MappingFile | None:
    """The mapping whose version range holds the version; None where there is none.

    Of several the one whose target the user asked for, else the one that is not on request.
    """
    known = knowledge.mappings.find(name, vendor) if vendor is not None else []
    return choose_target([mapping for mapping in known if in_range(version, mapping.source.versions)], name, targets)


def choose_target(mappings: Sequence[MappingFile], chart: str, targets: Mapping[str, str]) -> MappingFile | None:
    """Of mappings for one chart and version, the one to take."""
    asked = targets.get(chart) or targets.get(EVERY_CHART)
    wanted = (m for m in mappings if m.target is not None and m.target.vendor == asked)
    usual = (m for m in mappings if m.target is None or not m.target.on_request)
    return next(wanted, None) or next(usual, None)


def check_targets(options: Options, knowledge: Knowledge) -> None:
    """Refuse a ``--target`` that no mapping offers, before any work is done."""
    for chart, vendor in options.targets.items():
        offered = knowledge.mappings.target_vendors(None if chart == EVERY_CHART else chart)
        if vendor not in offered:
            what = "no chart" if chart == EVERY_CHART else f"no chart for {chart}"
            raise ChartliftError(
                f"--target {vendor}: {what} of that vendor is in the mappings",
                help=f"There is {', '.join(offered)}." if offered else "`chartlift mappings list` shows the targets.",
            )


def _newest_tested(unit: Unit, knowledge: Knowledge) -> str:
    """For a range without a lock: the newest version that a mapping was tested with and that fits."""
    for mapping in knowledge.mappings.find(unit.name, unit.vendor or ""):
        for version in mapping.source.tested:
            if in_range(version, unit.version):
                return version
    return unit.version


def dependency_version(chart: Chart, dependency: Dependency, subchart: Chart | None) -> tuple[str, bool]:
    """The version in use: vendored, else locked, else as written; and whether that is exact."""
    if subchart is not None:
        return subchart.metadata.version, True
    for locked in chart.lock:
        if locked.name == dependency.name and in_range(locked.version, dependency.version):
            return locked.version, True
    return exact_version(dependency.version)


def exact_version(written: str) -> tuple[str, bool]:
    """The version as written, and whether it is one version and no range."""
    plain = written.strip().removeprefix("v").removeprefix("=")
    exact = plain.count(".") == 2 and all(part.isdigit() for part in plain.split("-")[0].split("."))
    return (plain if exact else written), exact


def vendor_of_chart(meta: ChartMetadata, knowledge: Knowledge) -> str | None:
    """The vendor that a chart's own metadata names: sources, home, or the images it lists."""
    return knowledge.vendors.vendor_of_metadata(meta.home, meta.sources, meta.annotations)
