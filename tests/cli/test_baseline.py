"""``scan --check --baseline``: a new reference to the source vendor fails, one that only moved does not."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from chartlift.baseline import Known, read_baseline
from places import Ran

CHART = """\
apiVersion: v2
name: shop
version: 1.0.0
dependencies:
  - name: redis
    version: 21.2.19
    repository: https://charts.bitnami.com/bitnami
"""
VALUES = """\
tools:
  image: docker.io/bitnami/kubectl:1.33.4-debian-12-r0
own: registry.example.com/team/own:1
"""
APPLICATION = """\
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {name: cache}
spec:
  source: {repoURL: registry-1.docker.io/bitnamicharts, chart: valkey, targetRevision: 3.0.31}
"""
FILE = ".chartlift-baseline.yaml"
GATE = ("scan", ".", "--check", "--baseline", FILE)


@pytest.fixture
def repository(tmp_path: Path, chartlift: Callable[..., Ran], monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository whose baseline holds what is there."""
    (tmp_path / "charts" / "shop").mkdir(parents=True)
    (tmp_path / "apps").mkdir()
    (tmp_path / "charts" / "shop" / "Chart.yaml").write_text(CHART)
    (tmp_path / "charts" / "shop" / "values.yaml").write_text(VALUES)
    (tmp_path / "apps" / "cache.yaml").write_text(APPLICATION)
    monkeypatch.chdir(tmp_path)
    ran = chartlift("scan", ".", "--baseline", FILE, "--write-baseline")
    assert (ran.code, ran.out, ran.err) == (0, "", f"{FILE}: 3 references known\n")
    return tmp_path


def add(path: Path, text: str) -> None:
    path.write_text(path.read_text() + text)


def test_the_file_is_sorted_and_names_no_line_and_no_version(repository: Path) -> None:
    assert (repository / FILE).read_text().splitlines()[1:] == [
        "version: 1",
        "references:",
        '  - {"file": "apps/cache.yaml", "kind": "chart", "name": "valkey", "count": 1}',
        '  - {"file": "charts/shop/Chart.yaml", "kind": "chart", "name": "redis", "count": 1}',
        '  - {"file": "charts/shop/values.yaml", "kind": "image", "name": "docker.io/bitnami/kubectl", "count": 1}',
    ]
    assert read_baseline(repository / FILE)[Known("apps/cache.yaml", "chart", "valkey")] == 1


