"""``chartlift scan``: what is here and what it could become; nothing is written."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from chartlift.cli.configured import configured
from chartlift.cli.gate import baseline_options, check_baseline_options, pass_gate
from chartlift.cli.progress import showing_progress
from chartlift.cli.shared import (
    as_options,
    check_mirror_options,
    check_reports,
    exit_code,
    migration_options,
    write_mirror_list,
    write_reports,
)


@click.command("scan")
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="PATH...")
@migration_options
@click.option(
    "--chart-store",
    "stores",
    multiple=True,
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Directory with charts (folders or .tgz) of dependencies that are not vendored; repeatable.",
)
@click.option("--jobs", type=click.IntRange(1, 64), default=1, show_default=True, help="Charts worked on at a time.")
@click.option("--check", is_flag=True, help="Exit 1 if a chart could be moved or an image hardened.")
@baseline_options
@click.option("--json", "as_json", is_flag=True, help="Print the JSON report instead of the table.")
@click.option("-v", "--verbose", is_flag=True, help="Print every finding, also notes.")
def command(paths: tuple[Path, ...], **given: Any) -> int:
    """Say which charts and images come from a known vendor and what they could become.

    The plan is worked out in full, so the findings are those that `migrate` would give; only nothing is
    written and nothing is rendered.

    \b
      chartlift scan charts/
      chartlift scan charts/shop --json | jq .summary
      chartlift scan . --check --baseline .chartlift-baseline.yaml
    """
    check_reports(given["reports"])
    check_mirror_options(given)
    check_baseline_options(given)
    from chartlift.batch import run_batch
    from chartlift.settings import Settings

    settings = Settings(
        options=as_options(given),
        values=given["values"],
        chart_name=given["chart_name"],
        chart_version=given["chart_version"],
        mappings=given["mappings"],
        verify=False,
        rewrite=False,
        stores=given["stores"],
        jobs=given["jobs"],
    )
    with showing_progress(quiet=given["quiet"]) as progress:
        run = run_batch(paths, configured(given, settings), progress)
    write_reports(run.result, given["reports"])
    write_mirror_list(run.result, given["mirror_list"])
    if given["baseline"] is not None:
        return _gate(run, paths, given)
    _print(run, given)
    blocked_is_fine = 0 if not given["check"] else exit_code(run.result, run.changed, True)
    return max(min(blocked_is_fine, 1), run.failed)


def _gate(run: Any, paths: tuple[Path, ...], given: dict[str, Any]) -> int:
    """With a baseline only what is new is told; nothing is written where something could not be read."""
    from chartlift.cli.shared import complain
    from chartlift.report.as_json import render_json

    for failure in run.failures:
        complain(failure)
    if given["write_baseline"] and run.failures:
        return int(run.failed)
    if given["as_json"]:
        click.echo(render_json(run.result), nl=False)
    return max(pass_gate(run.result, paths, given), int(run.failed))


def _print(run: Any, given: dict[str, Any]) -> None:
    from chartlift.cli.shared import complain
    from chartlift.report.as_json import render_json
    from chartlift.report.as_text import render_scan

    for failure in run.failures:
        complain(failure)
    if not run.result.charts:
        return
    if given["as_json"]:
        click.echo(render_json(run.result), nl=False)
    elif not given["quiet"]:
        click.echo(render_scan(run.result, notes=given["verbose"]), nl=False)
