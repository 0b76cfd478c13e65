"""The tool for scripts: the same runs as the commands, as records."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

import chartlift
from places import ROOT, SAMPLES


def test_importing_is_cheap() -> None:
    code = "import chartlift, sys; print(any(name.startswith('ruamel') or name == 'click' for name in sys.modules))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "False\n"


def test_plan_writes_nothing(tmp_path: Path) -> None:
    run = chartlift.api.plan(SAMPLES / "umbrella")
    assert {one.target.name for one in run.result.charts if one.target} >= {"redis-chart", "keycloak-chart"}
    assert run.changed and not run.diff and not list(tmp_path.iterdir())


def test_apply_is_what_migrate_does(tmp_path: Path) -> None:
    run = chartlift.api.apply(SAMPLES / "umbrella", output=tmp_path, verify=False)
    assert "redis-chart" in (tmp_path / "umbrella" / "Chart.yaml").read_text()
    assert run.diff and json.loads(chartlift.api.report(run, "json"))["schema"] == "chartlift.report/v1"


def test_apply_without_a_place_writes_nothing() -> None:
    before = (SAMPLES / "umbrella" / "Chart.yaml").read_bytes()
    assert chartlift.api.apply(SAMPLES / "umbrella", verify=False).diff
    assert (SAMPLES / "umbrella" / "Chart.yaml").read_bytes() == before


def test_one_place_only(tmp_path: Path) -> None:
    with pytest.raises(chartlift.api.ChartliftError):
        chartlift.api.apply(SAMPLES / "umbrella", output=tmp_path, in_place=True)


def test_options_and_failures(tmp_path: Path) -> None:
    options = chartlift.api.Options(registry="registry.example.com")
    run = chartlift.api.plan(SAMPLES / "images-only", tmp_path / "none", options=options)
    targets = [image.target for chart in run.result.charts for image in chart.images if image.target]
    assert targets and all(target.startswith("registry.example.com/") for target in targets)
    assert [failure.file for failure in run.failures] == [str(tmp_path / "none")]


def test_verify_gives_one_chart() -> None:
    if find_spec("helm_python") is None:
        pytest.skip("Helm in process is not installed here: NOTHING rendered")
    result = chartlift.api.verify(SAMPLES / "forked", SAMPLES / "forked")
    assert [one.verification.status for one in result.charts] != ["not-run"]


def test_nothing_else_is_there() -> None:
    with pytest.raises(AttributeError):
        chartlift.nothing  # type: ignore[attr-defined]  # noqa: B018


def test_the_page_names_what_there_is() -> None:
    page = (ROOT / "docs" / "api.md").read_text()
    for name in set(re.findall(r"chartlift\.api\.(\w+)\(", page)) | {"plan", "apply", "verify", "report"}:
        assert hasattr(chartlift.api, name)
    fields = set(re.findall(r"`(\w+)`", page.split("`Options` takes")[1].split("`.chartlift.yaml`")[0]))
    assert fields <= set(chartlift.api.Options.__slots__)
