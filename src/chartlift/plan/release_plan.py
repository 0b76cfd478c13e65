"""Plan a direct release: the values of one named chart, without a chart around them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from chartlift.chart.load import Chart
from chartlift.chart.versions import in_range
from chartlift.errors import ChartliftError
from chartlift.knowledge import Knowledge
from chartlift.mapping.engine import Conversion
from chartlift.mapping.model import Addition
from chartlift.plan.draft import read_layer
from chartlift.plan.files import ChartPlan, FilePlan
from chartlift.plan.flags import allow_foreign_images, needs_leave, wire_pull_secret
from chartlift.plan.harden import harden_unit
from chartlift.plan.images import ImagePlanner, ImageTally, image_records, left_as_they_are
from chartlift.plan.layers import Layer
from chartlift.plan.ledger import close_ledger
from chartlift.plan.mentions import NameChange
from chartlift.plan.options import Options
from chartlift.plan.remarks import conditional_findings, foretold_mounts, name_changes, name_findings, volume_findings
from chartlift.plan.successor import version_findings
from chartlift.plan.switch import apply_conversion, convert_unit
from chartlift.plan.target_images import plan_target_images
from chartlift.plan.units import Unit, choose_target
from chartlift.plan.vendor_values import vendor_paths_carried
from chartlift.records import ChartRecord, Finding, Foretold, ImageRecord, ValueRecord
from chartlift.yamltext.paths import get_in, parse_path


@dataclass(frozen=True, slots=True)
class PlannedValues:
    """What became of the values of a release; the layers themselves hold the edits."""

    images: tuple[ImageRecord, ...]
    values: tuple[ValueRecord, ...]
    findings: tuple[Finding, ...]
    names: tuple[NameChange, ...] = ()
    """Objects that are called otherwise now."""
    foretold: tuple[Foretold, ...] = ()


def plan_release(chart: Chart, names: Sequence[str], options: Options, knowledge: Knowledge) -> ChartPlan:
    """Convert the first file as the base and the others as its overlays."""
    unit = _unit(chart, options, knowledge)
    layers = [read_layer(chart, name) for name in names]
    planned = plan_values(unit, layers, options, knowledge)
    files = tuple(FilePlan(layer.file, tuple(layer.edits), expected=layer.data) for layer in layers if layer.edits)
    record = ChartRecord(
        chart.path, unit.name, unit.version, unit.strategy, "", unit.target,
        planned.images, planned.values, planned.findings,
    )  # fmt: skip
    return ChartPlan(chart, files, (record,), {})


def plan_values(unit: Unit, layers: Sequence[Layer], options: Options, knowledge: Knowledge) -> PlannedValues:
    """Plan the layers of a release, lowest first; each knows what lies below it."""
    tally, switched = ImageTally(), _Switched([])
    if unit.strategy == "images":
        planner = ImagePlanner(knowledge, options, only_source=unit.vendor is None)
        tally, findings = _harden(unit, layers, planner, knowledge)
    else:
        vendor = knowledge.vendors.sources.get(unit.vendor or "")
        switched = _switch(unit, layers, options, vendor.paths if vendor else ())
        findings = switched.findings
        tally = plan_target_images(unit, layers, ImagePlanner(knowledge, options))
        findings += [*tally.findings.values(), *left_as_they_are(tally)]
    changed = {unit.owner} if unit.strategy == "chart" or tally.changed else set()
    findings += wire_pull_secret(layers, [unit], changed, options, knowledge.vendors)
    values = tuple(record for records in close_ledger(layers).values() for record in records)
    judged = tuple(dict.fromkeys(replace(f, accepted=f.rule in options.accepted) for f in findings))
    return PlannedValues(image_records(tally), values, judged, switched.names, switched.foretold)


@dataclass(frozen=True, slots=True)
class _Switched:
    """What switching the chart gives besides the edits of the layers."""

    findings: list[Finding]
    names: tuple[NameChange, ...] = ()
    foretold: tuple[Foretold, ...] = ()


def _harden(
    unit: Unit, layers: Sequence[Layer], planner: ImagePlanner, knowledge: Knowledge
) -> tuple[ImageTally, list[Finding]]:
    tally, findings, defaults = harden_unit(unit, layers, planner, frozenset())
    switch = needs_leave(unit, defaults, tally, knowledge.vendors)
    findings += allow_foreign_images(layers, switch) if switch else ()
    return tally, [*findings, *tally.findings.values(), *left_as_they_are(tally)]


def _switch(unit: Unit, layers: Sequence[Layer], options: Options, paths: Sequence[str]) -> _Switched:
    conversion = convert_unit(unit, layers, options, frozenset(), _naming(unit))
    findings: list[Finding] = []
    for layer, wanted in zip(layers, conversion.layers, strict=True):
        findings += apply_conversion(unit, layer, wanted, frozenset())
    findings += version_findings(unit, layers[0].place(()))
    findings += vendor_paths_carried(unit, layers, conversion.layers, paths)
    changes = name_changes(unit, conversion.chains[0])
    findings += name_findings(unit, layers, changes)
    findings += conditional_findings(unit, layers, conversion.findings)
    findings += volume_findings(unit, layers, conversion.chains)
    findings += _databases_lost(unit, layers, conversion)
    foretold = tuple(foretold_mounts(unit, conversion.chains))
    return _Switched(findings, tuple(change for _, change in changes), foretold)


def _databases_lost(unit: Unit, layers: Sequence[Layer], conversion: Conversion) -> Iterator[Finding]:
    """What the source chart bundles lives on as a dependency of a parent, and here is none."""
    assert unit.mapping is not None  # noqa: S101 - strategy chart
    for bundled in unit.mapping.bundled:
        switch = parse_path(bundled.condition)
        if not any(get_in(chain.effective, switch, bundled.default) for chain in conversion.chains):
            continue
        yield Finding(
            "bundled-dependency-lost",
            "error",
            f"{unit.name} bundles {bundled.dependency}, the target chart does not: the upgrade would delete its "
            "workload, and nothing of the converted values names another",
            layers[0].place(parse_path(bundled.values)),
            f"Make a chart with {unit.name} as its dependency, convert that with these values below the dependency's "
            f"key, and {bundled.dependency} lives on beside it under the names it has. Or run {bundled.dependency} by "
            "a release of its own first, and point the values at it.",
        )


def _unit(chart: Chart, options: Options, knowledge: Knowledge) -> Unit:
    name, version = chart.name, chart.metadata.version
    known = [one for one in knowledge.mappings.of_chart(name) if in_range(version, one.source.versions)]
    mapping = choose_target(known, name, options.targets if options.strategy != "images" else {})
    if mapping is not None and mapping.target is not None and options.strategy != "images":
        return Unit((), name, version, True, mapping.source.vendor, mapping, "chart")
    if mapping is not None and mapping.images is not None and options.strategy != "chart":
        return Unit((), name, version, True, mapping.source.vendor, mapping, "images")
    raise ChartliftError(
        f"no mapping offers a hardened chart or hardened images for {name} {version}",
        file=chart.path,
        help="`chartlift mappings list` shows the charts and versions; without its chart only a chart can be converted "
        "that a mapping covers.",
    )


def _naming(unit: Unit) -> list[Addition]:
    """Keep the object names of the release although the chart is called otherwise."""
    assert unit.mapping is not None and unit.mapping.target is not None  # noqa: S101 - made above
    return [
        Addition("$.target.naming.release", path, "keeps the object names of the release", value)
        for path, value in unit.mapping.target.release_values.items()
    ]
