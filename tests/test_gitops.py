"""The sample GitOps repository through the whole tool: every format, three environments, as a user runs it."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from os.path import normpath
from pathlib import Path

import pytest

from places import SAMPLES, Ran

Run = Callable[..., Ran]
SAMPLE = SAMPLES / "gitops"
KINDS = {
    "Argo CD Application", "Argo CD ApplicationSet", "Flux HelmRelease", "helmfile release", "Kustomize helmCharts",
    "k3s HelmChart", "Fleet bundle", "Skaffold release", "Terraform helm_release", "helm command",
}  # fmt: skip


def tree(root: Path) -> dict[str, bytes]:
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in sorted(root.rglob("*")) if path.is_file()}


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    return Path(shutil.copytree(SAMPLE, tmp_path / "shop"))


def migrate(run: Run, repository: Path, *options: object) -> tuple[Ran, dict]:  # type: ignore[type-arg]
    report = repository.parent / "report.json"
    ran = run("migrate", repository, "--in-place", "--no-verify", "-q", "--report", report, *options)
    return ran, json.loads(report.read_text())


def test_it_holds_every_format_three_environments_and_forty_references(repository: Path, chartlift: Run) -> None:
    ran = chartlift("scan", repository, "--json")
    charts = json.loads(ran.out)["charts"]
    references = [one for one in charts if one["reference"] and one["version"]]
    dependencies = [one for one in charts if not one["reference"] and one["key"]]
    assert {one["reference"] for one in references} == KINDS
    assert len(references) + len(dependencies) >= 40
    assert all(any(env in one["key"] for one in references) for env in ("dev", "staging", "prod"))


def test_after_the_migration_nothing_is_left_to_change(repository: Path, chartlift: Run) -> None:
    migrate(chartlift, repository)
    once = tree(repository)
    _, report = migrate(chartlift, repository)
    assert tree(repository) == once
    assert not any(one["target"] for one in report["charts"])
    assert chartlift("scan", repository, "--check", "-q").code == 0


def test_the_diff_shows_only_what_the_ledger_lists(repository: Path, chartlift: Run) -> None:
    """Each file that changed is one that a record speaks of, and each value that went has its fate."""
    before = tree(repository)
    _, report = migrate(chartlift, repository)
    after = tree(repository)
    changed = {path for path in before if before[path] != after[path]}
    assert set(before) == set(after)
    spoken = {
        Path(normpath(Path(one["path"]) / place["file"])).relative_to(repository).as_posix()
        for one in report["charts"]
        for place in [*one["values"], *one["findings"], *(use for image in one["images"] for use in image["uses"])]
    } | {one["key"].rpartition(" (")[0] for one in report["charts"] if one["reference"]}
    platform = {path for path in changed if path.startswith("platform/")}
    assert changed - platform - spoken - {"argocd/projects.yaml", "flux/sources.yaml"} == set()
    assert platform == {"platform/Chart.yaml", "platform/values.yaml"}


def test_every_comment_stays(repository: Path, chartlift: Run) -> None:
    comments = {path: re.findall(r"(?<=\s)#.*", data.decode()) for path, data in tree(repository).items()}
    migrate(chartlift, repository)
    after = tree(repository)
    lost = [(path, one) for path, some in comments.items() for one in some if one not in after[path].decode()]
    assert lost == []


def test_jobs_do_not_matter(tmp_path: Path, chartlift: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    found = []
    for jobs in ("1", "2"):
        home = tmp_path / jobs
        root = Path(shutil.copytree(SAMPLE, home / "shop"))
        shutil.copytree(SAMPLES / "batch", root / "more")
        report = home / "report.json"
        monkeypatch.chdir(home)
        ran = chartlift("migrate", "shop", "--in-place", "--no-verify", "--jobs", jobs, "--report", report)
        found.append((ran.code, ran.out, tree(root), report.read_text()))
    assert found[0] == found[1]


def test_one_broken_chart_is_told_and_the_rest_is_done(repository: Path, chartlift: Run) -> None:
    """Exit 2 for what could not be read; everything else is as without it."""
    alone = Path(shutil.copytree(repository, repository.parent / "alone" / "shop"))
    broken = repository / "broken"
    broken.mkdir()
    (broken / "Chart.yaml").write_text("name: [\n")
    (repository / "argocd" / "half.yaml").write_text(
        "apiVersion: argoproj.io/v1alpha1\nkind: [\n# charts.bitnami.com\n"
    )
    ran, report = migrate(chartlift, repository)
    assert ran.code == 2 and "broken/Chart.yaml" in ran.err
    assert any(f["file"] == "argocd/half.yaml" for one in report["charts"] for f in one["findings"])
    migrate(chartlift, alone)
    wanted = tree(alone)
    assert {path: data for path, data in tree(repository).items() if path in wanted} == wanted


def test_what_a_careful_grep_finds_is_changed_or_told(repository: Path, chartlift: Run) -> None:
    """Lines that still name the vendor afterwards are in the report, each by file and line of what it was."""
    lines = {
        path: data.decode().splitlines() for path, data in tree(repository).items() if not path.startswith("platform/")
    }
    named = {
        (p, n)
        for p, some in lines.items()
        for n, line in enumerate(some, 1)
        if re.search("bitnami(charts|legacy|/)|charts.bitnami", line)
    }
    _, report = migrate(chartlift, repository)
    after = tree(repository)
    told = {
        (place["file"], place["line"])
        for one in report["charts"]
        for place in [*one["findings"], *(use for image in one["images"] for use in image["uses"])]
    }
    missed = [
        (path, number)
        for path, number in sorted(named - told)
        if lines[path][number - 1] in after[path].decode().splitlines()
    ]
    kept = [one for one in missed if "chart:" not in lines[one[0]][one[1] - 1]]
    assert kept == [], kept
