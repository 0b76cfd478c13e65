"""The one line that a reviewer reads first, and the words for what was and was not checked."""

from __future__ import annotations

from chartlift.records import Result
from chartlift.report.summary import summarise


def verdict(result: Result) -> str:
    """``Ready``, ``Needs action`` or ``Blocked``, and why."""
    counts = summarise(result)
    errors = counts["findings"]["error"]
    unmapped = counts["values"]["unmapped"]
    manual = counts["values"]["manual"]
    if counts["verification"]["failed"]:
        failed = _charts(counts["verification"]["failed"])
        todo = f"{_many(errors, 'finding')} to resolve or to accept"
        return f"Verification failed: {failed} did not render, or differs in what blocks; {todo}."
    if errors:
        return (
            f"Blocked: {_many(errors, 'finding')} to resolve or to accept, {_many(unmapped, 'value')} unaccounted for."
        )
    if manual or counts["findings"]["warning"]:
        return (
            f"Needs a look: {_many(manual, 'value')} to carry over by hand, "
            f"{_many(counts['findings']['warning'], 'warning')}; nothing is unaccounted for."
        )
    return "Ready: every value is accounted for and nothing blocks."


def checked(result: Result) -> str:
    """What the run is sure of, without a claim that was not checked (design, invariant 8)."""
    counts = summarise(result)["verification"]
    parts = []
    if counts["passed"]:
        parts.append(f"{_charts(counts['passed'])} rendered with Helm before and after and compared")
    if counts["failed"]:
        parts.append(f"{_charts(counts['failed'])} failed verification")
    if counts["not-run"]:
        parts.append(f"{_charts(counts['not-run'])} not verified")
    return "; ".join(parts) or "nothing to verify"


def _charts(count: int) -> str:
    return _many(count, "chart")


def _many(count: int, noun: str) -> str:
    return f"{count} {noun}" + ("" if count == 1 else "s")
