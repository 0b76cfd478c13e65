"""Each transform does its one thing, and hands a value of another shape to a person."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chartlift.mapping.transforms import Unfit, transform
from chartlift.yamltext.load import read_yaml

MS = {"unit": {"from": "ms", "to": "s"}}
MI = {"unit": {"from": "Mi", "to": "Gi"}}
ENUM = {"enum": {"a": 1, True: "yes", "null": "x"}}


@pytest.mark.parametrize(
    ("name", "value", "arguments", "wanted"),
    [
        ("enum", "a", ENUM, 1),
        ("enum", True, ENUM, "yes"),
        ("unit", 1500, MS, 1.5),
        ("unit", "2m", MS, 120),
        ("unit", "512", MI, 0.5),
        ("unit", "2Gi", MI, 2),
        ("list-to-map", [{"name": "A", "value": "b"}, {"name": "C"}], {}, {"A": "b", "C": None}),
        ("list-to-map", [], {}, {}),
        ("list-to-map", [{"k": "A", "v": 1}], {"key": "k", "value": "v"}, {"A": 1}),
        ("map-to-list", {"A": 1}, {"key": "k", "value": "v"}, [{"k": "A", "v": 1}]),
        ("join", ["a", 1, True], {"by": " "}, "a 1 true"),
        ("split", "a, b,,c", {}, ["a", "b", "c"]),
        ("split", 5, {}, ["5"]),
        ("string", False, {}, "false"),
        ("string", 1.5, {}, "1.5"),
        ("int", "30", {}, 30),
        ("int", 3.0, {}, 3),
        ("bool", "On", {}, True),
        ("bool", 0, {}, False),
        ("not", "", {}, True),
        ("not", None, {}, True),
        ("wrap-list", "a", {}, ["a"]),
        ("unwrap-list", ["a"], {}, "a"),
        ("unwrap-list", [], {}, None),
        ("yaml", {"a": [1]}, {}, "a:\n  - 1\n"),
        ("tpl-yaml", {"a": "{{ .Release.Name }}"}, {}, "a: '{{ .Release.Name }}'\n"),
    ],
)
def test_what_fits(name: str, value: Any, arguments: dict[str, Any], wanted: Any) -> None:
    found = transform(name, value, arguments)
    if name.endswith("yaml"):
        assert read_yaml(found, file="x") == read_yaml(wanted, file="x")  # type: ignore[arg-type]
    else:
        assert found == wanted
        assert type(found) is type(wanted)


@pytest.mark.parametrize(
    ("name", "value", "arguments"),
    [
        ("enum", "b", ENUM),
        ("enum", ["a"], ENUM),
        ("unit", "fast", MS),
        ("unit", "5Mi", MS),
        ("unit", "-1", MS),
        ("unit", [1], MS),
        ("list-to-map", [{"name": "A", "valueFrom": {}}], {}),
        ("list-to-map", [{"value": "b"}], {}),
        ("list-to-map", "A=b", {}),
        ("list-to-map", {"A": "b"}, {}),
        ("map-to-list", ["A"], {}),
        ("join", "abc", {}),
        ("join", [{"a": 1}], {}),
        ("split", ["a"], {}),
        ("string", {"a": 1}, {}),
        ("int", "ten", {}),
        ("int", 1.5, {}),
        ("int", True, {}),
        ("bool", "maybe", {}),
        ("unwrap-list", ["a", "b"], {}),
        ("unwrap-list", "ab", {}),
    ],
)
def test_what_does_not_fit_is_not_carried_half_over(name: str, value: Any, arguments: dict[str, Any]) -> None:
    with pytest.raises(Unfit):
        transform(name, value, arguments)


@pytest.mark.parametrize("name", ["enum", "unit", "list-to-map", "join", "string", "int", "bool", "wrap-list", "yaml"])
def test_a_null_stays_a_null(name: str) -> None:
    assert transform(name, None, ENUM | MS) is None


@given(st.dictionaries(st.text(max_size=5), st.one_of(st.none(), st.integers(), st.text(max_size=5)), max_size=5))
def test_map_and_list_turn_back_into_each_other(table: dict[str, Any]) -> None:
    assert transform("list-to-map", transform("map-to-list", table, {}), {}) == table
