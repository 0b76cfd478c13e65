"""What lies beside ``Chart.yaml`` and speaks of the old dependency: the lock, the chart in ``charts/``.

``helm dependency build``, which Argo CD runs, refuses a lock that is out of sync; ``helm template``
renders every chart in ``charts/``, named or not, so the old one has to go with its dependency.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from chartlift.chart.load import Chart
from chartlift.plan.files import FilePlan
from chartlift.plan.units import Unit
from chartlift.records import Finding, Place

_LOCKS = ("Chart.lock", "requirements.lock")


def stale_files(chart: Chart, switched: Sequence[Unit]) -> Iterator[FilePlan]:
    """The files to remove once the units are switched."""
    for name in _LOCKS:
        if chart.read(name) is not None:
            yield FilePlan(chart.file_path(name), delete=True)
    for unit in switched:
        for path in _vendored_files(chart, unit, switched):
            yield FilePlan(path, delete=True)


def _vendored_files(chart: Chart, unit: Unit, switched: Sequence[Unit]) -> list[str]:
    """Files of the vendored chart, unless another dependency that stays uses the same one."""
    vendored = chart.vendored(unit.dependency) if unit.dependency is not None else None
    if vendored is None:
        return []
    gone = {other.key for other in switched}
    for dependency in chart.metadata.dependencies:
        if (dependency.key,) not in gone and chart.vendored(dependency) is vendored:
            return []
    if vendored.archive:
        return [vendored.archive]
    return [file.path for file in chart.tree.under(vendored.prefix)]


def stale_findings(chart: Chart, switched: Sequence[Unit]) -> Iterator[Finding]:
    """Say what was removed and what has to be run where the registry can be reached."""
    removed = [plan.path for plan in stale_files(chart, switched)]
    locks = [path for path in removed if path.rsplit("/", 1)[-1] in _LOCKS]
    if locks:
        yield Finding(
            "stale-lock-removed",
            "warning",
            f"{locks[0]} named the old dependencies and was removed",
            Place(locks[0]),
            "Run `helm dependency update` where you are logged in to the registry, and commit the new lock file.",
        )
    for unit in switched:
        files = _vendored_files(chart, unit, switched)
        if files:
            where = files[0] if len(files) == 1 else files[0].rsplit("/", 1)[0]
            yield Finding(
                "vendored-chart-removed",
                "warning",
                f"the vendored chart {unit.name} {unit.version} was removed ({len(files)} files): Helm would "
                "render it beside its successor",
                Place(where),
                "If it carried changes of yours, find them in version control; then vendor the new chart.",
            )
