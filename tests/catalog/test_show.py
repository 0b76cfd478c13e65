"""The lines that `chartlift catalog show` prints."""

from __future__ import annotations

from pathlib import Path

from chartlift.catalog.show import describe
from chartlift.catalog.snapshot import Catalog, load_catalog


def test_an_image_by_the_tag_that_leaves_least_open(expected: Path) -> None:
    lines = describe(load_catalog(expected), "cache")
    assert lines is not None
    assert lines[:2] == ["cache: The Cache", "databases and storage"]
    assert lines[4].split() == ["2.1.4-debian13-compat", "70:71", "yes", "amd64", "-"]
    assert lines[5].split() == ["2.1.4-debian13", "70:71", "no", "amd64,arm64", "2028-01-02"]
    assert lines[6].startswith("and 1 development definitions")


def test_every_tag_on_request(expected: Path) -> None:
    lines = describe(load_catalog(expected), "cache", every_tag=True)
    assert lines is not None
    assert [line.split()[0] for line in lines[4:]] == [
        "2.1.4-alpine3.24-dev",
        "2-compat",
        "2.1.4-debian13-compat",
        "2",
        "2.1",
        "2.1.4",
        "2.1.4-debian13",
    ]


def test_a_chart_with_its_versions_newest_first(expected: Path) -> None:
    lines = describe(load_catalog(expected), "cache-chart")
    assert lines is not None
    text = "\n".join(lines)
    newest = text.index("3.2.10  from https://github.com/example/charts.git#cache/3.2.10, runs 2.1.4")
    assert newest < text.index("3.2.9  from")
    assert "  web: dhi.io/web:8-debian13@sha256:2222" in text
    assert "  subchart site: dhi.io/web-chart:1.0.0@sha256:4444" in text
    assert "crds" not in text


def test_nothing_of_what_is_not_there(expected: Path) -> None:
    assert describe(load_catalog(expected), "redis") is None


def test_every_image_and_chart_of_the_snapshot_can_be_shown(catalog: Catalog) -> None:
    for name in (*catalog.image_names(), *catalog.chart_names()):
        assert describe(catalog, name)
