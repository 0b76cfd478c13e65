"""A mapping of two small charts proven by Helm: what arrives, what is explained, and what is lost."""

from __future__ import annotations

from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import pytest

from places import Ran

if find_spec("helm_python") is None:
    pytest.skip("Helm in process is not installed here: NOTHING was proven", allow_module_level=True)

SOURCE_VALUES = """\
replicaCount: 1
image:
  pullPolicy: IfNotPresent
ingress:
  enabled: false
  hostname: old.example.com
annotations: {}
legacy: ""
unused: 1
forgotten: ""
"""
SOURCE = """\
apiVersion: v1
kind: ConfigMap
metadata:
  name: {{ .Release.Name }}
  annotations: {{- toYaml .Values.annotations | nindent 4 }}
data:
  replicas: {{ .Values.replicaCount | quote }}
  pull: {{ .Values.image.pullPolicy }}
  legacy: {{ .Values.legacy | quote }}
  forgotten: {{ .Values.forgotten | quote }}
  random: {{ randAlphaNum 8 }}
  {{- if .Values.ingress.enabled }}
  host: {{ .Values.ingress.hostname }}
  {{- end }}
"""
TARGET_VALUES = """\
replicas: 1
pull: IfNotPresent
hosts: []
annotations: {}
forgotten: ""
"""
TARGET = """\
apiVersion: v1
kind: ConfigMap
metadata:
  name: {{ .Release.Name }}
  annotations: {{- toYaml .Values.annotations | nindent 4 }}
data:
  replicas: {{ .Values.replicas | quote }}
  pull: {{ .Values.pull }}
  hosts: {{ join "," .Values.hosts }}
"""
MAPPING = """\
schema: chartlift.mapping/v1
id: cache
title: Cache
source: {chart: cache, vendor: acme, versions: ">=1.0.0", tested: [1.0.0]}
target: {chart: cache-chart, repository: "oci://dhi.io", version: 2.0.0, surface: dhi/cache-chart/2.0.0, values: other}
values:
  - {from: replicaCount, to: replicas}
  - {from: image.pullPolicy, to: pull}
  - {from: [ingress.enabled, ingress.hostname], to: hosts, expr: "[ingress.hostname] if ingress.enabled else []"}
  - keep: [annotations, forgotten]
  - {from: legacy, drop: "the target has no such mode"}
  - {from: unused, drop: "nothing reads it"}
"""


def write(root: Path, name: str, version: str, values: str, template: str) -> Path:
    chart = root / name / version
    (chart / "templates").mkdir(parents=True)
    (chart / "Chart.yaml").write_text(f"apiVersion: v2\nname: {name}\nversion: {version}\n")
    (chart / "values.yaml").write_text(values)
    (chart / "templates" / "all.yaml").write_text(template)
    return chart


@pytest.fixture
def at_hand(tmp_path: Path, chartlift: Callable[..., Ran]) -> tuple[Path, Path]:
    """A chart store and a mappings directory with surfaces of both charts."""
    store, mine = tmp_path / "store", tmp_path / "mine"
    source = write(store, "cache", "1.0.0", SOURCE_VALUES, SOURCE)
    target = write(store, "cache-chart", "2.0.0", TARGET_VALUES, TARGET)
    mine.mkdir()
    (mine / "cache.yaml").write_text(MAPPING)
    (mine / "vendors.yaml").write_text(
        "schema: chartlift.vendors/v1\nvendors:\n  acme: {title: Acme, charts: [charts.acme.example]}\n"
    )
    for vendor, chart in (("acme", source), ("dhi", target)):
        assert chartlift("mappings", "surface", chart, "--vendor", vendor, "-o", mine).code == 0
    return store, mine


def test_lost_is_what_neither_arrives_nor_is_explained(
    at_hand: tuple[Path, Path], chartlift: Callable[..., Ran]
) -> None:
    store, mine = at_hand
    ran = chartlift("mappings", "prove", "cache", "--chart-store", store, "--mappings", mine, "-v")
    states = {line.split()[1]: line.split()[0] for line in ran.out.splitlines()[:-1]}
    assert states == {
        "replicaCount": "arrived",
        "image.pullPolicy": "arrived",
        "ingress.enabled": "arrived",
        "ingress.hostname": "arrived",
        "annotations": "arrived",
        "legacy": "explained",
        "unused": "no-effect",
        "forgotten": "lost",
    }
    assert ran.code == 1
    assert "5 arrived (71.4 %), 1 explained, 1 lost; 1 without an effect" in ran.out


def test_only_a_part_and_without_losses(at_hand: tuple[Path, Path], chartlift: Callable[..., Ran]) -> None:
    store, mine = at_hand
    ran = chartlift("mappings", "prove", "cache", "--chart-store", store, "--mappings", mine, "--only", "ingress")
    assert ran.code == 0, ran
    assert ran.out.count("\n") == 1


def test_a_target_that_refuses_its_own_defaults(at_hand: tuple[Path, Path], chartlift: Callable[..., Ran]) -> None:
    store, mine = at_hand
    refuses = (
        '{{- if eq (int .Values.replicas) 1 }}{{ fail "no" }}{{ end }}\n' + TARGET + "  made: {{ randAlphaNum 9 }}\n"
    )
    (store / "cache-chart" / "2.0.0" / "templates" / "all.yaml").write_text(refuses)
    with (mine / "cache.yaml").open("a") as mapping:
        mapping.write("proof: {always: {replicaCount: 4}}\n")
    ran = chartlift("mappings", "prove", "cache", "--chart-store", store, "--mappings", mine)
    assert "5 arrived (71.4 %), 1 explained, 1 lost" in ran.out


@pytest.mark.parametrize("asked", [("nobody",), ("postgresql",), ("cache", "--chart-version", "9.9.9")])
def test_what_cannot_be_proven_is_said(
    at_hand: tuple[Path, Path], chartlift: Callable[..., Ran], asked: tuple[str, ...]
) -> None:
    store, mine = at_hand
    ran = chartlift("mappings", "prove", *asked, "--chart-store", store, "--mappings", mine)
    assert ran.code == 2
    assert ran.err.startswith("chartlift: error: ")
