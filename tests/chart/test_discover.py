"""Finding charts in what the user names; what is none is said, never skipped."""

from __future__ import annotations

from pathlib import Path

import pytest

from chartlift.chart.archive import write_archive
from chartlift.chart.discover import discover
from chartlift.chart.files import FileTree
from chartlift.errors import ChartliftError

CHART = "apiVersion: v2\nname: a\nversion: 1.0.0\n"


def write(root: Path, *names: str, content: str = CHART) -> Path:
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(content)
    return root


def found(*paths: Path) -> list[tuple[str, str]]:
    return [(entry.kind, entry.relative) for entry in discover(paths) if entry.kind != "tree"]


def test_a_directory_that_is_no_chart_is_looked_through_for_references(tmp_path: Path) -> None:
    write(tmp_path, "a/Chart.yaml", "apps/x.yaml", "prose/readme.md")
    assert [(e.kind, e.relative) for e in discover([tmp_path])] == [("chart", "a"), ("tree", ".")]
    assert [(e.kind, e.relative) for e in discover([tmp_path / "a"])] == [("chart", ".")]
    assert [(e.kind, e.relative) for e in discover([tmp_path / "apps"])] == [("tree", ".")]


def test_a_tree_of_charts(tmp_path: Path) -> None:
    write(tmp_path, "b/Chart.yaml", "a/Chart.yaml", "charts/deep/c/Chart.yaml", "docs/x.yaml")
    assert found(tmp_path) == [("chart", "a"), ("chart", "b"), ("chart", "charts/deep/c")]


def test_subcharts_belong_to_their_chart(tmp_path: Path) -> None:
    write(tmp_path, "a/Chart.yaml", "a/charts/sub/Chart.yaml", "a/templates/x/Chart.yaml")
    assert found(tmp_path) == found(tmp_path)
    assert found(tmp_path / "a") == [("chart", ".")]
    assert found(tmp_path) == [("chart", "a")]


@pytest.mark.parametrize("name", [".git", "node_modules", ".terraform", ".helm-cache", "__pycache__"])
def test_what_is_never_looked_into(tmp_path: Path, name: str) -> None:
    write(tmp_path, "a/Chart.yaml", f"{name}/x/Chart.yaml")
    assert found(tmp_path) == [("chart", "a")]


def test_links_are_not_followed(tmp_path: Path) -> None:
    write(tmp_path, "tree/a/Chart.yaml", "out/b/Chart.yaml")
    (tmp_path / "tree" / "loop").symlink_to(".")
    (tmp_path / "tree" / "out").symlink_to("../out")
    assert found(tmp_path / "tree") == [("chart", "a")]


def test_packed_charts_by_content(tmp_path: Path) -> None:
    data = write_archive(FileTree("t", {"Chart.yaml": CHART.encode()}), "a")
    (tmp_path / "a-1.0.0.tgz").write_bytes(data)
    (tmp_path / "backup.tgz").write_bytes(b"something else")
    assert found(tmp_path) == [("archive", "a-1.0.0.tgz")]
    assert found(tmp_path / "a-1.0.0.tgz") == [("archive", ".")]


def test_single_files(tmp_path: Path) -> None:
    write(tmp_path, "v.yaml", content="replicas: 1\n")
    write(tmp_path, "m.yaml", content="# x\napiVersion: v1\nkind: Pod\n")
    write(tmp_path, "n.yml", content="kind: List\nx: 1\napiVersion: v1\n")
    kinds = [entry.kind for entry in discover([tmp_path / "v.yaml", tmp_path / "m.yaml", tmp_path / "n.yml"])]
    assert kinds == ["values", "manifest", "manifest"]


def test_nothing_twice_and_the_given_order(tmp_path: Path) -> None:
    write(tmp_path, "a/Chart.yaml", "b/Chart.yaml")
    entries = [e for e in discover([tmp_path / "b", tmp_path, tmp_path / "b" / ".." / "a"]) if e.kind == "chart"]
    assert [entry.path.name for entry in entries] == ["b", "a"]


def test_labels_are_as_given(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, "repo/a/Chart.yaml")
    monkeypatch.chdir(tmp_path)
    assert [entry.label for entry in discover([Path("repo"), Path("repo/a")])] == ["repo/a", "repo"]
    assert [entry.label for entry in discover([Path("repo/a")])] == ["repo/a"]
    assert [entry.label for entry in discover([Path()])] == ["./repo/a", "."]


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("none", "no such file or directory"),
        ("empty", "no Chart.yaml here or below"),
        ("readme.md", "neither YAML nor a .tgz"),
        ("a/Chart.yaml", "only its Chart.yaml"),
    ],
)
def test_what_is_none_of_these(tmp_path: Path, name: str, message: str) -> None:
    write(tmp_path, "a/Chart.yaml", "readme.md", "empty/x/readme.md")
    with pytest.raises(ChartliftError) as caught:
        discover([tmp_path / "a", tmp_path / name])
    assert message in caught.value.message and caught.value.help
    assert caught.value.file == str(tmp_path / name)
