"""A bare values file for a named chart: converted by itself, as a direct release would use it."""

from __future__ import annotations

from chartlift.chart.discover import Input
from chartlift.chart.files import FileTree
from chartlift.chart.load import Chart
from chartlift.chart.metadata import ChartMetadata
from chartlift.errors import ChartliftError
from chartlift.knowledge import Knowledge
from chartlift.migration import Migrated
from chartlift.plan.release_plan import plan_release
from chartlift.rewrite.apply import apply_plans
from chartlift.settings import Settings


def migrate_values_file(source: Input, settings: Settings, knowledge: Knowledge) -> Migrated:
    """Convert the file (and those of ``--values`` as overlays beside it) for the chart that was named."""
    name, version = settings.chart_name or "", settings.chart_version
    if not version:
        raise ChartliftError(
            "the version of the chart is not said", file=source.label, help="Add --chart-version, such as 21.2.19."
        )
    files = [source.path, *settings.values]
    data = {file.name: _read(file) for file in files}
    if len(data) != len(files):
        raise ChartliftError("two values files have the same name", file=source.label, help="Give one at a time.")
    tree = FileTree(source.path.parent.as_posix(), data)
    metadata = ChartMetadata(name, version, "", "v2", "application", {}, (), "Chart.yaml")
    chart = Chart(source.label, name, metadata, {}, None, tree)
    plan = plan_release(chart, list(data), settings.options, knowledge)
    return Migrated(source, plan, apply_plans(tree, plan.files), plan.records)


def _read(file: object) -> bytes:
    from pathlib import Path

    path = Path(str(file))
    try:
        return path.read_bytes()
    except OSError as error:
        reason = (error.strerror or type(error).__name__).lower()
        raise ChartliftError(f"cannot be read: {reason}", file=str(path), help="Check the path.") from None
