"""The report as one self-contained page: no network, readable without JavaScript, secrets redacted.

Everything comes from what the JSON report holds, escaped by Jinja; a Content-Security-Policy lets only the page's
own style and script run, by their hashes (https://www.w3.org/TR/CSP3/#match-element-to-source-list).
"""

from __future__ import annotations

import json
from base64 import b64encode
from hashlib import sha256
from importlib.resources import files
from typing import Any

from chartlift.records import TOOL_FATES, USER_FATES, Result
from chartlift.report.as_json import as_dict
from chartlift.report.verdict import checked, verdict

_ORDER = {"error": 0, "warning": 1, "note": 2}
_MOST_ROWS = 5_000
"""With more values than this those that merely stay are left out: a browser has to show the page."""


def render_html(result: Result) -> str:
    """HTML that ends in a newline; the same input gives the same bytes."""
    from jinja2 import Environment, StrictUndefined
    from markupsafe import Markup

    data = as_dict(result)
    kept = _unlisted(data["charts"])
    style, script = _part("page.css"), _part("page.js")
    page = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True).from_string(_part("page.html"))
    return (
        page.render(
            **data,
            verdict=verdict(result),
            checked=checked(result),
            mood=_mood(data["summary"]),
            headline=_headline(data["summary"]),
            blockers=[
                (c, f) for c in data["charts"] for f in c["findings"] if f["level"] == "error" and not f["accepted"]
            ],
            fates=(*USER_FATES, *TOOL_FATES),
            left_out=sum(value["fate"] in kept for chart in data["charts"] for value in chart["values"]),
            listed_values=lambda chart: [value for value in chart["values"] if value["fate"] not in kept],
            ranked=lambda findings: sorted(findings, key=lambda finding: _ORDER[finding["level"]]),
            title_of=_title,
            place_of=_place,
            becomes=_becomes,
            text_of=_text,
            style=Markup(style),  # noqa: S704 - our own file
            script=Markup(script),  # noqa: S704 - our own file
            style_hash=_hash(style),
            script_hash=_hash(script),
        )
        + "\n"
    )


def _part(name: str) -> str:
    return (files("chartlift.report") / "page" / name).read_text("utf-8").rstrip("\n")


def _hash(text: str) -> str:
    return f"sha256-{b64encode(sha256(text.encode()).digest()).decode()}"


def _unlisted(charts: list[dict[str, Any]]) -> frozenset[str]:
    return frozenset({"kept"}) if sum(len(chart["values"]) for chart in charts) > _MOST_ROWS else frozenset()


def _mood(summary: dict[str, Any]) -> str:
    findings = summary["findings"]
    if findings["error"] or summary["verification"]["failed"]:
        return "bad"
    return "warn" if findings["warning"] or summary["values"]["manual"] else "good"


def _headline(summary: dict[str, Any]) -> list[tuple[str, str]]:
    return [
        (title, ", ".join(f"{count} {name}" for name, count in summary[key].items() if count and name != "total"))
        for title, key in (
            ("Charts", "charts"),
            ("Images", "images"),
            ("Values", "values"),
            ("Findings", "findings"),
            ("Verification", "verification"),
        )
        if any(summary[key].values())
    ]


def _title(chart: dict[str, Any]) -> str:
    return f"{chart['path']}:{chart['key']}" if chart["key"] else str(chart["path"])


def _becomes(chart: dict[str, Any]) -> str:
    now, target = f"{chart['name']} {chart['version']}", chart["target"]
    if target is not None:
        return f"{now} becomes {target['name']} {target['version']}"
    return f"{now}, images hardened" if chart["strategy"] == "images" else f"{now} stays"


def _place(finding: dict[str, Any]) -> str:
    line = f":{finding['line']}" if finding["line"] else ""
    return f"{finding['file']}{line}" + (f" {finding['path']}" if finding["path"] else "")


def _text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, indent=1)
