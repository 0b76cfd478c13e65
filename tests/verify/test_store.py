"""Finding charts by name and version, and putting a chart together without touching it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from chartlift.chart.archive import write_archive
from chartlift.chart.files import FileTree
from chartlift.errors import ChartliftError
from chartlift.verify.assemble import assemble
from chartlift.verify.store import ChartStore, store_of


def chart_at(root: Path, name: str, version: str, extra: str = "", **files: str) -> Path:
    root.mkdir(parents=True, exist_ok=True)
    (root / "Chart.yaml").write_text(f"apiVersion: v2\nname: {name}\nversion: {version}\n{extra}")
    for path, text in files.items():
        (root / path).write_text(text)
    return root


def pack(target: Path, name: str, version: str) -> Path:
    target.parent.mkdir(parents=True, exist_ok=True)
    text = f"apiVersion: v2\nname: {name}\nversion: {version}\n".encode()
    target.write_bytes(write_archive(FileTree("", {"Chart.yaml": text}), name))
    return target


def depends(*entries: str) -> str:
    return "dependencies:\n" + "".join(f"- {{{entry}}}\n" for entry in entries)


def snapshot(root: Path) -> dict[str, bytes]:
    return {str(p.relative_to(root)): p.read_bytes() for p in sorted(root.rglob("*")) if p.is_file()}


def test_every_layout_is_found_and_the_newest_taken(tmp_path: Path) -> None:
    store = store_of([tmp_path])
    plain = chart_at(tmp_path / "a", "a", "1.0.0")
    nested = chart_at(tmp_path / "b" / "1.10.0", "b", "1.10.0")
    chart_at(tmp_path / "b" / "1.9.0", "b", "1.9.0")
    packed = pack(tmp_path / "c-d-2.0.0.tgz", "c-d", "2.0.0")
    assert store.find("a", "1.x") == plain
    assert store.find("b") == nested
    assert store.find("b", "~1.9") == tmp_path / "b" / "1.9.0"
    assert store.find("c-d", "^2") == packed


@pytest.mark.parametrize(
    ("name", "version"), [("a", "2.x"), ("b", ""), ("", ""), ("../a", ""), ("../c", ""), ("*", ""), ("c", "")]
)
def test_what_is_not_there_is_not_found(tmp_path: Path, name: str, version: str) -> None:
    inner = tmp_path / "store"
    chart_at(tmp_path / "a", "a", "1.0.0")
    chart_at(inner / "a", "a", "1.0.0")
    chart_at(inner / "b", "other", "1.0.0")
    pack(inner / "c-d-1.0.0.tgz", "c-d", "1.0.0")
    pack(tmp_path / "c-1.0.0.tgz", "c", "1.0.0")
    assert store_of([inner]).find(name, version) is None


def test_earlier_directories_win(tmp_path: Path) -> None:
    first, second = chart_at(tmp_path / "1" / "a", "a", "1.0.0"), chart_at(tmp_path / "2" / "a", "a", "1.5.0")
    assert ChartStore((tmp_path / "1", tmp_path / "2")).find("a", "1.x") == first
    assert ChartStore((tmp_path / "2", tmp_path / "1")).find("a", "1.x") == second


def test_a_store_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ChartliftError, match="no such directory"):
        store_of([tmp_path / "none"])


def test_a_chart_that_lacks_nothing_is_used_where_it_is(tmp_path: Path) -> None:
    chart = chart_at(tmp_path / "top", "top", "1.0.0", depends("name: a, version: 1.x, repository: r"))
    chart_at(chart / "charts" / "anything", "a", "1.2.3")
    ready = assemble(chart, ChartStore(), tmp_path / "work")
    assert (ready.path, ready.missing) == (chart, ())
    assert not (tmp_path / "work").exists()


def test_missing_dependencies_are_put_in_with_theirs(tmp_path: Path) -> None:
    store = tmp_path / "store"
    chart_at(store / "a", "a", "1.0.0", depends("name: common, version: 2.x, repository: r"))
    pack(store / "common-2.3.0.tgz", "common", "2.3.0")
    chart = chart_at(tmp_path / "top", "top", "1.0.0", depends("name: a, version: 1.x, alias: b, repository: r"))
    before = snapshot(chart)
    ready = assemble(chart, store_of([store]), tmp_path / "work")
    assert ready.missing == ()
    assert ready.path.is_relative_to(tmp_path / "work")
    assert set(snapshot(ready.path)) == {"Chart.yaml", "charts/a/Chart.yaml", "charts/a/charts/common/Chart.yaml"}
    assert snapshot(chart) == before


def test_definitions_can_be_left_out(tmp_path: Path) -> None:
    chart = chart_at(tmp_path / "top", "top", "1.0.0")
    chart_at(chart / "charts" / "a", "a", "1.0.0")
    for place in ("crds", "charts/a/crds", "templates/crds"):
        (chart / place).mkdir(parents=True)
        (chart / place / "kinds.yaml").write_text("kind: CustomResourceDefinition\n")
    ready = assemble(chart, ChartStore(), tmp_path / "work", crds=False)
    assert set(snapshot(ready.path)) == {"Chart.yaml", "charts/a/Chart.yaml", "templates/crds/kinds.yaml"}
    assert assemble(chart, ChartStore(), tmp_path / "work").path == chart


def test_what_a_vendored_chart_lacks_is_put_in_too(tmp_path: Path) -> None:
    pack(tmp_path / "store" / "common-2.3.0.tgz", "common", "2.3.0")
    chart = chart_at(tmp_path / "top", "top", "1.0.0")
    chart_at(chart / "charts" / "a", "a", "1.0.0", depends("name: common, version: 2.x, repository: r"))
    ready = assemble(chart, store_of([tmp_path / "store"]), tmp_path / "work")
    assert "charts/a/charts/common/Chart.yaml" in snapshot(ready.path)


def test_a_chart_of_the_wrong_version_is_replaced(tmp_path: Path) -> None:
    chart_at(tmp_path / "store" / "a", "a", "2.0.0")
    chart = chart_at(tmp_path / "top", "top", "1.0.0", depends("name: a, version: 2.x, repository: r"))
    pack(chart / "charts" / "a-1.0.0.tgz", "a", "1.0.0")
    ready = assemble(chart, store_of([tmp_path / "store"]), tmp_path / "work")
    assert set(snapshot(ready.path)) == {"Chart.yaml", "charts/a/Chart.yaml"}


def test_what_is_nowhere_is_named_once(tmp_path: Path) -> None:
    chart = chart_at(
        tmp_path / "top",
        "top",
        "1.0.0",
        depends("name: a, version: 2.x, repository: r", "name: b, version: 1, repository: r"),
    )
    assert assemble(chart, ChartStore(), tmp_path / "work").missing == ("a 2.x", "b 1")


def test_a_local_dependency_comes_from_the_same_tree(tmp_path: Path) -> None:
    chart = chart_at(tmp_path / "top", "top", "1.0.0", depends("name: a, version: 1.x, repository: 'file://./libs/a'"))
    chart_at(chart / "libs" / "a", "a", "1.0.0")
    ready = assemble(chart, ChartStore(), tmp_path / "work")
    assert "charts/a/Chart.yaml" in snapshot(ready.path)


def test_a_local_dependency_outside_is_not_read(tmp_path: Path) -> None:
    chart = chart_at(tmp_path / "top", "top", "1.0.0", depends("name: a, version: 1.x, repository: 'file://../a'"))
    chart_at(tmp_path / "a", "a", "1.0.0")
    assert assemble(chart, ChartStore(), tmp_path / "work").missing == ("a 1.x",)


def test_charts_that_need_each_other_end(tmp_path: Path) -> None:
    chart_at(tmp_path / "store" / "a", "a", "1.0.0", depends("name: b, version: 1.x, repository: r"))
    chart_at(tmp_path / "store" / "b", "b", "1.0.0", depends("name: a, version: 1.x, repository: r"))
    chart = chart_at(tmp_path / "top", "top", "1.0.0", depends("name: a, version: 1.x, repository: r"))
    with pytest.raises(ChartliftError, match="nested deeper"):
        assemble(chart, store_of([tmp_path / "store"]), tmp_path / "work")


@pytest.mark.skipif(os.name == "nt", reason="links need rights there")
def test_a_link_out_of_the_chart_is_refused(tmp_path: Path) -> None:
    chart: Any = chart_at(tmp_path / "top", "top", "1.0.0")
    (tmp_path / "secret").write_text("x")
    (chart / "leak").symlink_to(tmp_path / "secret")
    with pytest.raises(ChartliftError, match="leaves the chart"):
        assemble(chart, ChartStore(), tmp_path / "work")


def test_two_versions_of_one_chart_lie_side_by_side(tmp_path: Path) -> None:
    """A database that moved up to the parent may be of another version than the parent's own."""
    for version in ("1.0.0", "1.1.0"):
        folder = tmp_path / "store" / "db" / version
        folder.mkdir(parents=True)
        (folder / "Chart.yaml").write_text(f"apiVersion: v2\nname: db\nversion: {version}\n")
    chart = tmp_path / "shop"
    chart.mkdir()
    (chart / "Chart.yaml").write_text(
        "apiVersion: v2\nname: shop\nversion: 1.0.0\ndependencies:\n"
        "- {name: db, version: 1.1.0, repository: https://x.example}\n"
        "- {name: db, alias: other, version: 1.0.0, repository: https://x.example}\n"
    )
    ready = assemble(chart, store_of([tmp_path / "store"]), tmp_path / "work")
    assert not ready.missing
    found = sorted(file.read_text().splitlines()[2] for file in ready.path.glob("charts/*/Chart.yaml"))
    assert found == ["version: 1.0.0", "version: 1.1.0"]
