"""Which files beside values.yaml are values, and which are not."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from chartlift.chart.load import load_chart
from chartlift.chart.values import find_values_files
from chartlift.errors import ChartliftError

Make = Callable[..., Path]
KNOWN = "replicas: 2\n"


def found(chart: Make, files: dict[str, str]) -> list[str]:
    deps = "dependencies: [{name: redis, version: 1, alias: cache}]\n"
    return find_values_files(load_chart(chart({"values.yaml": "replicas: 1\n", **files}, extra=deps)))


@pytest.mark.parametrize(
    "name",
    [
        "values-prod.yaml",
        "values_prod.yaml",
        "values.prod.yml",
        "prod-values.yaml",
        "prod.values.yaml",
        "ci/test-values.yaml",
        "ci/values.yaml",
        "values/prod.yaml",
        "environments/eu/prod.yaml",
        "env/prod.yaml",
    ],
)
def test_names_that_people_use(chart: Make, name: str) -> None:
    assert found(chart, {name: KNOWN}) == [name]


def test_order_is_by_name(chart: Make) -> None:
    names = ["values-b.yaml", "ci/a-values.yaml", "values-a.yaml"]
    assert found(chart, dict.fromkeys(names, KNOWN)) == sorted(names)


@pytest.mark.parametrize("content", ["cache: {k: 1}\n", "global: {a: 1}\n", "tags: {a: true}\n"])
def test_keys_that_a_chart_knows(chart: Make, content: str) -> None:
    assert found(chart, {"values/prod.yaml": content}) == ["values/prod.yaml"]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("values.schema.json", "{}"),
        ("values-prod.yaml", ""),
        ("values-prod.yaml", "- a\n"),
        ("values-prod.yaml", "apiVersion: v1\nkind: ConfigMap\n"),
        ("values-prod.yaml.gotmpl", KNOWN),
        ("values-prod.txt", KNOWN),
        ("values/prod.yaml", "unknown: 1\n"),
        ("environments/prod.yaml", "broken: [\n"),
        ("config/prod.yaml", KNOWN),
        ("templates/values-prod.yaml", KNOWN),
        ("charts/redis/values-prod.yaml", KNOWN),
        ("myvalues.yaml", KNOWN),
    ],
)
def test_what_is_left_alone(chart: Make, name: str, content: str) -> None:
    files = {name: content}
    if name.startswith("charts/redis"):
        files["charts/redis/Chart.yaml"] = "apiVersion: v2\nname: redis\nversion: 1.0.0\n"
    assert found(chart, files) == []


def test_a_broken_overlay_is_not_skipped(chart: Make) -> None:
    with pytest.raises(ChartliftError) as caught:
        found(chart, {"values-prod.yaml": "a: [\n"})
    assert caught.value.file and caught.value.file.endswith("values-prod.yaml")
