"""The counts at the head of every report, taken from the records and from nothing else."""

from __future__ import annotations

from collections import Counter
from typing import get_args

from chartlift.records import Fate, ImageStatus, Result, Strategy


def summarise(result: Result) -> dict[str, dict[str, int]]:
    """Counts of charts by strategy, images by status, values by fate, findings and verifications."""
    charts = [chart for chart in result.charts if chart.is_chart and (chart.key or chart.strategy != "none")]
    values = [value for chart in result.charts for value in chart.values]
    images = [image for chart in result.charts for image in chart.images]
    return {
        "charts": {"total": len(charts)} | _count(Strategy, (chart.strategy for chart in charts)),
        "images": _count(ImageStatus, (image.status for image in images)),
        "values": _count(Fate, (value.fate for value in values)),
        "findings": {
            level: sum(f.level == level and not f.accepted for f in result.findings)
            for level in ("error", "warning", "note")
        }
        | {"accepted": sum(finding.accepted for finding in result.findings)},
        "verification": {
            status: sum(chart.verification.status == status for chart in result.charts if chart.stands_alone)
            for status in ("passed", "failed", "not-run")
        },
    }


def _count(kinds: object, seen: object) -> dict[str, int]:
    counts = Counter(seen)  # type: ignore[call-overload]  # any iterable of words
    return {str(kind): counts[kind] for kind in get_args(kinds)}
