"""The report for a terminal: what blocks first, then charts, images and the counts of the ledger."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from chartlift.records import ChartRecord, Finding, Place, Result
from chartlift.report.summary import summarise
from chartlift.report.verdict import checked, verdict

_ORDER = {"error": 0, "warning": 1, "note": 2}


def render_text(result: Result, *, notes: bool = False) -> str:
    """Plain text, no colour, one fact a line; ``notes``: findings of level note as well."""
    return "\n".join(_lines(result, notes)) + "\n"


def render_scan(result: Result, *, notes: bool = False) -> str:
    """What is here and what it could become; the counts at the end."""
    lines = [line for chart in result.charts for line in _chart_lines(chart, notes) if "verification" not in line[:14]]
    counts = summarise(result)
    lines += ["", "images    " + _counts(counts["images"]), "values    " + _counts(counts["values"])]
    return "\n".join([*lines, "findings  " + _counts(counts["findings"])]) + "\n"


def _lines(result: Result, notes: bool) -> Iterator[str]:
    counts = summarise(result)
    yield verdict(result)
    yield f"Checked: {checked(result)}."
    yield ""
    for chart in result.charts:
        yield from _chart_lines(chart, notes)
    yield ""
    yield from _charts_line(result)
    yield "images    " + _counts(counts["images"])
    yield "values    " + _counts(counts["values"])
    yield "findings  " + _counts(counts["findings"])
    verdicts: Counter[str] = Counter(one.verdict for chart in result.charts for one in chart.verification.containers)
    if verdicts:
        order = ("breaks", "unknown", "look", "fits")
        yield "runs      " + _counts({word: verdicts[word] for word in order})
    yield f"catalog   {result.catalog.revision[:12]} of {result.catalog.date[:10]}"


def _charts_line(result: Result) -> Iterator[str]:
    """How many charts took which way, and what blocks most often."""
    counts = summarise(result)["charts"]
    words = {"chart": "switched", "images": "with images only", "none": "left"}
    yield "charts    " + _counts({words[name]: counts[name] for name in words})
    blockers = Counter(finding.rule for finding in result.findings if finding.blocks)
    if blockers:
        told = sorted(blockers.items(), key=lambda item: (-item[1], item[0]))
        yield "blockers  " + ", ".join(f"{count} {rule}" for rule, count in told)


def _chart_lines(chart: ChartRecord, notes: bool) -> Iterator[str]:
    yield title(chart)
    for image in chart.images:
        arrow = f"-> {image.target}" if image.target else f"stays ({image.reason})"
        yield f"  {image.status:<9} {image.source} {arrow}"
    for finding in sorted(chart.findings, key=_rank):
        if finding.level == "note" and not notes:
            continue
        yield from _finding_lines(finding)
    if chart.stands_alone:
        status = chart.verification
        yield f"  verification {status.status}" + (f": {status.reason}" if status.reason else "")


def _rank(finding: Finding) -> tuple[int, Place, str]:
    return _ORDER[finding.level], Place(finding.place.file, finding.place.line or 0), finding.rule


def title(chart: ChartRecord) -> str:
    """``shop/cache: redis 21.2.19 -> redis-chart 23.0.7 (chart)``."""
    path = f"{chart.path}:{chart.key}" if chart.key else chart.path
    if not chart.is_chart:
        return f"{path}: {chart.name}"
    if chart.target:
        return f"{path}: {chart.name} {chart.version} -> {chart.target.name} {chart.target.version}"
    what = {"images": "keeps its chart, images hardened", "none": "stays", "chart": "switched"}[chart.strategy]
    return f"{path}: {chart.name} {chart.version} {what}"


def _finding_lines(finding: Finding) -> Iterator[str]:
    level = "accepted" if finding.accepted else finding.level
    yield f"  {level} [{finding.rule}] {place_text(finding.place)}: {finding.message}"
    if finding.accepted_for:
        yield f"    accepted: {finding.accepted_for}"
    if finding.help and finding.level == "error":
        yield f"    help: {finding.help}"


def place_text(place: Place) -> str:
    """``values.yaml:12 redis.auth`` with the parts that are known."""
    line = f":{place.line}" if place.line else ""
    path = f" {place.path}" if place.path else ""
    return f"{place.file}{line}{path}"


def _counts(counts: dict[str, int]) -> str:
    return ", ".join(f"{count} {name}" for name, count in counts.items() if count) or "none"
