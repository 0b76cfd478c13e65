"""Values questions that need no Helm: purity, charts that are not vendored, and what is not there."""

from __future__ import annotations

import json
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chartlift.chart.load import load_chart
from chartlift.chart.metadata import Dependency
from chartlift.chart.values import (
    effective_values,
    enabled_subcharts,
    is_enabled,
    merge_layers,
    merge_values,
    subchart_values,
)
from chartlift.errors import ChartliftError

Make = Callable[..., Path]
SCALARS = st.none() | st.booleans() | st.integers(-3, 3) | st.sampled_from(["", "a"])
TABLES = st.dictionaries(
    st.sampled_from("abc"),
    st.recursive(SCALARS | st.lists(SCALARS, max_size=2), lambda x: st.dictionaries(st.sampled_from("abc"), x)),
)
VENDORED = "dependencies:\n- {name: sub, version: 1.x, repository: x, condition: sub.enabled}\n"


def holds_null(values: Any) -> bool:
    return values is None or (isinstance(values, dict) and any(map(holds_null, values.values())))


def with_sub(chart: Make) -> Path:
    return chart(
        {
            "values.yaml": "sub: {k: parent}\nglobal: {g: 1}\n",
            "charts/sub/Chart.yaml": "apiVersion: v2\nname: sub\nversion: 1.0.0\n",
            "charts/sub/values.yaml": "k: sub\nonly: {deep: 1}\n",
        },
        extra=VENDORED,
    )


@given(layers=st.lists(TABLES, max_size=3), defaults=TABLES)
@settings(deadline=None, max_examples=60)
def test_merging_modifies_nothing_it_is_given(layers: list[Any], defaults: Any) -> None:
    before = deepcopy((layers, defaults))
    merged = merge_values(merge_layers(layers), defaults)
    for key in list(merged):
        if isinstance(merged[key], dict):
            merged[key]["scribble"] = 1  # type: ignore[index, call-overload]
    assert json.dumps((layers, defaults)) == json.dumps(before)


@given(values=TABLES)
@settings(deadline=None, max_examples=60)
def test_merging_with_nothing(values: Any) -> None:
    assert merge_layers([values]) == merge_layers([values, {}]) == values
    assert merge_values(values, {}) == values
    assert not any(map(holds_null, merge_values({}, values).values()))


@given(values=TABLES, defaults=TABLES)
@settings(deadline=None, max_examples=60)
def test_what_the_user_set_wins(values: Any, defaults: Any) -> None:
    merged = merge_values(values, defaults)
    for key, value in values.items():
        if value is not None and not isinstance(value, dict):
            assert merged[key] == value
    assert merged.keys() <= values.keys() | defaults.keys()


def test_asking_changes_no_chart_and_no_layer(chart: Make) -> None:
    found = load_chart(with_sub(chart))
    layers: list[dict[str, Any]] = [{"sub": {"only": {"deep": None}}}, {"global": {"g": {"x": 1}}}]
    before = deepcopy((found.values, found.subcharts[0].values, layers))
    first = effective_values(found, layers)
    assert effective_values(found, layers) == first
    assert subchart_values(found, "sub", layers) == first["sub"]
    assert (found.values, found.subcharts[0].values, layers) == before


def test_a_disabled_subchart_has_no_values(chart: Make) -> None:
    found = load_chart(with_sub(chart))
    off: list[dict[str, Any]] = [{"sub": {"enabled": False}}]
    assert subchart_values(found, "sub", off) is None
    assert enabled_subcharts(found, off) == ()
    assert effective_values(found, off)["sub"] == {"k": "parent", "enabled": False}


@pytest.mark.parametrize("keys", ["none", ("sub", "none"), ("sub", "k"), "global"])
def test_keys_that_are_no_subchart(chart: Make, keys: Any) -> None:
    assert subchart_values(load_chart(with_sub(chart)), keys) is None


def test_a_dependency_that_is_not_vendored(chart: Make) -> None:
    found = load_chart(chart({"values.yaml": "sub: {k: 1}\nglobal: {g: 1}\n"}, extra=VENDORED))
    assert subchart_values(found, "sub") == {"k": 1, "global": {"g": 1}}
    assert subchart_values(found, "sub", [{"sub": {"enabled": False}}]) is None
    assert enabled_subcharts(found) == ()
    assert effective_values(found) == {"sub": {"k": 1}, "global": {"g": 1}}


def test_subchart_values_that_are_no_map_are_one_clear_error(chart: Make) -> None:
    with pytest.raises(ChartliftError) as caught:
        effective_values(load_chart(with_sub(chart), label="c"), [{"sub": "text"}])
    assert (caught.value.file, caught.value.path) == ("c", "sub")
    assert caught.value.help


@pytest.mark.parametrize("values", [{}, {"sub": None}, {"sub": "x"}, {"sub": {"enabled": {}}}, {"tags": None}])
def test_nothing_switches_it_off(values: dict[str, Any]) -> None:
    assert is_enabled(Dependency("sub", condition="sub.enabled", tags=("t",)), values)


def test_conditions_below_a_subchart_are_read_from_the_top() -> None:
    values: dict[str, Any] = {"sub": {"inner": {"enabled": False}}, "inner": {"enabled": True}}
    assert not is_enabled(Dependency("inner", condition="inner.enabled"), values, "sub.")
