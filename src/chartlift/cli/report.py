"""``chartlift report``: another format from a saved JSON result."""

from __future__ import annotations

from pathlib import Path

import click


@click.command("report")
@click.argument("result", type=click.Path(path_type=Path), metavar="RESULT.json")
@click.option(
    "-f",
    "--format",
    "form",
    type=click.Choice(["text", "markdown", "json", "html", "sarif", "junit"]),
    default="markdown",
    show_default=True,
    help="What to print.",
)
@click.option(
    "--budget",
    type=click.IntRange(min=0),
    metavar="CHARACTERS",
    help="The longest that Markdown may be; 0 for no limit. 60000 unless told, which a comment can hold.",
)
@click.option("-o", "--output", type=click.Path(path_type=Path), metavar="FILE", help="Write to FILE instead.")
def command(result: Path, form: str, budget: int | None, output: Path | None) -> int:
    """Print a report from a result that `migrate --report result.json` saved.

    Nothing is worked out again: the report says what that run decided.
    """
    from chartlift.files import read_text
    from chartlift.report.as_json import read_json
    from chartlift.report.as_markdown import render_markdown
    from chartlift.report.formats import RENDERERS
    from chartlift.rewrite.output import replace_file

    saved = read_json(read_text(result), file=str(result))
    whole = form == "markdown" and budget is not None
    text = render_markdown(saved, budget=budget or 0) if whole else RENDERERS[form](saved)
    if output is not None:
        replace_file(output, text.encode("utf-8"))
    else:
        click.echo(text, nl=False)
    return 0