def test_what_is_known_passes_from_anywhere(
    repository: Path, chartlift: Callable[..., Ran], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert chartlift(*GATE).out == "0 new references, 3 known\n"
    assert chartlift("scan", "./charts", repository / "apps", *GATE[2:]).out == "0 new references, 3 known\n"
    monkeypatch.chdir(repository / "charts")
    ran = chartlift("scan", "shop", "--check", "--baseline", f"../{FILE}")
    assert (ran.code, ran.out) == (0, "0 new references, 2 known\n")


def test_neither_a_moved_line_nor_an_update_is_new(repository: Path, chartlift: Callable[..., Ran]) -> None:
    values = repository / "charts/shop/values.yaml"
    values.write_text("# moved\n\n" + VALUES.replace("1.33.4-debian-12-r0", "1.34.1-debian-12-r0"))
    chart = repository / "charts/shop/Chart.yaml"
    chart.write_text(CHART.replace("21.2.19", "21.2.20").replace("dependencies:", "dependencies:  # of ours"))
    assert chartlift(*GATE).code == 0


NEW = {
    "image": ("charts/shop/values.yaml", "other: {image: 'bitnami/git:2.51.0'}\n", "4: image docker.io/bitnami/git"),
    "mirrored": ("charts/shop/values.yaml", "x: {image: 'mirror.corp/b/git:2.51.0'}\n", "4: image mirror.corp/b/git"),
    "unmapped": ("charts/shop/values.yaml", "x: {image: 'bitnami/nothing:1'}\n", "4: image docker.io/bitnami/nothing"),
    "two keys": (
        "charts/shop/values.yaml",
        "gitImage: bitnami/git\ngitImageTag: 2.51.0\n",
        "4: image docker.io/bitnami/git",
    ),
    "again": (
        "charts/shop/values.yaml",
        "more: {image: 'docker.io/bitnami/kubectl:1.30.0'}\n",
        "4: image docker.io/bitnami/kubectl",
    ),
    "dependency": (
        "charts/shop/Chart.yaml",
        "  - {name: nginx, version: 21.1.23, repository: 'oci://registry-1.docker.io/bitnamicharts'}\n",
        "8: chart nginx",
    ),
    "no mapping": (
        "charts/shop/Chart.yaml",
        "  - {name: nothing, version: 1.0.0, repository: 'https://charts.bitnami.com/bitnami'}\n",
        "8: chart nothing",
    ),
    "reference": ("apps/cache.yaml", "---\n" + APPLICATION.replace("name: cache", "name: other"), "11: chart valkey"),
}


@pytest.mark.parametrize("case", NEW)
def test_a_new_reference_fails(case: str, repository: Path, chartlift: Callable[..., Ran]) -> None:
    file, text, said = NEW[case]
    add(repository / file, text)
    ran = chartlift(*GATE, "--source-prefix", "mirror.corp/b")
    assert (ran.code, ran.out) == (1, f"{file}:{said}\n1 new reference, 3 known\n"), ran
    assert chartlift(*[word for word in GATE if word != "--check"]).code == 0


OTHERS = {
    "image": ("charts/shop/values.yaml", "x: {image: 'docker.io/library/redis:7.2'}\n"),
    "hardened": ("charts/shop/values.yaml", "x: {image: 'dhi.io/redis:8.4.6-debian13'}\n"),
    "comment": ("charts/shop/values.yaml", "# docker.io/bitnami/redis:8\n"),
    "dependency": (
        "charts/shop/Chart.yaml",
        "  - {name: nginx, version: 1.0.0, repository: 'https://other.example.com'}\n",
    ),
    "blocking": ("charts/shop/values.yaml", "redis: {nothing: {of: this}}\n"),
}


@pytest.mark.parametrize("case", OTHERS)
def test_what_is_not_the_vendors_passes(case: str, repository: Path, chartlift: Callable[..., Ran]) -> None:
    file, text = OTHERS[case]
    add(repository / file, text)
    assert chartlift(*GATE).code == 0


def test_an_address_in_another_place(repository: Path, chartlift: Callable[..., Ran]) -> None:
    (repository / "values.toml").write_text('image = "docker.io/bitnami/redis:8.2.1"\n')
    ran = chartlift(*GATE)
    assert (ran.code, ran.out.splitlines()[0]) == (1, "values.toml:1: text docker.io/bitnami/redis")
    (repository / "values.toml").write_text("# docker.io/bitnami/redis:8.2.1\n")
    assert chartlift(*GATE).code == 0


def test_one_that_is_gone_is_told(repository: Path, chartlift: Callable[..., Ran]) -> None:
    (repository / "apps/cache.yaml").unlink()
    ran = chartlift(*GATE)
    assert (ran.code, ran.out.splitlines()) == (
        0,
        [
            "0 new references, 2 known",
            "gone: apps/cache.yaml: chart valkey",
            f"1 known reference gone: run again with --write-baseline to take it out of {FILE}",
        ],
    )
    assert "gone" not in chartlift("scan", "charts", *GATE[2:]).out
    assert chartlift("scan", ".", "--baseline", FILE, "--write-baseline").code == 0
    assert chartlift(*GATE).out == "0 new references, 2 known\n"


def test_writing_for_a_part_keeps_the_rest(repository: Path, chartlift: Callable[..., Ran]) -> None:
    before = (repository / FILE).read_text()
    assert chartlift("scan", "charts/shop", "--baseline", FILE, "--write-baseline").code == 0
    assert (repository / FILE).read_text() == before
    (repository / "charts/shop/values.yaml").write_text("a: 1\n")
    chartlift("scan", "charts/shop", "--baseline", FILE, "--write-baseline")
    assert [one.file for one in read_baseline(repository / FILE)] == ["apps/cache.yaml", "charts/shop/Chart.yaml"]


def test_nothing_is_written_where_something_could_not_be_read(repository: Path, chartlift: Callable[..., Ran]) -> None:
    before = (repository / FILE).read_text()
    (repository / "charts/shop/Chart.yaml").write_text("name: [\n")
    assert chartlift("scan", ".", "--baseline", FILE, "--write-baseline").code == 2
    assert (repository / FILE).read_text() == before
    assert chartlift(*GATE).code == 2


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("version: [1\n", f"{FILE}:2: "),
        ("", f"{FILE}: $: 'version' is a required property"),
        ("version: 2\nreferences: []\n", f"{FILE}:1: $.version: 1 was expected"),
        ("version: 1\nreferences: [{file: a, kind: chart}]\n", f"{FILE}:2: $.references[0]: "),
        ("version: 1\nreferences: [{file: a, kind: x, name: b, count: 0}]\n", f"{FILE}:2: $.references[0]."),
        ("\0", "not valid YAML"),
        ("<<<<<<< HEAD\n", FILE),
    ],
)
def test_a_corrupt_baseline_is_one_clear_line(
    text: str, said: str, repository: Path, chartlift: Callable[..., Ran]
) -> None:
    (repository / FILE).write_text(text)
    ran = chartlift(*GATE)
    assert (ran.code, ran.out) == (2, "")
    first, *rest = ran.err.splitlines()
    assert first.startswith("chartlift: error: ")
    assert said in first
    assert [line for line in rest if not line.startswith("  help: ")] == []


def test_what_cannot_be_meant_is_refused(repository: Path, chartlift: Callable[..., Ran]) -> None:
    (repository / FILE).unlink()
    ran = chartlift(*GATE)
    assert (ran.code, "there is no baseline yet" in ran.err, "--write-baseline" in ran.err) == (2, True, True)
    assert chartlift("scan", ".", "--write-baseline").code == 2
    assert chartlift(*GATE, "--write-baseline").code == 2


def test_json_stays_json(repository: Path, chartlift: Callable[..., Ran]) -> None:
    import json

    add(repository / "charts/shop/values.yaml", "other: {image: 'bitnami/git:2.51.0'}\n")
    ran = chartlift(*GATE, "--json", "--report", "x.md")
    assert ran.code == 1
    assert json.loads(ran.out)["schema"] == "chartlift.report/v1"
    assert "values.yaml:4: image docker.io/bitnami/git" in ran.err
    assert (repository / "x.md").exists()


def test_a_baseline_of_any_name_is_no_reference(repository: Path, chartlift: Callable[..., Ran]) -> None:
    (repository / FILE).rename(repository / "known.yaml")
    assert chartlift("scan", ".", "--check", "--baseline", "known.yaml").out == "0 new references, 3 known\n"
