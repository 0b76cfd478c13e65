"""The smallest correction of a base, under Helm's rules for merging."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chartlift.chart.values import merge_layers, merge_values
from chartlift.mapping.difference import difference, without_nulls

SCALARS = st.one_of(
    st.booleans(), st.integers(0, 3), st.sampled_from(["", "x"]), st.lists(st.integers(0, 2), max_size=2)
)
KEYS = st.sampled_from("abc")


def maps(leaf: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.dictionaries(KEYS, st.recursive(leaf, lambda inner: st.dictionaries(KEYS, inner, max_size=3)), max_size=3)


@settings(max_examples=300, deadline=None)
@given(defaults=maps(SCALARS), base=maps(st.one_of(SCALARS, st.none())), wanted=maps(SCALARS))
def test_base_and_correction_give_what_is_wanted(defaults: Any, base: Any, wanted: Any) -> None:
    target = merge_values(wanted, defaults)
    correction = difference(merge_values(base, defaults), target, defaults)
    found = merge_values(merge_layers([base, correction]), defaults)
    assert without_nulls(found) == without_nulls(target)


@settings(max_examples=100, deadline=None)
@given(defaults=maps(SCALARS), base=maps(SCALARS))
def test_what_is_right_already_needs_no_correction(defaults: Any, base: Any) -> None:
    have = merge_values(base, defaults)
    assert difference(have, have, defaults) == {}


@pytest.mark.parametrize(
    ("old", "new", "defaults", "wanted"),
    [
        ({"a": 1}, {"a": 2}, {}, {"a": 2}),
        ({"a": 1}, {"a": True}, {}, {"a": True}),
        ({"a": 1, "b": 2}, {"b": 2}, {}, {"a": None}),
        ({"a": {"b": 1, "c": 2}}, {"a": {"b": 1}}, {}, {"a": {"c": None}}),
        ({"a": [1]}, {"a": [1]}, {}, {}),
        # The base had taken the map away with a null; a map of the overlay's lets the defaults show again.
        ({}, {"a": {"b": 1}}, {"a": {"c": 2}}, {"a": {"b": 1, "c": None}}),
    ],
)
def test_cases(old: Any, new: Any, defaults: Any, wanted: Any) -> None:
    assert difference(old, new, defaults) == wanted
