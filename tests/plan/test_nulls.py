"""A null in a chart's own values file takes no default of a subchart away: Helm drops it, so a person is told."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from places import Ran

CHART = """\
apiVersion: v2
name: shop
version: 1.0.0
dependencies:
  - {name: fluent-bit, version: 3.1.14, repository: "oci://registry-1.docker.io/bitnamicharts"}
"""


def rules(tmp_path: Path, chartlift: Callable[..., Ran], values: str) -> set[str]:
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop" / "Chart.yaml").write_text(CHART)
    (tmp_path / "shop" / "values.yaml").write_text(values)
    report = tmp_path / "report.json"
    chartlift("migrate", tmp_path / "shop", "-o", tmp_path / "out", "-q", "--no-verify", "--report", report)
    return {f["rule"] for chart in json.loads(report.read_text())["charts"] for f in chart["findings"]}


def test_a_null_over_a_default_of_the_target_is_told(tmp_path: Path, chartlift: Callable[..., Ran]) -> None:
    off = "fluent-bit: {livenessProbe: {enabled: false}}\n"
    assert "default-not-removed" in rules(tmp_path, chartlift, off)


def test_one_where_the_target_has_nothing_is_not(tmp_path: Path, chartlift: Callable[..., Ran]) -> None:
    assert "default-not-removed" not in rules(tmp_path, chartlift, "fluent-bit: {replicaCount: 2}\n")
