"""The page: nothing from outside, nothing of a chart's that runs, headings and tables that a reader can walk."""

from __future__ import annotations

import re
from base64 import b64encode
from dataclasses import replace
from hashlib import sha256
from html.parser import HTMLParser
from itertools import pairwise

import pytest

from chartlift.records import CatalogStamp, ChartRecord, Finding, ImageRecord, Place, Result, ValueRecord
from chartlift.report.as_html import render_html

NASTY = "</pre><script>alert(1)</script>\"'&{{ 7*7 }}"
PLACE = Place("values.yaml", 12, "cache.a")


class Walk(HTMLParser):
    """Start tags with their attributes, in order, and the text of scripts and styles."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.raw: dict[str, str] = {}
        self._in = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self._in = tag

    def handle_data(self, data: str) -> None:
        if self._in in ("script", "style"):
            self.raw[self._in] = self.raw.get(self._in, "") + data

    def handle_endtag(self, tag: str) -> None:
        self._in = ""

    def named(self, *names: str) -> list[dict[str, str | None]]:
        return [attributes for tag, attributes in self.tags if tag in names]


def a_result(*values: ValueRecord, text: str = "the claim is lost") -> Result:
    finding = Finding("claim-lost", "error", text, Place(text, 3, text), text)
    image = ImageRecord(text, text, "mapped", text, (PLACE,))
    own = ValueRecord("changed", text, text, PLACE, text, before=text, after=[text])
    chart = ChartRecord(
        "shop", "redis", "1.0.0", "chart", "cache", None, (image,), (own, *values), (finding, replace(finding, level="note"))
    )  # fmt: skip
    return Result("0.1.0", CatalogStamp("30c3db971dff", "2026-08-22T23:05:09+00:00"), (chart,))


def test_nothing_of_a_chart_becomes_markup() -> None:
    page = render_html(a_result(text=NASTY))
    assert "<script>alert" not in page
    assert "{{ 7*7 }}" in page
    assert len(Walk(page).named("script")) == 1


def test_only_the_pages_own_script_and_style_may_run() -> None:
    walk = Walk(render_html(a_result()))
    (policy,) = [meta["content"] for meta in walk.named("meta") if meta.get("http-equiv")]
    assert policy is not None
    assert policy.startswith("default-src 'none'")
    for tag, text in walk.raw.items():
        digest = b64encode(sha256(text.encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{digest}'" in policy
    loads = [a for _, a in walk.tags if {"src", "action"} & a.keys() or (a.get("href") or "#")[0] != "#"]
    assert loads == []


def test_headings_go_down_one_at_a_time_and_tables_say_what_they_are() -> None:
    page = render_html(a_result())
    levels = [int(tag[1]) for tag, _ in Walk(page).tags if re.fullmatch("h[1-6]", tag)]
    assert levels[0] == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    walk = Walk(page)
    assert len(walk.named("table")) == len(walk.named("caption")) == 3
    assert all(cell.get("scope") == "col" for cell in walk.named("th"))
    assert all(cell.get("data-label") for cell in walk.named("td"))


def test_without_script_everything_is_there_and_only_the_filter_is_hidden() -> None:
    hidden = [tag for tag, attributes in Walk(render_html(a_result())).tags if "hidden" in attributes]
    assert hidden == ["form"]


@pytest.mark.parametrize(("count", "listed"), [(10, True), (6_000, False)])
def test_what_stays_is_left_out_of_a_page_too_long_to_show(count: int, listed: bool) -> None:
    page = render_html(a_result(*[ValueRecord("kept", "x.y", "x.y", PLACE, before=1, after=1)] * count))
    assert ("x.y" in page) is listed
    assert (f"{count} values that stay" in page) is not listed
