"""The report for a pull request: verdict, blockers with their cure, tables, ledger, next steps.

The order is what reviewers look for (shared notes, section 5): what must be decided comes before what
merely happened, and the long parts are folded. GitHub needs a blank line after ``<summary>``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby

from chartlift.records import ChartRecord, Finding, ImageRecord, Result, ValueRecord, Yaml
from chartlift.redact import shown
from chartlift.report.as_text import place_text
from chartlift.report.budget import BUDGET, Part, within
from chartlift.report.markup import code, fold, plain, table
from chartlift.report.runtime import runtime_lines, supply_chain_lines
from chartlift.report.summary import summarise
from chartlift.report.verdict import checked, verdict

MARKER = "<!-- chartlift report -->"
_IDENTITY = (
    "renamed", "lost", "immutable", "kind-changed", "claim", "selector", "protection", "key",
)  # fmt: skip


def render_markdown(result: Result, *, budget: int = BUDGET) -> str:
    """Markdown as GitHub and GitLab read it; the same input gives the same bytes.

    ``budget`` characters at most (0: any number): the long parts go first, and it is said that they are gone.
    """
    return within(_parts(result), budget)


def _parts(result: Result) -> Iterator[Part]:
    yield Part("", tuple(_head(result)), keep=True)
    yield Part("what blocks", tuple(_blockers(result)), keep=True)
    yield Part("charts", tuple(_charts(result)), weight=1)
    yield Part("images", tuple(_images(result)), weight=3)
    yield Part("values", tuple(_ledger(result)), weight=5)
    yield Part("names and keepers", tuple(_identity(result)), weight=2)
    yield Part("next steps", tuple(_next_steps(result)), weight=4)
    yield Part("containers", tuple(runtime_lines(result)), weight=6)
    yield Part("supply chain", tuple(supply_chain_lines(result)), weight=7)
    yield Part("details", tuple(_details(result)), weight=8)
    catalog = f"{result.catalog.revision[:12]} of {result.catalog.date[:10]}"
    yield Part("", (f"<sub>chartlift {result.version}, catalog {catalog}</sub>",), keep=True)


def _head(result: Result) -> Iterator[str]:
    yield MARKER
    yield "# chartlift report"
    yield ""
    yield f"**{verdict(result)}**"
    yield ""
    yield f"{_headline(result)} Checked: {checked(result)}."
    yield ""


def _headline(result: Result) -> str:
    values = summarise(result)["values"]
    total = sum(values[fate] for fate in ("kept", "moved", "changed", "dropped", "manual", "unmapped"))
    return f"{total} values set by the user, {values['unmapped']} unaccounted for."


def _blockers(result: Result) -> Iterator[str]:
    found = [(c, f) for c in result.charts for f in c.findings if f.blocks]
    if not found:
        return
    yield f"## What blocks ({len(found)})"
    yield ""
    for chart, finding in found:
        yield f"- **{finding.rule}** in {code(_where(chart, finding))}: {plain(finding.message)}"
        if finding.help:
            yield f"  <br>Cure: {plain(finding.help)}"
    yield ""


def _charts(result: Result) -> Iterator[str]:
    yield "## Charts"
    yield ""
    rows = [
        (
            code(f"{c.path}:{c.key}" if c.key else c.path),
            plain(f"{c.name} {c.version}"),
            plain(f"{c.target.name} {c.target.version}") if c.target else "stays",
            plain(c.target.app_version or "") if c.target else "",
            {"chart": "switched", "images": "images only", "none": "none"}[c.strategy],
            c.verification.status if c.stands_alone else "with its parent",
        )
        for c in result.charts
        if c.is_chart
    ]
    yield from table(("Where", "Chart", "Becomes", "App version", "Strategy", "Verification"), rows)


def _images(result: Result) -> Iterator[str]:
    images = sorted({(i.source, i.target or "", i.status, i.reason) for c in result.charts for i in c.images})
    if not images:
        return
    yield "## Images"
    yield ""
    rows = [(code(s), code(t) if t else "stays", status, plain(reason)) for s, t, status, reason in images]
    yield from table(("Image", "Becomes", "Status", "Why"), rows)


def _ledger(result: Result) -> Iterator[str]:
    values = [v for c in result.charts for v in c.values]
    if not values:
        return
    yield "## Values"
    yield ""
    by_file = sorted({v.place.file for v in values})
    fates = ("kept", "moved", "changed", "dropped", "manual", "unmapped", "added", "pinned")
    rows = [
        (code(file), *(str(sum(v.place.file == file and v.fate == fate for v in values)) for fate in fates))
        for file in by_file
    ]
    yield from table(("File", *fates), rows)
    for fate in ("unmapped", "manual", "dropped", "pinned"):
        chosen = [v for v in values if v.fate == fate]
        if chosen:
            yield from fold(f"{len(chosen)} {fate}", _value_rows(chosen))


def _value_rows(values: Iterable[ValueRecord]) -> Iterator[str]:
    rows = [
        (
            code(place_text(v.place)),
            code(v.target) if v.target else "",
            code(_short(shown(v.before, v))),
            code(_short(shown(v.after, v))),
            plain(v.reason),
        )
        for v in sorted(values, key=lambda v: (v.place.file, v.place.line or 0, v.place.path or ""))
    ]
    yield from table(("Value", "Now at", "Was", "Is", "Why"), rows)


def _identity(result: Result) -> Iterator[str]:
    found = [
        (c, f) for c in result.charts for f in c.findings if not f.blocks and any(word in f.rule for word in _IDENTITY)
    ]
    if not found:
        return
    yield "## What changes its name or its keeper"
    yield ""
    for chart, finding in found:
        yield f"- {code(_where(chart, finding))} **{finding.rule}**: {plain(finding.message)}"
    yield ""


def _next_steps(result: Result) -> Iterator[str]:
    steps: dict[str, list[str]] = {}
    for chart in result.charts:
        for finding in chart.findings:
            if finding.help and finding.level != "note" and "helm dependency update" not in finding.help:
                steps.setdefault(finding.help, []).append(f"{chart.key or chart.name}: {finding.rule}")
    targets = sorted({f"{c.target.repository}/{c.target.name}:{c.target.version}" for c in result.charts if c.target})
    if not steps and not targets:
        return
    yield "## Next steps"
    yield ""
    for step, causes in steps.items():
        yield f"- [ ] {plain(step)} ({', '.join(dict.fromkeys(causes))})"
    if targets:
        yield "- [ ] Run `helm dependency update` where you are logged in to the registry; commit the new lock file."
    yield ""


def _details(result: Result) -> Iterator[str]:
    for chart in result.charts:
        body = list(_chart_body(chart))
        if body:
            name = f"{chart.path}:{chart.key}" if chart.key else chart.path
            yield from fold(f"Details of {name} ({chart.name} {chart.version})", body)


def _chart_body(chart: ChartRecord) -> Iterator[str]:
    if chart.findings:
        rows = [
            (f.level if not f.accepted else "accepted", f.rule, code(place_text(f.place)), _what(f))
            for f in chart.findings
        ]
        yield from table(("Level", "Rule", "Where", "What"), rows)
    changed = [v for v in chart.values if v.fate in ("moved", "changed", "added")]
    if changed:
        for fate, group in groupby(sorted(changed, key=lambda v: v.fate), key=lambda v: v.fate):
            yield f"**{fate}**"
            yield ""
            yield from _value_rows(group)
    yield from _uses(chart.images)
    if chart.verification.reason:
        yield f"Verification {chart.verification.status}: {plain(chart.verification.reason)}"
        yield ""


def _what(finding: Finding) -> str:
    why = f"<br>Accepted: {plain(finding.accepted_for)}" if finding.accepted_for else ""
    return plain(finding.message) + why


def _uses(images: Iterable[ImageRecord]) -> Iterator[str]:
    rows = [(code(i.source), code(place_text(use))) for i in images for use in i.uses]
    if rows:
        yield from table(("Image", "Named in"), rows)


def _where(chart: ChartRecord, finding: Finding) -> str:
    return f"{chart.path}/{place_text(finding.place)}" if chart.path not in ("", ".") else place_text(finding.place)


def _short(value: Yaml) -> str:
    import json

    if value is None:
        return ""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 60 else text[:57] + "..."
