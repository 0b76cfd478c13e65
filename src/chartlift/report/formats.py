"""The formats a report can be written in, by name and by the ending of a file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import PurePath

from chartlift.errors import ChartliftError
from chartlift.records import Result
from chartlift.report.as_html import render_html
from chartlift.report.as_json import render_json
from chartlift.report.as_junit import render_junit
from chartlift.report.as_markdown import render_markdown
from chartlift.report.as_sarif import render_sarif
from chartlift.report.as_text import render_text

RENDERERS: dict[str, Callable[[Result], str]] = {
    "text": render_text,
    "markdown": render_markdown,
    "json": render_json,
    "html": render_html,
    "sarif": render_sarif,
    "junit": render_junit,
}
_BY_ENDING = {".txt": "text", ".md": "markdown", ".json": "json", ".html": "html", ".sarif": "sarif", ".xml": "junit"}
PATCH = ".patch"
"""Not made of the result but of the files: a migration's diff, for ``git apply``. Secrets in it are as in the files."""


def format_of(file: str) -> str:
    """The format that a report file's ending asks for."""
    ending = PurePath(file).suffix.lower()
    if ending not in _BY_ENDING:
        raise ChartliftError(
            f"no report format ends in '{ending}'",
            file=file,
            help="Name the report with one of these endings: " + " ".join(sorted(_BY_ENDING)),
        )
    return _BY_ENDING[ending]
