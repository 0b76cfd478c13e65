"""Writing is whole or not at all."""

from __future__ import annotations

from pathlib import Path

import pytest

from chartlift.chart.files import FileTree
from chartlift.errors import BrokenInvariant, ChartliftError
from chartlift.plan.files import Splice
from chartlift.rewrite.apply import splice
from chartlift.rewrite.output import changed_tree, write_in_place, write_tree

TREE = FileTree("x", {"Chart.yaml": b"name: x\n", "run.sh": b"#!/bin/sh\n"}, frozenset({"run.sh"}))


def files(root: Path) -> dict[str, bytes]:
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*") if path.is_file()}


def test_a_tree_is_written_with_its_modes(tmp_path: Path) -> None:
    write_tree(TREE, tmp_path / "out" / "x")
    assert files(tmp_path / "out" / "x") == dict(TREE.files)
    assert (tmp_path / "out/x/run.sh").stat().st_mode & 0o111
    assert not (tmp_path / "out/x/Chart.yaml").stat().st_mode & 0o111


def test_an_earlier_output_is_replaced_whole(tmp_path: Path) -> None:
    (tmp_path / "x").mkdir()
    (tmp_path / "x" / "stale.yaml").write_text("old")
    write_tree(TREE, tmp_path / "x")
    assert files(tmp_path / "x") == dict(TREE.files)
    assert [path.name for path in tmp_path.iterdir()] == ["x"]


def test_a_failure_leaves_the_earlier_output(tmp_path: Path) -> None:
    write_tree(TREE, tmp_path / "x")
    bad = FileTree("x", {"a": b"1", "a/b": b"2"})
    with pytest.raises(ChartliftError, match="cannot be written"):
        write_tree(bad, tmp_path / "x")
    assert files(tmp_path / "x") == dict(TREE.files)
    assert [path.name for path in tmp_path.iterdir()] == ["x"]


def test_in_place_puts_everything_back_on_failure(tmp_path: Path) -> None:
    write_tree(TREE, tmp_path / "x")
    (tmp_path / "x" / "z").mkdir()
    with pytest.raises(ChartliftError):
        write_in_place(TREE, tmp_path / "x", {"Chart.yaml": b"name: y\n", "z": b"a directory is in the way"})
    assert files(tmp_path / "x") == dict(TREE.files)


def test_no_change_touches_nothing(tmp_path: Path) -> None:
    write_tree(TREE, tmp_path / "x")
    before = (tmp_path / "x/Chart.yaml").stat().st_mtime_ns
    write_in_place(TREE, tmp_path / "x", {})
    assert (tmp_path / "x/Chart.yaml").stat().st_mtime_ns == before
    assert changed_tree(TREE, {}).files == dict(sorted(TREE.files.items()))


def test_removed_files_take_their_empty_directories_along(tmp_path: Path) -> None:
    tree = FileTree("x", {"Chart.yaml": b"x", "charts/a/Chart.yaml": b"a", "charts/a/t/x": b"t"})
    write_tree(tree, tmp_path / "x")
    write_in_place(tree, tmp_path / "x", {"charts/a/Chart.yaml": None, "charts/a/t/x": None})
    assert not (tmp_path / "x/charts").exists()


def test_splices_are_applied_from_the_back() -> None:
    assert splice("abcdef", [Splice(1, 2, "XX"), Splice(4, 5, "")]) == "aXXcdf"
    assert splice("abc", []) == "abc"


def test_overlapping_splices_are_our_bug() -> None:
    with pytest.raises(BrokenInvariant):
        splice("abcdef", [Splice(1, 4, "x"), Splice(3, 5, "y")])
