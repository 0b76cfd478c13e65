"""The file plans of ``Chart.yaml``, of the file with the dependencies, and of what became stale."""

from __future__ import annotations

from collections.abc import Iterator

from chartlift.chart.load import Chart
from chartlift.chart.metadata import CHART_FILE
from chartlift.plan.draft import Draft
from chartlift.plan.files import FilePlan
from chartlift.plan.manifest import Switch, added_edits, bump_edits, switch_edits
from chartlift.plan.own_images import annotation_edits
from chartlift.plan.vendored import stale_files
from chartlift.records import Yaml
from chartlift.yamltext.document import Document
from chartlift.yamltext.edit import Edit, apply_to_data
from chartlift.yamltext.load import decode


def plan_manifest(draft: Draft) -> Iterator[FilePlan]:
    """Edits of dependencies, annotation and version; removal of the lock and of switched vendored charts."""
    chart = draft.chart
    by_file: dict[str, list[Edit]] = {chart.metadata.file: list(_dependency_edits(draft))}
    own = by_file.setdefault(CHART_FILE, [])
    if draft.units[0].strategy == "images":
        own += annotation_edits(_data(chart, CHART_FILE), draft.planner)
    if any(by_file.values()) or any(layer.edits for layer in draft.layers):
        own += bump_edits(chart, draft.options.bump)
    for name, edits in by_file.items():
        if edits:
            yield FilePlan(chart.file_path(name), tuple(edits), expected=apply_to_data(_data(chart, name), edits))
    if draft.switched:
        yield from stale_files(chart, draft.switched)


def _dependency_edits(draft: Draft) -> Iterator[Edit]:
    new = {hoist.dependency.key: hoist.dependency for hoist in draft.hoists}
    for unit in draft.switched:
        target = draft.target(unit)
        if target is not None and unit.owner in new:
            new[unit.owner] = new[unit.owner].switched(target)
        elif target is not None and unit.dependency is not None:
            yield from switch_edits(Switch(unit.dependency, target))
    yield from added_edits(draft.chart, list(new.values()))


def _data(chart: Chart, name: str) -> Yaml:
    path = chart.file_path(name)
    place = chart.tree.place(path)
    return Document.parse(decode(chart.tree.files[path], file=place), file=place).data
