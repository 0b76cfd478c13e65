"""``chartlift migrate``: write the rewritten charts, prove them, report."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from chartlift.cli.configured import configured
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
from chartlift.errors import ChartliftError


@click.command("migrate")
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="PATH...")
@click.option("-o", "--output", type=click.Path(path_type=Path), metavar="DIR", help="Write DIR/<name of PATH>/.")
@click.option("--in-place", is_flag=True, help="Edit the charts where they are.")
@migration_options
@click.option(
    "--bump",
    type=click.Choice(["none", "patch", "minor", "major"]),
    default="none",
    show_default=True,
    help="Raise the chart's own version.",
)
@click.option("--verify/--no-verify", default=True, show_default=True, help="Render before and after and compare.")
@click.option(
    "--chart-store",
    "stores",
    multiple=True,
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Directory with charts (folders or .tgz) to render with; repeatable.",
)
@click.option("--helm", type=click.Path(path_type=Path), metavar="PATH", help="Render with this helm binary.")
@click.option("--timeout", type=click.FloatRange(1, 600), default=30.0, show_default=True, help="Seconds a render.")
@click.option("--jobs", type=click.IntRange(1, 64), default=1, show_default=True, help="Charts worked on at a time.")
@click.option(
    "--journal",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Note each finished chart in FILE; run again with it, a run that was cut short goes on.",
)
@click.option("--check", is_flag=True, help="Write no chart; exit 1 if one would change.")
@click.option("--diff", "show_diff", is_flag=True, help="Print the change as a unified diff.")
@click.option("-v", "--verbose", is_flag=True, help="Print every finding, also notes.")
def command(paths: tuple[Path, ...], output: Path | None, in_place: bool, **given: Any) -> int:
    """Move charts onto hardened equivalents, render before and after, and report.

    PATH is a chart directory, a packed chart (.tgz), a directory that holds charts, or with --chart a
    bare values file. Every value that was set gets one fate in the report: kept, moved, changed,
    dropped (with the reason), manual (with what to do) or unmapped (which blocks).

    \b
      chartlift migrate charts/shop -o out --report report.md
      chartlift migrate charts/ --in-place --pull-secret dhi --report result.json
      chartlift migrate values.yaml --chart redis --chart-version 21.2.19 -o out
    """
    _check_target(output, in_place, given["check"])
    check_reports(given["reports"], patch=True)
    check_mirror_options(given)
    from chartlift.batch import run_batch
    from chartlift.settings import Settings

    settings = Settings(
        options=as_options(given),
        values=given["values"],
        chart_name=given["chart_name"],
        chart_version=given["chart_version"],
        mappings=given["mappings"],
        output=None if given["check"] else output,
        in_place=in_place and not given["check"],
        verify=given["verify"],
        stores=given["stores"],
        helm=given["helm"],
        timeout=given["timeout"],
        jobs=given["jobs"],
        journal=None if given["check"] else given["journal"],
    )
    with showing_progress(quiet=given["quiet"]) as progress:
        run = run_batch(paths, configured(given, settings), progress)
    write_reports(run.result, given["reports"], run.diff)
    write_mirror_list(run.result, given["mirror_list"])
    _print(run, given)
    return max(exit_code(run.result, run.changed, given["check"]), run.failed)


def _check_target(output: Path | None, in_place: bool, check: bool) -> None:
    if not check and (output is None) == (not in_place):
        raise ChartliftError(
            "say where to write: -o DIR or --in-place", help="With --check nothing is written and neither is needed."
        )


def _print(run: Any, given: dict[str, Any]) -> None:
    from chartlift.cli.shared import complain
    from chartlift.report.as_text import render_text

    for failure in run.failures:
        complain(failure)
    if not run.result.charts:
        return
    if given["show_diff"]:
        click.echo("".join(run.diff), nl=False)
    elif not given["quiet"]:
        click.echo(render_text(run.result, notes=given["verbose"]), nl=False)
