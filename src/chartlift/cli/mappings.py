"""``chartlift mappings``: list, show and lint mapping files; build the values surface of a chart."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from chartlift.errors import ChartliftError

_DIRS = click.option(
    "--mappings",
    "extra",
    multiple=True,
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Directory of mapping files of yours; they win over the built-in ones. Repeatable.",
)


@click.group("mappings")
def command() -> None:
    """List, show and lint mapping files. docs/mappings.md says how to write one."""


@command.command("list")
@_DIRS
def list_(extra: tuple[Path, ...]) -> None:
    """List the mappings: source chart, versions, target chart."""
    from chartlift.mapping.load import load_mappings

    mappings = load_mappings(extra)
    for mapping_id in mappings.ids():
        mapping = mappings.get(mapping_id)
        if mapping is None:
            continue
        target = f"{mapping.target.chart} {mapping.target.version}" if mapping.target else "(images only)"
        source = f"{mapping.source.vendor}/{mapping.source.chart}"
        origin = "" if mapping.builtin else f"  from {mapping.file}"
        click.echo(f"{mapping.id:<16} {source:<26} {mapping.source.versions:<20} {target}{origin}")


@command.command("show")
@click.argument("mapping_id", metavar="ID")
@_DIRS
def show(mapping_id: str, extra: tuple[Path, ...]) -> None:
    """Show what one mapping does, rule by rule."""
    from chartlift.explain import describe_mapping
    from chartlift.mapping.load import load_mappings

    mappings = load_mappings(extra)
    mapping = mappings.get(mapping_id)
    if mapping is None:
        raise ChartliftError(f"there is no mapping {mapping_id!r}", help=f"There are: {', '.join(mappings.ids())}.")
    click.echo("\n".join(describe_mapping(mapping)))


@command.command("lint")
@click.argument("ids", nargs=-1, metavar="[ID]...")
@_DIRS
def lint(ids: tuple[str, ...], extra: tuple[Path, ...]) -> int:
    """Check mapping files: the schema, every source key has a fate, every target path exists, no rules fight."""
    from chartlift.mapping.lint import lint_mapping
    from chartlift.mapping.load import load_mappings

    mappings = load_mappings(extra)
    unknown = [one for one in ids if one not in mappings.ids()]
    if unknown:
        raise ChartliftError(f"there is no mapping {unknown[0]!r}", help=f"There are: {', '.join(mappings.ids())}.")
    problems = 0
    for mapping_id in ids or mappings.ids():
        mapping = mappings.get(mapping_id)
        for finding in lint_mapping(mapping) if mapping else ():
            problems += 1
            line = f":{finding.place.line}" if finding.place.line else ""
            click.echo(f"{finding.place.file}{line}: {finding.place.path}: {finding.message} [{finding.rule}]")
    click.echo(f"{len(ids or mappings.ids())} mappings, {problems} problems", err=True)
    return 1 if problems else 0


@command.command("surface")
@click.argument("chart", type=click.Path(path_type=Path))
@click.option("--vendor", required=True, help="Who publishes the chart: bitnami, dhi, ...")
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), metavar="DIR", help="A mappings directory to write to."
)
def surface(chart: Path, vendor: str, output: Path | None) -> None:
    """Build the values surface of CHART (a directory or .tgz): its values, their types and defaults."""
    from chartlift.chart.load import load_chart
    from chartlift.mapping.surfaces import build_surface, surface_file, write_surface
    from chartlift.rewrite.output import replace_file

    loaded = load_chart(chart)
    surface_id = f"{vendor}/{loaded.name}/{loaded.metadata.version}"
    text = write_surface(build_surface(loaded.values_text or "", loaded.schema, surface_id))
    if output is None:
        click.echo(text, nl=False)
    else:
        replace_file(surface_file(output, surface_id), text.encode("utf-8"))
        click.echo(f"wrote {surface_file(output, surface_id)}", err=True)


@command.command("coverage")
@click.option(
    "--images", is_flag=True, help="Of images: the vendor's that have an answer, and the hardened ones' origins."
)
@click.option("--used", is_flag=True, help="Of what people set in public repositories, each as often as it was seen.")
@click.option("-v", "--verbose", is_flag=True, help="Name every image, or every value that is used.")
@_DIRS
def coverage(images: bool, used: bool, verbose: bool, extra: tuple[Path, ...]) -> int:
    """Count what the mappings reach: the fate of every value of every tested version, of those in use, or of images.

    Exit 1 if a value is unmapped, or with --images if an image of an inventory is unclassified.
    """
    if images and used:
        raise click.UsageError("--images and --used are two different counts: give one of them.")
    if images:
        return _image_coverage(verbose, extra)
    return _used_coverage(verbose, extra) if used else _value_coverage(extra)


def _value_coverage(extra: tuple[Path, ...]) -> int:
    from chartlift.mapping.coverage import cover, coverage_rows
    from chartlift.mapping.load import load_mappings
    from chartlift.records import USER_FATES

    found = list(cover(load_mappings(extra)))
    rows = [("chart", "version", "target", *USER_FATES, "values"), *coverage_rows(found)]
    _echo_table(rows, texts=3)
    return 1 if any(one.fates.get("unmapped") for one in found) else 0


def _used_coverage(verbose: bool, extra: tuple[Path, ...]) -> int:
    from chartlift.mapping.load import load_mappings
    from chartlift.mapping.usage import load_usage
    from chartlift.prove.used import USED_HEADINGS, describe_keys, use, used_row

    found = list(use(load_mappings(extra), [usage for place in (None, *extra) for usage in load_usage(place)]))
    _echo_table([USED_HEADINGS, *map(used_row, found)], texts=1)
    if verbose:
        for one in found:
            click.echo("\n".join((f"\n{one.mapping}", *describe_keys(one))))
    return 1 if any(one.count("unmapped") for one in found) else 0


def _echo_table(rows: Sequence[tuple[str, ...]], *, texts: int) -> None:
    """Columns side by side; the first ``texts`` of them are words, the others figures."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for row in rows:
        cells = (
            cell.ljust(width) if at < texts else cell.rjust(width)
            for at, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        click.echo("  ".join(cells).rstrip())


def _image_coverage(verbose: bool, extra: tuple[Path, ...]) -> int:
    from chartlift.catalog.snapshot import load_catalog
    from chartlift.images.coverage import cover_catalog, cover_vendor, describe_coverage
    from chartlift.images.inventory import load_inventories
    from chartlift.images.mapping import load_image_mappings

    mappings = load_image_mappings(extra)
    inventories = [one for directory in (None, *extra) for one in load_inventories(directory)]
    vendors = [cover_vendor(inventory, mappings) for inventory in inventories]
    click.echo("\n".join(describe_coverage(vendors, cover_catalog(mappings, load_catalog()), full=verbose)))
    return 1 if any(one.count("unclassified") for one in vendors) else 0


@command.command("inventory")
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="PATH...")
@click.option("--vendor", required=True, help="Who publishes the charts: bitnami, ...")
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), metavar="DIR", help="A mappings directory to write to."
)
def inventory(paths: tuple[Path, ...], vendor: str, output: Path | None) -> None:
    """List the images that charts name: what `mappings coverage --images` counts against."""
    from chartlift.chart.discover import discover
    from chartlift.chart.load import load_chart
    from chartlift.images.inventory import FOLDER, list_images, write_inventory
    from chartlift.images.mapping import load_image_mappings
    from chartlift.rewrite.output import replace_file

    known = load_image_mappings()
    charts = [load_chart(found.path, label=found.label) for found in discover(list(paths)) if found.kind != "values"]
    text = write_inventory(vendor, [list_images(chart, known) for chart in charts if not chart.is_library])
    if output is None:
        click.echo(text, nl=False)
    else:
        replace_file(output / FOLDER / f"{vendor}.json", text.encode("utf-8"))
        click.echo(f"wrote {output / FOLDER / f'{vendor}.json'}", err=True)


