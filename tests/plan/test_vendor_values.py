"""Values that name places of the old image: told where they go over to the new chart as they were."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from places import Ran

CHART = """\
apiVersion: v2
name: shop
version: 1.0.0
dependencies:
  - name: redis
    version: 23.0.7
    repository: https://charts.bitnami.com/bitnami
"""


def found(tmp_path: Path, chartlift: Callable[..., Ran], value: str) -> list[str]:
    """Messages of the rule for one value of a switched chart."""
    chart = tmp_path / "shop"
    chart.mkdir()
    (chart / "Chart.yaml").write_text(CHART)
    (chart / "values.yaml").write_text(f"redis:\n  auth: {{enabled: false}}\n  master:\n    {value}\n")
    report = tmp_path / "report.json"
    chartlift("migrate", chart, "-o", tmp_path / "out", "--no-verify", "-q", "--report", report)
    findings = [one for record in json.loads(report.read_text())["charts"] for one in record["findings"]]
    return [one["message"] for one in findings if one["rule"] == "vendor-path"]


@pytest.mark.parametrize(
    ("value", "named"),
    [
        ("extraVolumeMounts: [{name: own, mountPath: /opt/bitnami/redis/own}]", "/opt/bitnami/redis/own"),
        ("args: [redis-server, --loadmodule=/opt/bitnami/x.so]", "/opt/bitnami/x.so"),
        ('preExecCmds: ". /opt/bitnami/scripts/libos.sh; run"', "/opt/bitnami/scripts/libos.sh"),
        ("extraEnvVars: [{name: HOME, value: /bitnami}]", "/bitnami"),
    ],
)
def test_a_place_of_the_old_image(tmp_path: Path, chartlift: Callable[..., Ran], value: str, named: str) -> None:
    (message,) = found(tmp_path, chartlift, value)
    assert f" names {named}: " in message


@pytest.mark.parametrize(
    "value",
    [
        "extraVolumeMounts: [{name: own, mountPath: /data/opt/bitnami}]",
        "podAnnotations: {source: https://github.com/bitnami/charts}",
        "args: [redis-server, --dir=/bitnami-data]",
        "persistence: {path: /data}",
    ],
)
def test_near_misses(tmp_path: Path, chartlift: Callable[..., Ran], value: str) -> None:
    assert found(tmp_path, chartlift, value) == []
