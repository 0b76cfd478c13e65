"""References rendered before and after, from charts in a store, with the values of each chain."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import pytest

from places import SAMPLES, Ran

APP = """apiVersion: argoproj.io/v1alpha1
kind: Application
metadata:
  name: shop
spec:
  source:
    repoURL: https://charts.bitnami.com/bitnami
    chart: {name}
    targetRevision: {version}
    helm:
      valuesObject:
        replicaCount: 2
"""


@pytest.mark.skipif(find_spec("helm_python") is None, reason="Helm in process is not installed here: NOTHING rendered")
def test_a_chart_that_is_not_at_hand_is_not_called_verified(tmp_path: Path, chartlift: Callable[..., Ran]) -> None:
    """Nothing is claimed of a chart that nobody has (design, invariant 8); the reason names it."""
    (tmp_path / "apps").mkdir()
    (tmp_path / "apps" / "app.yaml").write_text(APP.format(name="redis", version="21.2.19"))
    store = Path(shutil.copytree(SAMPLES / "forked", tmp_path / "store" / "forked")).parent
    report = tmp_path / "report.json"
    chartlift("migrate", tmp_path / "apps", "--in-place", "-q", "--chart-store", store, "--report", report)
    (chart,) = (one for one in json.loads(report.read_text())["charts"] if one["version"])
    assert chart["target"] and chart["verification"]["status"] == "not-run"
    assert "redis 21.2.19 is not at hand" in chart["verification"]["reason"]


@pytest.mark.skipif(find_spec("helm_python") is None, reason="Helm in process is not installed here: NOTHING rendered")
def test_a_kept_chart_is_rendered_with_the_reference_s_values(tmp_path: Path, chartlift: Callable[..., Ran]) -> None:
    """A stand-in for memcached in the store: its only image is named in the values, and its template shows it."""
    chart = tmp_path / "store" / "memcached"
    (chart / "templates").mkdir(parents=True)
    (chart / "Chart.yaml").write_text("apiVersion: v2\nname: memcached\nversion: 7.9.0\n")
    (chart / "values.yaml").write_text(
        "replicaCount: 1\nimage: {registry: docker.io, repository: bitnami/memcached, tag: 1.6.39}\n"
    )
    (chart / "templates" / "deployment.yaml").write_text(
        "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: {{ .Release.Name }}\nspec:\n"
        "  replicas: {{ .Values.replicaCount }}\n  selector:\n    matchLabels: {app: m}\n  template:\n    metadata:\n"
        "      labels: {app: m}\n    spec:\n      containers:\n        - name: memcached\n"
        "          image: {{ .Values.image.registry }}/{{ .Values.image.repository }}:{{ .Values.image.tag }}\n"
    )
    (tmp_path / "apps").mkdir()
    (tmp_path / "apps" / "app.yaml").write_text(APP.format(name="memcached", version="7.9.0"))
    report = tmp_path / "report.json"
    chartlift("migrate", tmp_path / "apps", "--in-place", "-q", "--chart-store", tmp_path / "store", "--report", report)
    (one,) = (one for one in json.loads(report.read_text())["charts"] if one["version"])
    assert one["verification"]["status"] != "not-run", one["verification"]["reason"]
    assert any(image.startswith("dhi.io/memcached") for image in one["verification"]["images"])
