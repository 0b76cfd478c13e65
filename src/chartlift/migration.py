"""One run: load -> plan -> rewrite -> verify, for each input; what it decided goes to the reports.

This is the only module that knows all stages. Each input is handled by itself, so that one that
cannot be used never stops the rest (design, "Command line").
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from chartlift.chart.archive import SUFFIXES
from chartlift.chart.discover import Input
from chartlift.chart.files import FileTree
from chartlift.chart.load import VALUES_FILE, Chart, load_chart
from chartlift.chart.metadata import Dependency
from chartlift.chart.overlays import find_values_files
from chartlift.chart.versions import in_range
from chartlift.errors import EditRefused
from chartlift.knowledge import Knowledge
from chartlift.plan.chart_plan import plan_chart
from chartlift.plan.environments import NO_ENVIRONMENTS, Environments, in_order
from chartlift.plan.files import ChartPlan, External
from chartlift.plan.options import Options
from chartlift.records import ChartRecord, Finding, Place
from chartlift.rewrite.apply import apply_plans
from chartlift.rewrite.output import changed_tree, replace_file, write_in_place, write_packed, write_tree

if TYPE_CHECKING:
    from chartlift.references.local import Outside

Changes = Mapping[str, bytes | None]


@dataclass(frozen=True, slots=True)
class Migrated:
    """One input, planned and rewritten in memory; nothing is on the disk yet."""

    source: Input
    plan: ChartPlan
    changes: Changes
    records: tuple[ChartRecord, ...]
    outside: Changes = field(default_factory=dict)
    """New bytes of files outside the chart that hold values for it, by their path from the repository's root."""

    @property
    def tree(self) -> FileTree:
        return changed_tree(self.plan.chart.tree, self.changes)


def migrate_input(
    source: Input,
    overlays: Sequence[str],
    options: Options,
    knowledge: Knowledge,
    *,
    rewrite: bool = True,
    stores: Sequence[Path] = (),
    outside: Outside | None = None,
    environments: Environments = NO_ENVIRONMENTS,
) -> Migrated:
    """Load, plan and rewrite one chart in memory.

    Where an edit cannot be made safely the whole chart stays as it is, with a blocking finding: half
    a migration (a switched chart under values that were not converted) could lose data.
    """
    chart = load_chart(source.path, label=source.label)
    names = [*find_values_files(chart), *(name for name in overlays if name)]
    chains = environments.chains(_files_of(chart))
    overlays = in_order(names, chains)
    external, unread = _external(outside, overlays)
    plan = plan_chart(chart, overlays, options, knowledge, _from_stores(chart, stores), external, chains)
    records = _with_findings(plan.records, [*unread, *_templated(external, plan.records)], options)
    if not rewrite:
        return Migrated(source, plan, {}, records)
    try:
        changes = apply_plans(chart.tree, plan.files)
        texts = _external_texts(outside, external)
    except EditRefused as refused:
        return Migrated(source, plan, {}, _refused(plan, refused, options))
    return Migrated(source, plan, changes, records, texts)


def _files_of(chart: Chart) -> list[str]:
    """The YAML files of a chart, without its own values, by path."""
    start = len(chart.prefix)
    names = (path[start:] for path in chart.tree if path.startswith(chart.prefix))
    return sorted(name for name in names if name.endswith((".yaml", ".yml")) and name != VALUES_FILE)


def _external(outside: Outside | None, overlays: Sequence[str]) -> tuple[list[External], list[Finding]]:
    if outside is None:
        return [], []
    from chartlift.references.local import external_layers

    return external_layers(outside, [VALUES_FILE, *overlays])


def _external_texts(outside: Outside | None, external: Sequence[External]) -> Changes:
    if outside is None or not any(one.layer.edits for one in external):
        return {}
    from chartlift.references.local import external_texts

    return {path: text.encode("utf-8") for path, text in external_texts(outside, external).items()}


def _templated(external: Sequence[External], records: Sequence[ChartRecord]) -> Iterator[Finding]:
    if not external:
        return
    from chartlift.references.local import templated, templated_keys

    switched = {record.key for record in records if record.strategy == "chart" and record.key}
    for one in external:
        for key in sorted(templated_keys(one) & switched):
            yield templated(one, key)


