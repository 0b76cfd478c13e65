"""Field by field differences: found where they are, and nowhere else."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chartlift.verify.fields import ABSENT, Difference, differences

SCALARS = st.none() | st.booleans() | st.integers(-3, 3) | st.text("ab.", max_size=3)
YAML = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["a", "b.c", "name"]), inner, max_size=3)
    ),
    max_leaves=12,
)
OBJECTS = st.dictionaries(st.sampled_from(["a", "b", "name"]), YAML, max_size=3)


@settings(deadline=None, max_examples=100)
@given(YAML)
def test_nothing_differs_from_itself(data: Any) -> None:
    assert list(differences(data, copy.deepcopy(data))) == []


@settings(deadline=None, max_examples=100)
@given(OBJECTS, OBJECTS)
def test_differences_are_the_same_seen_from_the_other_side(one: Any, other: Any) -> None:
    there = {(d.path, repr(d.before), repr(d.after)) for d in differences(one, other)}
    back = {(d.path, repr(d.after), repr(d.before)) for d in differences(other, one)}
    assert there == back


@settings(deadline=None, max_examples=100)
@given(OBJECTS, st.text("xyz", min_size=1, max_size=4))
def test_a_changed_leaf_is_one_difference(data: Any, text: str) -> None:
    before, after = {**data, "new": "was"}, {**data, "new": text}
    assert list(differences(before, after)) == [Difference("new", "was", text)]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({"a": None}, {}),
        ({}, {"a": {}}),
        ({"a": []}, {}),
        ({"env": [{"name": "A", "value": "1"}, {"name": "B"}]}, {"env": [{"name": "B"}, {"name": "A", "value": "1"}]}),
        (
            {"ports": [{"containerPort": 1}, {"containerPort": 2}]},
            {"ports": [{"containerPort": 2}, {"containerPort": 1}]},
        ),
    ],
)
def test_what_kubernetes_reads_the_same_is_no_difference(before: Any, after: Any) -> None:
    assert list(differences(before, after)) == []


@pytest.mark.parametrize(
    ("before", "after", "path"),
    [
        ({"a": 1}, {"a": True}, "a"),
        ({"a": "1"}, {"a": 1}, "a"),
        ({"c": [{"name": "x", "image": "1"}]}, {"c": [{"name": "y"}, {"name": "x", "image": "2"}]}, "c[x].image"),
        ({"labels": {"a.b/c": "1"}}, {"labels": {"a.b/c": "2"}}, 'labels."a.b/c"'),
        ({"args": ["a", "b"]}, {"args": ["b", "a"]}, "args"),
        ({"rules": [{"a": 1}, {"a": 1}]}, {"rules": [{"a": 1}, {"a": 2}]}, "rules[1].a"),
    ],
)
def test_paths_say_where(before: Any, after: Any, path: str) -> None:
    assert next(differences(before, after)).path == path


def test_lost_and_new_entries_are_told_from_null() -> None:
    found = list(differences({"l": [{"name": "a"}], "k": "v"}, {"l": [{"name": "b"}], "k": None}))
    assert found == [
        Difference("l[a]", {"name": "a"}, ABSENT),
        Difference("l[b]", ABSENT, {"name": "b"}),
        Difference("k", "v", None),
    ]


@pytest.mark.parametrize(
    ("path", "noise"),
    [
        ('metadata.labels."helm.sh/chart"', True),
        ('metadata.labels."app.kubernetes.io/version"', True),
        ("spec.template.metadata.annotations.checksum/secret", True),
        ("metadata.labels.chart", True),
        ('metadata.labels."app.kubernetes.io/name"', False),
        ('spec.selector.matchLabels."helm.sh/chart"', False),
        ("spec.checksum/x", False),
    ],
)
def test_noise_is_labels_and_checksums_only(path: str, noise: bool) -> None:
    assert Difference(path, "1", "2").is_noise is noise
