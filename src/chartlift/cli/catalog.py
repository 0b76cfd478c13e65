"""``chartlift catalog``: look into the packaged snapshot, or rebuild it from a checkout."""

from __future__ import annotations

from pathlib import Path

import click

from chartlift.errors import ChartliftError


@click.group("catalog")
def command() -> None:
    """Look into the snapshot of the hardened catalog that decisions are made from."""


@command.command("show")
@click.argument("name")
@click.option("--tags", is_flag=True, help="List every tag, not only the most exact one of each definition.")
def show(name: str, tags: bool) -> None:
    """Show what the catalog says of an image (redis) or a chart (redis-chart)."""
    from chartlift.catalog.show import describe
    from chartlift.catalog.snapshot import load_catalog

    catalog = load_catalog()
    lines = describe(catalog, name, every_tag=tags)
    if lines is None:
        near = ", ".join(hit.name for hit in catalog.search(name)[:5])
        raise ChartliftError(
            f"the catalog has no image or chart called {name!r}",
            help=f"Did you mean: {near}?" if near else "Try `chartlift catalog search WORD`.",
        )
    click.echo("\n".join(lines))


@command.command("search")
@click.argument("term")
def search(term: str) -> None:
    """List images and charts whose name, title, description or tags hold TERM."""
    from chartlift.catalog.snapshot import load_catalog

    hits = load_catalog().search(term)
    for hit in hits:
        click.echo(f"{hit.kind:<6} {hit.name:<40} {hit.description}")
    if not hits:
        click.echo("nothing found", err=True)


@command.command("sync")
@click.argument("checkout", type=click.Path(path_type=Path))
@click.option("--target", type=click.Path(path_type=Path), help="Where to write (default: the packaged snapshot).")
@click.option("--revision", help="The commit, where CHECKOUT is no git checkout.")
@click.option("--date", help="The ISO date of that commit.")
def sync(checkout: Path, target: Path | None, revision: str | None, date: str | None) -> None:
    """Rebuild the snapshot from a checkout of the public catalog and print what changed."""
    from chartlift.catalog.sync import packaged_data, summary_lines
    from chartlift.catalog.sync import sync as rebuild

    changed = rebuild(checkout, target or packaged_data(), revision=revision, date=date)
    click.echo("\n".join(summary_lines(changed)))
