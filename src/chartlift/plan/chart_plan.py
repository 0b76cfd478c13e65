"""Plan one chart: its own images, each dependency by its strategy, its manifest, its ledger.

The order matters and is the whole of this module: bundled databases move up first, so that they are
dependencies like any other; then values are converted and images hardened; then what speaks of the
changes (templates, other values) is searched; the books are closed last.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from chartlift.chart.load import Chart
from chartlift.chart.metadata import Dependency
from chartlift.knowledge import Knowledge
from chartlift.mapping.surfaces import source_surface, target_surface
from chartlift.plan.draft import Draft, read_layers
from chartlift.plan.environments import below_each, every_chain
from chartlift.plan.files import ChartPlan, External, FilePlan
from chartlift.plan.flags import allow_foreign_images, needs_leave, wire_pull_secret
from chartlift.plan.harden import harden_unit
from chartlift.plan.held import values_read
from chartlift.plan.hoist import Hoist, bundled_values, move_values, plan_hoists, record_moves
from chartlift.plan.images import image_records, left_as_they_are, note_added
from chartlift.plan.layers import Layer
from chartlift.plan.ledger import close_ledger
from chartlift.plan.live import is_live
from chartlift.plan.manifest_plan import plan_manifest
from chartlift.plan.mentions_plan import Changes, path_changes, plan_templates, value_mentions
from chartlift.plan.options import Options
from chartlift.plan.own_images import plan_template_images
from chartlift.plan.remarks import (
    conditional_findings,
    foretold_mounts,
    lasting_defaults,
    name_changes,
    name_findings,
    volume_findings,
)
from chartlift.plan.successor import successor_findings
from chartlift.plan.switch import apply_conversion, convert_unit, is_held
from chartlift.plan.target_images import plan_target_images
from chartlift.plan.units import Unit, choose_strategy, find_units
from chartlift.plan.vendor_values import vendor_paths_carried
from chartlift.plan.vendored import stale_findings
from chartlift.records import ChartRecord, Finding, Place, ValueRecord, YamlPath, format_path
from chartlift.yamltext.document import Document
from chartlift.yamltext.load import decode
from chartlift.yamltext.paths import get_in


def plan_chart(
    chart: Chart,
    overlays: Sequence[str],
    options: Options,
    knowledge: Knowledge,
    at_hand: Mapping[str, Chart] = {},
    external: Sequence[External] = (),
    chains: Mapping[str, Sequence[str]] = {},
) -> ChartPlan:
    """Plan a chart with its values file, overlay files (paths relative to the chart) and values outside of it."""
    units = find_units(chart, options, knowledge, at_hand)
    below = below_each(overlays, chains)
    own = read_layers(chart, overlays)
    for name, layer in zip(overlays, own[1:], strict=True):
        layer.below = below[name]
    layers = [*own, *(one.layer for one in external)]
    draft = Draft(chart, options, knowledge, layers, units)
    _hoist(draft)
    for unit in draft.units:
        _plan_unit(draft, unit)
    changed = {owner for owner, tally in draft.tallies.items() if tally.changed}
    draft.note("", wire_pull_secret(draft.layers, draft.units, changed, options, knowledge.vendors))
    for switch in dict.fromkeys(draft.switches):
        draft.note("", allow_foreign_images(draft.layers, switch))
    for hoist in draft.hoists:
        for layer in draft.layers:
            record_moves(hoist, layer)
    texts = _plan_texts(draft)
    manifest = list(plan_manifest(draft))
    draft.note("", stale_findings(chart, draft.switched) if draft.switched else ())
    books = close_ledger(draft.layers)
    files = (*_values_plans(draft.layers[: len(overlays) + 1], chart), *manifest, *texts)
    rendered = every_chain(overlays, chains)
    return ChartPlan(
        chart, files, tuple(_records(draft, books)), rendered, tuple(draft.foretold), tuple(external), tuple(layers),
        tuple(change for _, change in draft.names),
    )  # fmt: skip


def _hoist(draft: Draft) -> None:
    taken = {unit.owner for unit in draft.units}
    for unit in draft.switched:
        for hoist in plan_hoists(draft.chart, unit, draft.layers, taken):
            draft.hoists.append(hoist)
            draft.note(unit.owner, move_values(hoist, draft.layers))
            draft.units.append(_hoisted_unit(draft, hoist))


def _hoisted_unit(draft: Draft, hoist: Hoist) -> Unit:
    """The kept database as a unit of its own.

    It goes over to a hardened chart only where that is a fork with the same values and names, or where the switched
    chart was told nothing of it: what it was told has to stay true. Else it keeps its chart, whatever was asked for
    the parent.
    """
    new = hoist.dependency
    dependency = Dependency(new.name, new.version, new.repository, new.alias or "", new.condition or "", index=-1)
    vendor = draft.knowledge.vendors.vendor_of_repository(new.repository, draft.options.source_prefixes)
    around = hoist.unit.subchart
    subchart = next((c for c in (around.subcharts if around else ()) if c.name == new.name), None)
    unit = Unit((new.key,), new.name, new.version, False, vendor, None, "none", dependency, subchart)
    if subchart is not None:
        unit = replace(unit, version=subchart.metadata.version, exact=True)
    switched = choose_strategy(unit, replace(draft.options, strategy="auto"), draft.knowledge)
    target = switched.mapping.target if switched.mapping is not None else None
    if draft.options.strategy != "images" and target is not None and (target.same_values or not hoist.bundled.wiring):
        return switched
    return choose_strategy(unit, replace(draft.options, strategy="images"), draft.knowledge)


def _plan_unit(draft: Draft, unit: Unit) -> None:
    if unit.strategy == "chart":
        _switch(draft, unit)
    elif unit.strategy == "images" or not unit.key:
        tally, findings, defaults = harden_unit(unit, draft.layers, draft.planner, _keys_of_others(draft, unit))
        draft.tallies[unit.owner] = tally
        if is_live(unit, draft.units, draft.layers):
            draft.note(unit.owner, findings)
        else:
            tally.findings.clear()
        own = defaults or draft.layers[0].section(unit.key)
        switch = needs_leave(unit, own, tally, draft.knowledge.vendors)
        draft.switches += [switch] if switch else []
    if unit.reason and unit.vendor:
        draft.note(unit.owner, [_left(draft, unit)])


def _keys_of_others(draft: Draft, unit: Unit) -> frozenset[str]:
    """Keys below a unit that belong to other units; a chart of nobody we know is left to the one around it."""
    depth = len(unit.key)
    return frozenset(
        str(other.key[depth])
        for other in draft.units
        if len(other.key) > depth and other.key[:depth] == unit.key and other.vendor is not None
    )


def _switch(draft: Draft, unit: Unit) -> None:
    hoists = [hoist for hoist in draft.hoists if hoist.unit.key == unit.key]
    own = _parents_keys(unit)
    beside = [bundled_values(hoists, layer) for layer in draft.layers]
    wiring = [addition for hoist in hoists for addition in hoist.bundled.wired()]
    conversion = convert_unit(unit, draft.layers, draft.options, own, wiring, beside)
    held = values_read(draft.chart, unit.key)
    for layer, wanted in zip(draft.layers, conversion.layers, strict=True):
        draft.note(unit.owner, apply_conversion(unit, layer, wanted, own, held))
        draft.held |= {unit.key + o.source for o in wanted.outcomes if o.source and is_held(o, held)}
    draft.note(unit.owner, lasting_defaults(unit, draft.layers[0], conversion.layers[0]))
    draft.note(unit.owner, _hold_defaults(draft, unit, held))
    draft.note(unit.owner, _imports(draft, unit))
    draft.note(unit.owner, successor_findings(unit, draft.chart.metadata.file))
    vendor = draft.knowledge.vendors.sources.get(unit.vendor or "")
    draft.note(unit.owner, vendor_paths_carried(unit, draft.layers, conversion.layers, vendor.paths if vendor else ()))
    changes = name_changes(unit, conversion.chains[0])
    draft.names += [(unit.owner, change) for _, change in changes]
    draft.note(unit.owner, name_findings(unit, draft.layers, changes))
    draft.note(unit.owner, conditional_findings(unit, draft.layers, conversion.findings))
    draft.note(unit.owner, volume_findings(unit, draft.layers, conversion.chains))
    draft.foretold.extend(foretold_mounts(unit, conversion.chains))
    draft.tallies[unit.owner] = plan_target_images(unit, draft.layers, draft.planner)


def _imports(draft: Draft, unit: Unit) -> Iterator[Finding]:
    """``import-values`` reads paths of the subchart, which are others in a chart with another schema."""
    assert unit.mapping is not None and unit.mapping.target is not None  # noqa: S101 - strategy chart
    if unit.dependency is None or not unit.dependency.import_values or unit.mapping.target.same_values:
        return
    place = Place(draft.chart.metadata.file, None, f"dependencies[{unit.dependency.index}].import-values")
    yield Finding(
        "import-values-kept",
        "error",
        f"import-values of {unit.owner} reads values by the paths of the old chart; it was left as it is",
        place,
        "Point each `child` at the value's path in the target chart (`chartlift explain` names it), then accept this.",
    )


def _hold_defaults(draft: Draft, unit: Unit, held: Mapping[YamlPath, Place]) -> Iterator[Finding]:
    """Defaults of the old chart that a template of the parent reads and the target does not have."""
    assert unit.mapping is not None and unit.mapping.target is not None  # noqa: S101 - strategy chart
    source = source_surface(unit.mapping, unit.version).data
    target = target_surface(unit.mapping).data
    base = draft.layers[0]
    for path, place in held.items():
        default = get_in(source, path, None)
        if default is None or get_in(target, path, None) is not None or base.has(unit.key + path):
            continue
        base.set(unit.key + path, default)
        reason = f"a default of the old chart that {place.file}:{place.line} reads"
        note_added(unit.owner, base, unit.key + path, default, reason, "value-held")
        yield Finding("value-held", "warning", f"{format_path(unit.key + path)} was written out: {reason}", place)


def _parents_keys(unit: Unit) -> frozenset[str]:
    """Keys under the unit that only its condition reads: the parent's, not the chart's."""
    conditions = unit.dependency.condition.split(",") if unit.dependency is not None else []
    paths = [condition.strip().split(".") for condition in conditions]
    return frozenset(path[1] for path in paths if len(path) == 2 and path[0] == unit.owner)


def _left(draft: Draft, unit: Unit) -> Finding:
    place = Place(draft.chart.metadata.file, None, unit.owner)
    if unit.strategy == "none" and not (unit.subchart and unit.subchart.is_library):
        return Finding("no-hardened-chart", "warning", f"{unit.name} {unit.version} stays: {unit.reason}", place)
    return Finding("chart-kept", "note", f"{unit.name} {unit.version}: {unit.reason}", place)


def _plan_texts(draft: Draft) -> list[FilePlan]:
    """Templates: images written in them, and what they say of changed values and names."""
    images = (
        []
        if draft.options.strategy == "chart"
        else list(plan_template_images(draft.chart, draft.planner, draft.tally("")))
    )
    changes = Changes(tuple(path_changes(draft.layers, draft.held)), tuple(draft.names))
    mentions, found = plan_templates(draft.chart, changes, draft.options.release)
    found += value_mentions(draft.layers, changes, draft.options.release)
    for owner, finding in found:
        draft.note(owner, [finding])
    merged: dict[str, FilePlan] = {}
    for plan in [*images, *mentions]:
        known = merged.get(plan.path)
        splices = plan.splices if known is None else known.splices + plan.splices
        merged[plan.path] = FilePlan(plan.path, splices=tuple(sorted(splices)))
    return [merged[path] for path in sorted(merged)]


def _values_plans(own: Sequence[Layer], chart: Chart) -> Iterator[FilePlan]:
    for layer in own:
        if layer.edits:
            yield FilePlan(chart.file_path(layer.file), tuple(layer.edits), expected=layer.data)


def _records(draft: Draft, books: Mapping[str, Sequence[ValueRecord]]) -> Iterator[ChartRecord]:
    accepted = draft.options.accepted
    for unit in draft.units:
        tally = draft.tally(unit.owner)
        findings = [*draft.findings.get(unit.owner, []), *tally.findings.values(), *left_as_they_are(tally)]
        judged = {replace(finding, accepted=finding.rule in accepted) for finding in findings}
        yield ChartRecord(
            path=draft.chart.path,
            name=unit.name,
            version=unit.version,
            strategy=unit.strategy,
            key=unit.owner,
            target=draft.target(unit),
            images=image_records(tally),
            values=tuple(books.get(unit.owner, ())),
            findings=tuple(sorted(judged, key=_rank)),
            mapping=_speaker(unit),
            vendor=unit.vendor or "",
            place=_named_at(draft, unit),
        )


def _named_at(draft: Draft, unit: Unit) -> Place | None:
    """Where the user's own files name a dependency; what was hoisted or lies in another chart they do not name."""
    if unit.dependency is None or unit.dependency.index < 0 or len(unit.key) != 1:
        return None
    metadata = draft.chart.metadata
    text = decode(draft.chart.tree.files[draft.chart.file_path(metadata.file)], file=metadata.file)
    line = Document.parse(text, file=metadata.file).line_of(("dependencies", unit.dependency.index))
    return Place(metadata.file, line, f"dependencies[{unit.dependency.index}]")


def _speaker(unit: Unit) -> str:
    """The mapping that was worked out for the images the unit runs: the target chart's, or the kept chart's."""
    if unit.mapping is None or unit.strategy == "none":
        return ""
    return unit.mapping.id if unit.strategy == "chart" or unit.mapping.images is not None else ""


_LEVELS = {"error": 0, "warning": 1, "note": 2}


def _rank(finding: Finding) -> tuple[int, str, int, str, str]:
    place = finding.place
    return _LEVELS[finding.level], place.file, place.line or 0, finding.rule, finding.message
