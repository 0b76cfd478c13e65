"""``--release``: names in values were worked out from it, so both sides are rendered under it."""

from __future__ import annotations

import json
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import pytest

from places import Ran

POD = """\
apiVersion: v1
kind: Pod
metadata: {name: "{{ .Release.Name }}-cache"}
spec:
  containers:
    - {name: cache, image: "{{ .Values.image.registry }}/{{ .Values.image.repository }}:{{ .Values.image.tag }}"}
"""


@pytest.mark.skipif(find_spec("helm_python") is None, reason="Helm in process is not installed here")
@pytest.mark.parametrize(("options", "name"), [((), "release-cache"), (("--release", "shop"), "shop-cache")])
def test_both_sides_are_rendered_under_the_name(
    tmp_path: Path, chartlift: Callable[..., Ran], options: tuple[str, ...], name: str
) -> None:
    chart, report = tmp_path / "cache", tmp_path / "report.json"
    (chart / "templates").mkdir(parents=True)
    (chart / "Chart.yaml").write_text("apiVersion: v2\nname: cache\nversion: 1.0.0\n")
    (chart / "values.yaml").write_text(
        "image: {registry: docker.io, repository: bitnami/memcached-exporter, tag: 0.15.3-debian-12-r5}\n"
    )
    (chart / "templates" / "pod.yaml").write_text(POD)
    chartlift("migrate", chart, "-o", tmp_path / "out", "-q", "--report", report, *options)
    (record,) = json.loads(report.read_text())["charts"]
    assert record["verification"]["status"] == "passed"
    assert name in json.dumps(record["verification"]["containers"])