def _with_findings(
    records: tuple[ChartRecord, ...], findings: Sequence[Finding], options: Options
) -> tuple[ChartRecord, ...]:
    """What was found around the chart goes to its own record, where anything of it changes at all."""
    if not findings or all(record.strategy == "none" for record in records):
        return records
    judged = tuple(replace(one, accepted=one.rule in options.accepted) for one in findings)
    return (replace(records[0], findings=(*records[0].findings, *judged)), *records[1:])


def _from_stores(chart: Chart, stores: Sequence[Path]) -> dict[str, Chart]:
    """Charts of dependencies that are not vendored but lie in a chart store."""
    if not stores:
        return {}
    from chartlift.verify.store import store_of

    store, found = store_of(stores), {}
    for dependency in chart.metadata.dependencies:
        path = None if chart.subchart_for(dependency) else store.find(dependency.name, _locked(chart, dependency))
        if path is not None:
            found[dependency.key] = load_chart(path, label=f"{dependency.name} (chart store)")
    return found


def _locked(chart: Chart, dependency: Dependency) -> str:
    for locked in chart.lock:
        if locked.name == dependency.name and in_range(locked.version, dependency.version):
            return locked.version
    return dependency.version


def _refused(plan: ChartPlan, refused: EditRefused, options: Options) -> tuple[ChartRecord, ...]:
    finding = Finding(
        "edit-refused",
        "error",
        f"{refused.message}; the chart was left as it is",
        Place(_relative(plan.chart, refused.file), refused.line, refused.path),
        refused.help or "Write this place in a plainer form, then run again.",
        "edit-refused" in options.accepted,
    )
    own = plan.records[0]
    untouched = [
        replace(record, strategy="none", target=None, images=(), values=(), findings=()) for record in plan.records[1:]
    ]
    return (replace(own, strategy="none", images=(), values=(), findings=(finding,)), *untouched)


def _relative(chart: Chart, file: str | None) -> str:
    label = chart.tree.label
    return (file or "").removeprefix(f"{label}/") if label not in ("", ".") else file or ""


def output_path(source: Input, out: Path) -> Path:
    """``OUT/<name of PATH>/<where below it>``; a packed chart stays packed."""
    name = source.base.resolve().name
    return out / name if source.relative == "." else out / name / source.relative


def write_output(one: Migrated, out: Path) -> None:
    """Write the rewritten tree, archive or values files under ``out``."""
    target = output_path(one.source, out)
    if one.source.kind == "values":
        for path, data in one.tree.files.items():
            replace_file(out / path, data)
    elif one.source.path.name.endswith(SUFFIXES):
        write_packed(one.tree, target, one.plan.chart.name)
    else:
        write_tree(one.tree, target)


def write_back(one: Migrated) -> None:
    """Change the input where it is."""
    if one.source.kind == "values":
        write_in_place(one.plan.chart.tree, one.source.path.parent, one.changes)
    elif one.source.path.name.endswith(SUFFIXES):
        if one.changes:
            write_packed(one.tree, one.source.path, one.plan.chart.name)
    else:
        write_in_place(one.plan.chart.tree, one.source.path, one.changes)


def unified_diff(one: Migrated) -> Iterator[str]:
    """The change as a unified diff, file by file."""
    return diff_files(one.plan.chart.tree.label, one.plan.chart.tree.files, one.changes)


def diff_files(label: str, before: Mapping[str, bytes], changes: Changes) -> Iterator[str]:
    """The change of files below ``label`` as a patch that ``git apply -p1`` takes, in order."""
    prefix = "/".join(part for part in label.split("/") if part not in ("", ".", ".."))
    for path, after in sorted(changes.items()):
        yield from _diff_file(f"{prefix}/{path}" if prefix else path, before.get(path), after)


def _diff_file(place: str, before: bytes | None, after: bytes | None) -> Iterator[str]:
    source = f"a/{place}" if before is not None else "/dev/null"
    target = f"b/{place}" if after is not None else "/dev/null"
    for line in difflib.unified_diff(_lines(before), _lines(after), source, target):
        yield line if line.endswith("\n") else line + "\n\\ No newline at end of file\n"


def _lines(data: bytes | None) -> list[str]:
    """Lines as a patch counts them: they end in a line feed, and nowhere else (``splitlines`` knows eight others)."""
    text = (data or b"").decode("utf-8", "replace")
    return [line for line in re.split(r"(?<=\n)", text) if line]
