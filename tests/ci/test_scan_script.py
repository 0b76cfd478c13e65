"""``ci/scan.sh``: what the steps behind it get, with the real command."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from places import ROOT

CHART = "apiVersion: v2\nname: tools\nversion: 1.0.0\n"
IMAGE = "image: docker.io/bitnami/kubectl:1.33.4-debian-12-r0\n"


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    root = tmp_path / "repository"
    (root / "charts with space").mkdir(parents=True)
    (root / "charts with space" / "Chart.yaml").write_text(CHART)
    (root / "charts with space" / "values.yaml").write_text(IMAGE)
    (root / ".chartlift-baseline.yaml").write_text("version: 1\nreferences: []\n")
    command = tmp_path / "chartlift"
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m chartlift "$@"\n')
    command.chmod(0o755)
    return root


def run(repository: Path, **given: str) -> tuple[str, dict[str, str], str]:
    """What it printed, its outputs, and the job's summary."""
    work = repository.parent
    files = {"GITHUB_OUTPUT": work / "output", "GITHUB_STEP_SUMMARY": work / "summary"}
    for file in files.values():
        file.write_text("")
    environment = {
        **os.environ, "PYTHONPATH": str(ROOT / "src"), "CHARTLIFT": str(work / "chartlift"), "OUT": str(work / "out"),
        "PATHS": ".", **{name: str(file) for name, file in files.items()}, **given,
    }  # fmt: skip
    done = subprocess.run(
        ["bash", ROOT / "ci/scan.sh"], cwd=repository, env=environment, capture_output=True, text=True, check=True
    )
    outputs = dict(line.split("=", 1) for line in files["GITHUB_OUTPUT"].read_text().splitlines())
    return done.stdout, outputs, files["GITHUB_STEP_SUMMARY"].read_text()


def test_a_new_reference(repository: Path) -> None:
    out, outputs, summary = run(repository, BASELINE=".chartlift-baseline.yaml", PATHS="charts with space\n\n")
    assert outputs == {"code": "1", "report": str(repository.parent / "out/report.md")}
    where = "file=charts with space/values.yaml,line=1"
    assert f"::error {where}::new reference: image docker.io/bitnami/kubectl" in out.splitlines()
    assert summary.startswith("<!-- chartlift report -->")
    assert (repository.parent / "out/report.sarif").is_file()
    assert "1 new reference" in (repository.parent / "out/scan.txt").read_text()


def test_no_gate_and_more_arguments(repository: Path) -> None:
    out, outputs, _ = run(repository, BASELINE="", ARGUMENTS="--strategy\nchart\n")
    assert outputs["code"] == "0"
    assert "::error" not in out


def test_what_cannot_be_read(repository: Path) -> None:
    _, outputs, summary = run(repository, BASELINE="none.yaml")
    assert (outputs, summary) == ({"code": "2"}, "")
