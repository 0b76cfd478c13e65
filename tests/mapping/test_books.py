"""For any values: one fate a leaf, each chain as the mapping means it, and nothing written out of the blue.

The mapping and its charts are made up, and hold every kind of rule side by side.
"""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from chartlift.chart.values import merge_layers, merge_values
from chartlift.mapping.difference import without_nulls
from chartlift.records import USER_FATES
from chartlift.yamltext.edit import same_yaml
from chartlift.yamltext.paths import leaves, set_in
from made_up import mapping, run

SOURCE: dict[str, Any] = {
    "replicas": 1,
    "kind": "one",
    "size": "8Gi",
    "labels": {},
    "args": [],
    "probe": {"on": True, "delay": 5, "path": "/"},
    "auth": {"on": True, "password": "", "secret": ""},
    "jobs": {"a": {"cmd": ""}, "b": {"cmd": "x"}},
    "same": {"k": 1, "deep": {"l": [1]}},
    "gone": "",
    "left": {"m": 1},
}
TARGET: dict[str, Any] = {
    "count": 2,
    "kind": "eins",
    "storage": {"size": "1Gi", "class": ""},
    "podLabels": {"app": "t"},
    "line": "",
    "liveness": {"delay": 1, "http": {"path": "/health"}},
    "login": {"enabled": False},
    "tasks": {},
    "same": {"k": 2, "deep": {"l": []}},
    "all": [],
}
MAPPING = mapping(
    {"from": "replicas", "to": "count"},
    {"from": "kind", "to": "kind", "enum": {"one": "eins", "two": "zwei"}},
    {"from": "size", "to": "storage.size"},
    {"from": "labels", "to": "podLabels"},
    {"from": "args", "to": "line", "transform": "join", "by": " "},
    {"from": ["probe.on", "probe.delay", "probe.path"], "to": "liveness",
     "expr": "none if not probe.on else {'delay': probe.delay, 'http': {'path': probe.path}} if probe.path else omit"},
    {"from": "auth.on", "to": "login.enabled"},
    {"from": ["auth.password", "auth.secret"], "to": {"login.secret": "auth.secret or omit", "all": "[auth.password]"},
     "when": "auth.on", "otherwise": "auth is off"},
    {"from": "jobs.*.cmd", "to": "tasks.*"},
    {"keep": "same"},
    {"from": "gone", "drop": "it has no effect"},
    pins=["size", "replicas", "same"],
    add=[{"to": "storage.class", "value": "fast", "when": "kind == 'two'", "reason": "two needs it"}],
)  # fmt: skip
SCALARS = st.one_of(st.none(), st.booleans(), st.integers(0, 2), st.sampled_from(["", "one", "two", "x"]))
ANY = st.one_of(SCALARS, st.just({}), st.lists(SCALARS, max_size=2), st.dictionaries(st.sampled_from("kx"), SCALARS))
PLACES = st.sampled_from(
    [
        *(path for path, _ in leaves(SOURCE)),
        ("labels", "app"),
        ("probe",),
        ("jobs", "c", "cmd"),
        ("new",),
        ("same", "n"),
    ]
)


@st.composite
def values(draw: st.DrawFn) -> dict[str, Any]:
    data: Any = {}
    for path in draw(st.lists(PLACES, max_size=8)):
        data = set_in(data, path, draw(ANY))
    return data if isinstance(data, dict) else {}


@settings(max_examples=400, deadline=None)
@given(base=values(), overlays=st.lists(values(), max_size=2))
def test_the_books_add_up_and_each_chain_is_what_was_meant(base: Any, overlays: list[Any]) -> None:
    conversion = run(MAPPING, base, *overlays, source=SOURCE, target=TARGET)
    written = [layer.values for layer in conversion.layers]
    for given_values, layer, chain in zip((base, *overlays), conversion.layers, conversion.chains, strict=True):
        spoken = [outcome.source for outcome in layer.outcomes if outcome.fate in USER_FATES]
        assert sorted(spoken, key=str) == sorted((path for path, _ in leaves(given_values)), key=str)
        targets = {outcome.target for outcome in layer.outcomes}
        for path, _ in leaves(layer.values):
            assert any(path[:end] in targets for end in range(1, len(path) + 1)), path
        # What the overlay's file gives with the base is what the whole chain, converted alone, gives.
        chained = [written[0]] if layer is conversion.layers[0] else [written[0], layer.values]
        found = without_nulls(merge_values(merge_layers(chained), TARGET))
        alone = run(MAPPING, chain.user, source=SOURCE, target=TARGET).layers[0].values
        assert same_yaml(found, without_nulls(merge_values(alone, TARGET)))


@settings(max_examples=150, deadline=None)
@given(base=values())
def test_the_same_input_gives_the_same_output(base: Any) -> None:
    first, second = (run(MAPPING, base, source=SOURCE, target=TARGET) for _ in range(2))
    assert list(leaves(first.layers[0].values)) == list(leaves(second.layers[0].values))
    assert first.layers[0].outcomes == second.layers[0].outcomes


@settings(max_examples=150, deadline=None)
@given(base=values())
def test_a_schema_that_stays_is_converted_to_itself(base: Any) -> None:
    """And so a second conversion of the result changes nothing either."""
    known = {key: value for key, value in base.items() if key in SOURCE and key != "new"}
    conversion = run(mapping(same=True), known, source=SOURCE, target=SOURCE)
    paths = {outcome.source for outcome in conversion.layers[0].outcomes if outcome.fate == "kept"}
    unmapped = {outcome.source for outcome in conversion.layers[0].outcomes if outcome.fate == "unmapped"}
    assert paths | unmapped == {path for path, _ in leaves(known)}
    if not unmapped:
        assert same_yaml(conversion.layers[0].values, known)
