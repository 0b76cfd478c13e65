"""Charts with subcharts, packed and unpacked, as Helm's loader sees them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from chartlift.chart.archive import write_archive
from chartlift.chart.files import FileTree, Limits
from chartlift.chart.load import load_chart
from chartlift.errors import ChartliftError

Make = Callable[..., Path]


def meta(name: str, version: str = "1.0.0", extra: str = "") -> str:
    return f"apiVersion: v2\nname: {name}\nversion: {version}\n{extra}"


def packed(name: str, version: str = "1.0.0", **files: bytes) -> bytes:
    tree = FileTree("t", {"Chart.yaml": meta(name, version).encode(), **files})
    return write_archive(tree, name)


def test_a_chart(chart: Make) -> None:
    found = load_chart(
        chart({"values.yaml": "a: {b: 1}\n", "templates/x.yaml": "x", "values.schema.json": "{}", "x.md": "x"})
    )
    assert (found.name, found.values, found.values_text) == ("top", {"a": {"b": 1}}, "a: {b: 1}\n")
    assert [file.path for file in found.templates] == ["templates/x.yaml"]
    assert found.schema == b"{}" and not found.is_library and not found.packed
    assert found.read("x.md") == b"x" and found.read("none") is None


@pytest.mark.parametrize("text", ["", "# only a comment\n", "null\n", "---\n"])
def test_empty_values(chart: Make, text: str) -> None:
    assert load_chart(chart({"values.yaml": text})).values == {}


def test_no_values_file(chart: Make) -> None:
    assert load_chart(chart()).values_text is None


def test_subcharts_unpacked_packed_and_nested(chart: Make) -> None:
    inner = packed("inner", "3.0.0", **{"values.yaml": b"k: inner\n"})
    outer = packed("outer", "2.0.0", **{"charts/inner-3.0.0.tgz": inner})
    root = chart(
        {
            "charts/any-name/Chart.yaml": meta("sub"),
            "charts/any-name/values.yaml": "k: sub\n",
            "charts/any-name/charts/deep/Chart.yaml": meta("deep"),
            "charts/outer-2.0.0.tgz": outer,
            "charts/outer-2.0.0.tgz.prov": "signature",
            "charts/_off/Chart.yaml": meta("off"),
            "charts/.hidden/Chart.yaml": meta("hidden"),
            "charts/README.md": "x",
        }
    )
    found = load_chart(root, label="c")
    by_name = {subchart.name: subchart for subchart in found.subcharts}
    assert sorted(by_name) == ["outer", "sub"]
    sub, outer_chart = by_name["sub"], by_name["outer"]
    assert (sub.prefix, sub.packed, sub.path, sub.archive) == (
        "charts/any-name/",
        False,
        "c/charts/any-name",
        "",
    )
    assert sub.file_path("values.yaml") == "charts/any-name/values.yaml"
    assert sub.subcharts[0].prefix == "charts/any-name/charts/deep/"
    assert (outer_chart.packed, outer_chart.archive) == (True, "charts/outer-2.0.0.tgz")
    nested = outer_chart.subcharts[0]
    assert nested.values == {"k": "inner"} and nested.archive == "charts/inner-3.0.0.tgz"
    assert nested.path == "c/charts/outer-2.0.0.tgz/charts/inner-3.0.0.tgz"


DEPENDENCIES = """dependencies:
- {name: sub, version: 1.x, repository: "", alias: old}
- {name: sub, version: 2.x, repository: "", alias: new}
- {name: sub, version: 3.x, repository: ""}
- {name: local, version: 1.x, repository: "file://./parts/local"}
- {name: escape, version: 1.x, repository: "file://../escape"}
- {name: absolute, version: 1.x, repository: "file:///etc"}
- {name: self, version: 1.x, repository: "file://."}
"""


def test_which_chart_a_dependency_means(chart: Make, tmp_path: Path) -> None:
    root = chart(
        {
            "charts/sub-2.1.0.tgz": packed("sub", "2.1.0"),
            "charts/legacy/Chart.yaml": meta("sub", "1.4.0"),
            "parts/local/Chart.yaml": meta("local", "1.1.0"),
        },
        extra=DEPENDENCIES,
    )
    (tmp_path / "escape").mkdir()
    (tmp_path / "escape" / "Chart.yaml").write_text(meta("escape"))
    found = load_chart(root)
    answers = [found.subchart_for(dependency) for dependency in found.metadata.dependencies]
    versions = [answer and answer.metadata.version for answer in answers]
    assert versions == ["1.4.0", "2.1.0", None, "1.1.0", None, None, None]
    assert found.vendored(found.metadata.dependencies[3]) is None


def test_a_packed_chart_and_its_directory_say_the_same(chart: Make, tmp_path: Path) -> None:
    (tmp_path / "sub.tgz").write_bytes(packed("sub", "1.0.0", **{"values.yaml": b"k: 1\n"}))
    found = load_chart(tmp_path / "sub.tgz", label="sub.tgz")
    assert (found.name, found.packed, found.values) == ("sub", True, {"k": 1})


def test_helmignore_hides_what_helm_does_not_load(chart: Make, helm: Any) -> None:
    root = chart(
        {
            ".helmignore": "# c\ncharts/gone/\n*.bak\n/templates/no.yaml\n",
            "charts/gone/Chart.yaml": meta("gone"),
            "charts/live/Chart.yaml": meta("live"),
            "charts/live/templates/y.yaml": "y: 1",
            "templates/x.yaml": "x: 1",
            "templates/x.yaml.bak": "{{ broken",
            "templates/no.yaml": "n: 1",
            "templates/.hidden.yaml": "h: 1",
        }
    )
    found = load_chart(root)
    assert [subchart.name for subchart in found.subcharts] == ["live"]
    assert [file.path for file in found.templates] == ["templates/x.yaml"]
    assert "templates/no.yaml" in found.tree
    (answer,) = helm([(root, {})])
    assert sorted(answer["rendered"]) == ["top/charts/live/templates/y.yaml", "top/templates/x.yaml"]


@pytest.mark.parametrize("values", ["- a\n", "text\n", "1\n"])
def test_values_that_are_no_map(chart: Make, values: str) -> None:
    with pytest.raises(ChartliftError, match=r"c/values.yaml:1: values must be a map"):
        load_chart(chart({"values.yaml": values}), label="c")


def test_broken_subcharts_are_named(chart: Make) -> None:
    with pytest.raises(ChartliftError, match=r"c/charts/sub/Chart.yaml: not a chart"):
        load_chart(chart({"charts/sub/values.yaml": ""}), label="c")
    with pytest.raises(ChartliftError, match=r"c/charts/x.tgz: not a gzip"):
        load_chart(chart({"charts/x.tgz": b"no"}, name="other"), label="c")


def test_archives_in_archives_share_one_budget(chart: Make) -> None:
    part = packed("part", "1.0.0", data=b"0" * 40_000)
    root = chart({f"charts/p{n}.tgz": part for n in range(10)})
    assert len(load_chart(root, Limits(total=2_000_000)).subcharts) == 10
    with pytest.raises(ChartliftError, match=r"larger than|decompression bomb"):
        load_chart(root, Limits(total=200_000))


def test_subcharts_without_end_are_refused(chart: Make) -> None:
    data = packed("a")
    for _ in range(8):
        data = packed("a", **{"charts/a.tgz": data})
    with pytest.raises(ChartliftError, match="nested deeper than 5"):
        load_chart(chart({"charts/a.tgz": data}), Limits(depth=5))


@pytest.mark.parametrize("name", ["none", "values.yaml"])
def test_what_is_no_chart(tmp_path: Path, name: str) -> None:
    (tmp_path / "values.yaml").write_text("a: 1")
    with pytest.raises(ChartliftError) as caught:
        load_chart(tmp_path / name, label=name)
    assert caught.value.file == name and caught.value.help
    with pytest.raises(ChartliftError, match=r"no Chart.yaml"):
        load_chart(tmp_path, label="c")
