"""Markdown that has to fit into a comment: what goes first, and that it is said."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from chartlift.records import CatalogStamp, ChartRecord, Finding, Place, Result, ValueRecord
from chartlift.report.as_markdown import MARKER, render_markdown
from chartlift.report.budget import BUDGET, Part, within


def a_result(values: int, blockers: int = 1) -> Result:
    place = Place("values.yaml", 1, "a.b")
    ledger = tuple(ValueRecord("dropped", f"a.b{n}", None, place, "it goes", before="x" * 40) for n in range(values))
    findings = tuple(Finding("claim-lost", "error", f"claim {n} is lost", place, "keep it") for n in range(blockers))
    chart = ChartRecord("shop", "redis", "1.0.0", "chart", "cache", values=ledger, findings=findings)
    return Result("0.1.0", CatalogStamp("30c3db971dff", "2026-08-22"), (chart,))


def test_a_short_report_is_whole() -> None:
    assert "Left out" not in render_markdown(a_result(3))


def test_a_long_one_sheds_bodies_before_what_blocks() -> None:
    text = render_markdown(a_result(2_000))
    assert len(text) <= BUDGET
    assert text.startswith(MARKER)
    assert "claim 0 is lost" in text
    assert "_Left out, since this would be too long for a comment: values" in text
    assert text.rstrip().endswith("</sub>")
    assert len(render_markdown(a_result(2_000), budget=0)) > BUDGET


def test_too_many_blockers_are_counted() -> None:
    text = render_markdown(a_result(0, 3_000))
    assert len(text) <= BUDGET
    assert "further lines are left out" in text
    assert "Blocked: 3000 findings" in text


@given(
    sizes=st.lists(st.tuples(st.integers(0, 30), st.integers(0, 9), st.booleans()), max_size=8),
    budget=st.integers(200, 800),
)
def test_it_always_fits(sizes: list[tuple[int, int, bool]], budget: int) -> None:
    parts = [Part(f"part {n}", ("word " * 8,) * lines, weight, keep) for n, (lines, weight, keep) in enumerate(sizes)]
    assert len(within(parts, budget)) <= budget
