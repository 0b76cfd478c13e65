"""``chartlift explain``: what happens to a chart, a value or an image, and why."""

from __future__ import annotations

from pathlib import Path

import click


@click.command("explain")
@click.argument("chart")
@click.argument("subject", required=False, metavar="[VALUE|IMAGE]")
@click.option("--chart-version", metavar="V", help="The version of the source chart.")
@click.option(
    "--mappings", "extra", multiple=True, type=click.Path(path_type=Path), metavar="DIR", help="Mappings of yours."
)
def command(chart: str, subject: str | None, chart_version: str | None, extra: tuple[Path, ...]) -> None:
    """Say what becomes of CHART, or of one of its values or of an image, by which rule, and why.

    \b
      chartlift explain keycloak
      chartlift explain keycloak auth.adminUser --chart-version 24.9.1
      chartlift explain redis docker.io/bitnami/redis:8.2.1-debian-12-r0
    """
    from chartlift.explain import explain
    from chartlift.knowledge import load_knowledge

    click.echo("\n".join(explain(load_knowledge(extra), chart, subject, chart_version)))