@command.command("prove")
@click.argument("mapping_id", metavar="ID")
@click.option(
    "--chart-store",
    "stores",
    multiple=True,
    required=True,
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Directory with both charts (folders or .tgz) and what they depend on; repeatable.",
)
@click.option("--chart-version", metavar="V", help="Version of the source chart; the newest tested one if left out.")
@click.option("--only", default="", metavar="PATH", help="Only values whose path begins so.")
@click.option("-v", "--verbose", is_flag=True, help="Name every value, not only what is lost.")
@_DIRS
def prove(
    mapping_id: str,
    stores: tuple[Path, ...],
    chart_version: str | None,
    only: str,
    verbose: bool,
    extra: tuple[Path, ...],
) -> int:
    """Set each value of the source chart and see its effect arrive in the target chart.

    Both charts are rendered without and with a telling value. Its effect has to arrive, or the mapping has to say
    why it does not; what does neither is lost, and the exit code is 1.
    """
    from chartlift.prove.command import run_proof

    return 1 if run_proof(mapping_id, stores, chart_version, only, verbose, extra, click.echo) else 0


@command.command("new")
@click.argument("source", type=click.Path(path_type=Path))
@click.argument("target", type=click.Path(path_type=Path))
@click.option("--vendor", default="bitnami", show_default=True, help="Who publishes SOURCE.")
@click.option("--target-vendor", default="dhi", show_default=True, help="Who publishes TARGET.")
@click.option(
    "-o",
    "--output",
    required=True,
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="A mappings directory to write to.",
)
def new(source: Path, target: Path, vendor: str, target_vendor: str, output: Path) -> None:
    """Draft a mapping from two charts (directories or .tgz): DIR/<name>.yaml and both values surfaces.

    Equal paths are kept, near ones suggested with a score and marked for review, the rest named in comments.
    `mappings lint` says what is still missing, and `mappings prove` whether it is right.
    """
    from chartlift.mapping.drafted import draft_mapping

    for file in draft_mapping(source, target, vendor, target_vendor, output):
        click.echo(f"wrote {file}", err=True)
