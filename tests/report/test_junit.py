"""JUnit: every blocker is a failed test, and nothing that a chart says breaks the XML."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from xml.etree import ElementTree

from hypothesis import given
from hypothesis import strategies as st

from chartlift.records import CatalogStamp, ChartRecord, Finding, Place, Result, ValueRecord, Verification
from chartlift.report.as_junit import render_junit

BLOCKER = Finding("claim-lost", "error", "the claim is lost", Place("values.yaml", 12, "cache.a"), "keep it")


def suites(*charts: ChartRecord) -> Any:
    text = render_junit(Result("0.1.0", CatalogStamp("30c3", "2026-08-22"), charts))
    return ElementTree.fromstring(text)


def chart(*findings: Finding, key: str = "cache", **more: Any) -> ChartRecord:
    return ChartRecord("shop", "redis", "1.0.0", "chart", key, findings=findings, **more)


def test_a_blocker_is_a_failed_test_with_its_cure() -> None:
    root = suites(chart(BLOCKER, Finding("floating-tag", "note", "latest moves", Place("values.yaml"))))
    assert (root.get("tests"), root.get("failures")) == ("2", "1")
    (failure,) = root.findall(".//failure")
    assert failure.get("type") == "claim-lost"
    assert "keep it" in (failure.text or "")
    assert "latest moves" in (root.find(".//system-out").text or "")


def test_accepted_and_unchecked_are_skipped() -> None:
    umbrella = chart(key="", verification=Verification("not-run", "no charts at hand"))
    root = suites(umbrella, chart(replace(BLOCKER, accepted=True)))
    assert root.get("failures") == "0"
    assert {skipped.get("message") for skipped in root.findall(".//skipped")} == {
        "no charts at hand", "accepted: the claim is lost",
    }  # fmt: skip


def test_a_value_without_a_fate_fails() -> None:
    lost = ValueRecord("unmapped", "cache.x", None, Place("values.yaml", 4, "cache.x"))
    (failure,) = suites(chart(values=(lost,))).findall(".//failure")
    assert failure.get("message") == "values.yaml:4 cache.x"


@given(text=st.text())
def test_any_text_makes_well_formed_xml(text: str) -> None:
    root = suites(chart(replace(BLOCKER, message=text, place=Place(text))))
    assert len(root.findall(".//failure")) == 1
