"""``chartlift verify``: render two charts and compare, for any two charts."""

from __future__ import annotations

from pathlib import Path

import click

_PATH = click.Path(path_type=Path)


@click.command("verify")
@click.argument("before", type=_PATH)
@click.argument("after", type=_PATH)
@click.option(
    "-f",
    "--values",
    multiple=True,
    type=_PATH,
    metavar="FILE",
    help="Values for both sides, in Helm's order. Repeatable.",
)
@click.option("--values-before", multiple=True, type=_PATH, metavar="FILE", help="Values for BEFORE only.")
@click.option("--values-after", multiple=True, type=_PATH, metavar="FILE", help="Values for AFTER only.")
@click.option(
    "--chart-store",
    "stores",
    multiple=True,
    type=_PATH,
    metavar="DIR",
    help="Directory with charts for dependencies that are not vendored. Repeatable.",
)
@click.option("--release", default="release-name", show_default=True, help="Release name to render with.")
@click.option("--namespace", default="default", show_default=True, help="Namespace to render with.")
@click.option("--helm", type=_PATH, metavar="PATH", help="Render with this helm binary.")
@click.option("--timeout", type=click.FloatRange(1, 600), default=30.0, show_default=True, help="Seconds a render.")
@click.option("--accept", multiple=True, metavar="RULE", help="Acknowledge a rule by its id. Repeatable.")
@click.option(
    "--report", "reports", multiple=True, metavar="FILE", help="Also write a report (.md .json .html .sarif .xml .txt)."
)
def command(
    before: Path,
    after: Path,
    values: tuple[Path, ...],
    values_before: tuple[Path, ...],
    values_after: tuple[Path, ...],
    stores: tuple[Path, ...],
    release: str,
    namespace: str,
    helm: Path | None,
    timeout: float,
    accept: tuple[str, ...],
    reports: tuple[str, ...],
) -> int:
    """Render BEFORE and AFTER with Helm and compare the objects by meaning.

    Compared are images, names, selectors, Services, Secrets, claims, replicas, ports, sizes and what
    protects a workload; label noise and random values are left out. Exit code 4 when something that
    counts as an error differs, 0 when not; 2 when a side could not be rendered at all.

    \b
      chartlift verify charts/shop out/shop --chart-store ~/charts
      chartlift verify old.tgz new.tgz -f values-prod.yaml
    """  # fmt: skip
    from chartlift.cli.shared import check_reports, write_reports
    from chartlift.knowledge import load_knowledge
    from chartlift.report.as_text import render_text
    from chartlift.verify_two import Sides, verify_charts

    check_reports(reports)
    sides = Sides(before, after, (*values, *values_before), (*values, *values_after), release, namespace)
    result = verify_charts(
        sides, load_knowledge(), stores=stores, helm=helm, timeout=timeout, accepted=frozenset(accept)
    )
    write_reports(result, reports)
    click.echo(render_text(result, notes=True), nl=False)
    status = result.charts[0].verification.status
    return {"passed": 0, "failed": 4, "not-run": 2}[status]
