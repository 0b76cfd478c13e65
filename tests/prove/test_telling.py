"""Telling values: always another than the default, of a fitting type, and findable again."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chartlift.prove.effect import Effect, effect_of, fields_of
from chartlift.prove.telling import marks_of, telling_value
from chartlift.records import Yaml
from chartlift.verify.engine import Document, Rendered
from chartlift.verify.objects import read_objects
from chartlift.yamltext.edit import same_yaml

NAMES = st.sampled_from(
    ["replicaCount", "type", "pullPolicy", "size", "port", "extraEnvVars", "resources", "annotations", "schedule", "x"]
)
DEFAULTS = st.one_of(
    st.booleans(), st.integers(-5, 10**6), st.text(max_size=5), st.none(), st.just([]), st.just({}), st.just(["a"])
)


@settings(max_examples=100, deadline=None, database=None)
@given(NAMES, DEFAULTS, st.integers(0, 2000))
def test_it_is_never_the_default(name: str, default: Yaml, number: int) -> None:
    told = telling_value((name,), default, number)
    assert not same_yaml(told, default)
    if isinstance(default, bool | int) and name not in ("type", "pullPolicy"):
        assert isinstance(told, type(default))


@pytest.mark.parametrize(
    ("value", "marks"),
    [
        ("chartlift-7", ("chartlift-7",)),
        ({"chartlift-1": "x"}, ("chartlift-1",)),
        ([{"name": "CHARTLIFT_2", "value": "chartlift-2"}], ("CHARTLIFT_2", "chartlift-2")),
        (True, ()),
        (13, ()),
        ("13Gi", ()),
    ],
)
def test_marks_are_the_texts_that_stand_nowhere_else(value: Yaml, marks: tuple[str, ...]) -> None:
    assert marks_of(value) == marks


def test_an_effect_holds_its_marks_in_paths_and_values() -> None:
    effect = effect_of({"a": "1", "gone": "x"}, {"a": "1", "b.chartlift-1": "CHARTLIFT_2"})
    assert effect.changed == {"b.chartlift-1": "CHARTLIFT_2", "gone": ""}
    assert effect.holds(("chartlift-1", "chartlift-2"))
    assert not effect.holds(("chartlift-3",))
    assert not effect_of({"a": "1"}, {"a": "1"})
    assert not Effect({})


def test_what_a_secret_holds_is_read_unpacked() -> None:
    """Bug: a password that the target keeps in a Secret was lost, since nothing could be found in base64."""
    data: dict[str, Yaml] = {"kind": "Secret", "data": {"password": "Y2hhcnRsaWZ0LTc=", "blob": "/////w=="}}
    (item,) = read_objects(Rendered({}, (Document("t", data | {"apiVersion": "v1", "metadata": {"name": "s"}}),)), "d")
    assert {"Secret/s.data.password": "chartlift-7", "Secret/s.data.blob": "/////w=="}.items() <= fields_of(
        [item]
    ).items()
