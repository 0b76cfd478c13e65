"""What becomes of the values that people set most, counted as often as they were seen."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from chartlift.mapping.load import load_mappings
from chartlift.mapping.usage import load_usage
from chartlift.prove.used import use
from places import Ran

VALUES = """\
replicaCount: 1
image: {registry: docker.io, pullPolicy: IfNotPresent}
ingress: {enabled: false, hostname: old.example.com}
legacy: ""
odd: ""
"""
MAPPING = """\
schema: chartlift.mapping/v1
id: cache
title: Cache
source: {chart: cache, vendor: acme, versions: ">=1.0.0", tested: [1.0.0]}
target: {chart: cache-chart, repository: "oci://dhi.io", version: 2.0.0, surface: dhi/cache-chart/2.0.0, values: other}
values:
  - {from: replicaCount, to: replicas}
  - {from: [image.registry, image.pullPolicy], drop: "the target brings its own"}
  - {from: ingress.enabled, to: {hosts: "[ingress.hostname] if value else omit"}}
  - {from: ingress.hostname, to: hosts, expr: "[value]", when: "ingress.enabled", otherwise: "there is no Ingress"}
  - {from: legacy, manual: "Write it down yourself."}
"""
USAGE = {
    "schema": "chartlift.usage/v1",
    "vendor": "acme",
    "charts": [
        {
            "chart": "cache",
            "places": 12,
            "repositories": 5,
            "keys": {"replicaCount": 9, "ingress.hostname": 7, "image.registry": 6, "legacy": 2, "odd": 1, "gone": 4},
        }
    ],
}


@pytest.fixture
def mine(tmp_path: Path, chartlift: Callable[..., Ran]) -> Path:
    mine = tmp_path / "mine"
    (mine / "usage").mkdir(parents=True)
    (mine / "usage" / "acme.json").write_text(json.dumps(USAGE))
    (mine / "cache.yaml").write_text(MAPPING)
    (mine / "vendors.yaml").write_text(
        "schema: chartlift.vendors/v1\nvendors:\n  acme: {title: Acme, charts: [charts.acme.example]}\n"
    )
    for vendor, name, version, values in (
        ("acme", "cache", "1.0.0", VALUES),
        ("dhi", "cache-chart", "2.0.0", "replicas: 1\nhosts: []\n"),
    ):
        chart = tmp_path / name
        chart.mkdir()
        (chart / "Chart.yaml").write_text(f"apiVersion: v2\nname: {name}\nversion: {version}\n")
        (chart / "values.yaml").write_text(values)
        assert chartlift("mappings", "surface", chart, "--vendor", vendor, "-o", mine).code == 0
    return mine


def test_each_key_is_told_under_its_switches(mine: Path) -> None:
    (used,) = use(load_mappings((mine,)), load_usage(mine))
    fates = {key.path: (key.count, key.fate, key.reason) for key in used.keys}
    assert fates == {
        ("replicaCount",): (9, "moved", ""),
        ("ingress", "hostname"): (7, "changed", ""),
        ("legacy",): (2, "manual", "Write it down yourself."),
        ("odd",): (1, "unmapped", "the mapping does not know this value"),
    }


def test_the_table_weighs_by_use(mine: Path, chartlift: Callable[..., Ran]) -> None:
    ran = chartlift("mappings", "coverage", "--used", "-v", "--mappings", mine)
    (row,) = [line.split() for line in ran.out.splitlines() if line.startswith("cache ")]
    assert row == ["cache", "12", "19", "16", "(84", "%)", "0", "2", "1"]
    assert "   2  legacy [manual]: Write it down yourself." in ran.out
    assert ran.code == 1, "a value that people set is unmapped"


def test_one_count_at_a_time(chartlift: Callable[..., Ran]) -> None:
    assert chartlift("mappings", "coverage", "--used", "--images").code == 2


@pytest.mark.parametrize("text", ["{", "[]", '{"schema": "other"}', '{"schema": "chartlift.usage/v1", "charts": [{}]}'])
def test_figures_that_are_none(mine: Path, chartlift: Callable[..., Ran], text: str) -> None:
    (mine / "usage" / "acme.json").write_text(text)
    ran = chartlift("mappings", "coverage", "--used", "--mappings", mine)
    assert ran.code == 2
    assert ran.err.startswith("chartlift: error: ")
    assert "acme.json" in ran.err


def test_shipped_figures_name_what_is_mapped() -> None:
    charts = {usage.chart: usage for usage in load_usage()}
    assert charts["redis"].keys["auth.enabled"] > 5
    assert all(0 < count <= usage.places for usage in charts.values() for count in usage.keys.values())
