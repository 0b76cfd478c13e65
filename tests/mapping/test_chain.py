"""Which rule wins, what is said where two meet, and what a chain of files keeps."""

from __future__ import annotations

from typing import Any

import pytest

from chartlift.errors import ChartliftError
from made_up import fates, mapping, run

SOURCE: dict[str, Any] = {"a": 1, "b": 2, "jobs": {}, "res": {"cpu": "1", "mem": "2"}, "adminPassword": "", "list": []}
TARGET: dict[str, Any] = {"x": 0, "y": 0, "tasks": {}, "res": {"cpu": "9", "mem": "9", "disk": "9"}, "probe": {"h": 1}}


def convert(mapped: Any, *layers: dict[str, Any]) -> Any:
    return run(mapped, *layers, source=SOURCE, target=TARGET)


@pytest.mark.parametrize(
    ("specific", "general"),
    [("jobs.one", "jobs.*"), ("jobs.one.cmd", "jobs.*.cmd"), ("jobs.*.cmd", "jobs.*.*"), ("jobs.*", "jobs")],
)
def test_the_most_specific_rule_wins_whatever_the_order(specific: str, general: str) -> None:
    kept, dropped = {"from": specific, "to": "tasks.won"}, {"from": general, "drop": "the general rule"}
    for rules in ([kept, dropped], [dropped, kept]):
        found = fates(convert(mapping(*rules), {"jobs": {"one": {"cmd": "x"}}}))
        assert found["jobs.one.cmd"][0] == "moved"


def test_a_star_in_the_target_takes_the_key_that_matched() -> None:
    mapped = mapping({"from": "jobs.*.cmd", "to": "tasks.*.run.command"})
    conversion = convert(mapped, {"jobs": {"one": {"cmd": "x"}, "a.b": {"cmd": {"deep": "y"}}}})
    tasks = {"one": {"run": {"command": "x"}}, "a.b": {"run": {"command": {"deep": "y"}}}}
    assert conversion.layers[0].values == {"tasks": tasks}
    assert fates(conversion)["jobs.one.cmd"] == ("moved", "tasks.one.run.command")


def test_a_star_fires_once_for_each_key_where_a_value_is_computed() -> None:
    mapped = mapping({"from": "jobs.*.args", "to": "tasks.*.line", "transform": "join", "by": " "})
    conversion = convert(mapped, {"jobs": {"one": {"args": ["a", "b"]}, "two": {"args": "no list"}}})
    assert conversion.layers[0].values == {"tasks": {"one": {"line": "a b"}}}
    assert fates(conversion) == {"jobs.one.args": ("changed", "tasks.one.line"), "jobs.two.args": ("manual", "")}


def test_a_star_without_one_in_the_target_fires_once_for_all() -> None:
    mapped = mapping({"from": "jobs.*", "to": "x", "expr": "jobs | length"})
    assert convert(mapped, {"jobs": {"one": 1, "two": 2}}).layers[0].values == {"x": 2}


def test_two_values_for_one_place_are_for_a_person() -> None:
    mapped = mapping({"from": "a", "to": "x"}, {"from": "b", "to": "x"})
    found = convert(mapped, {"a": 5, "b": 7})
    assert found.layers[0].values == {"x": 7}
    assert fates(found) == {"a": ("manual", "x"), "b": ("moved", "x")}
    assert "m.b" in found.layers[0].outcomes[0].reason


def test_two_equal_values_for_one_place_are_none() -> None:
    mapped = mapping({"from": "a", "to": "x"}, {"from": "b", "to": "x"})
    assert {fate for fate, _ in fates(convert(mapped, {"a": 5, "b": 5})).values()} == {"moved"}


def test_a_value_that_lost_to_one_above_it_is_for_a_person() -> None:
    mapped = mapping({"from": "a", "to": "tasks"}, {"from": "b", "to": "tasks.b"})
    found = convert(mapped, {"b": 7, "a": None})
    assert found.layers[0].values == {"tasks": None}
    assert fates(found) == {"b": ("manual", "tasks.b"), "a": ("moved", "tasks")}


def test_an_empty_map_sets_nothing() -> None:
    mapped = mapping({"from": "res.cpu", "to": "res.cpu"})
    conversion = convert(mapped, {"res": {}})
    assert conversion.layers[0].values == {}
    assert fates(conversion) == {"res": ("dropped", "")}


def test_an_empty_map_where_the_source_has_none_is_unmapped() -> None:
    assert fates(convert(mapping({"keep": "a"}), {"new": {}})) == {"new": ("unmapped", "")}


def test_a_pinned_map_writes_each_leaf_that_was_not_set() -> None:
    mapped = mapping({"keep": "res"}, pins=["res"])
    conversion = convert(mapped, {"res": {"cpu": "5"}})
    assert conversion.layers[0].values == {"res": {"cpu": "5", "mem": "2"}}
    assert fates(conversion) == {"res.cpu": ("kept", "res.cpu"), "res.mem": ("pinned", "res.mem")}


def test_a_pin_does_not_touch_what_a_null_took_away() -> None:
    conversion = convert(mapping({"keep": "res"}, pins=["res"]), {"res": None})
    assert conversion.layers[0].values == {"res": None}
    assert fates(conversion) == {"res": ("kept", "res")}


def test_a_value_that_an_expression_cannot_take_is_for_a_person_and_blocks() -> None:
    mapped = mapping({"from": "a", "to": "x", "expr": "a + 1"}, {"from": "b", "to": "y"})
    conversion = convert(mapped, {"a": ["a list"], "b": 5})
    assert conversion.layers[0].values == {"y": 5}
    (outcome, _) = conversion.layers[0].outcomes
    assert (outcome.fate, outcome.level) == ("manual", "error")


def test_a_condition_that_cannot_be_decided_is_for_a_person_too() -> None:
    mapped = mapping({"from": "a", "to": "x", "when": "a > 1", "otherwise": "small"})
    (outcome,) = convert(mapped, {"a": "text"}).layers[0].outcomes
    assert (outcome.fate, outcome.level) == ("manual", "error")


def test_a_finding_that_cannot_be_decided_is_said() -> None:
    condition = {"rule": "big", "level": "error", "when": "a > 5", "message": "It is big."}
    mapped = mapping({"keep": "a"}, findings=[condition])
    ((found, _),) = convert(mapped, {"a": "text"}).findings
    assert found.message.startswith("It is big. (whether this holds")
    assert convert(mapped, {"a": 1}).findings == ()


def test_reaching_out_of_the_sandbox_ends_the_run() -> None:
    with pytest.raises(ChartliftError, match="out of bounds"):
        convert(mapping({"from": "a", "to": "x", "expr": "''.__class__"}), {"a": 1})


def test_each_target_of_a_value_is_in_the_books() -> None:
    mapped = mapping({"from": "a", "to": {"x": "a", "y": "a + 1"}})
    assert fates(convert(mapped, {"a": 5})) == {"a": ("moved", "x"), "y": ("added", "y")}


def test_a_computed_map_is_one_change() -> None:
    mapped = mapping({"from": "a", "to": "probe", "expr": "{'h': a, 'p': {'q': 1}}"})
    conversion = convert(mapped, {"a": 5})
    assert fates(conversion) == {"a": ("changed", "probe")}
    assert conversion.layers[0].outcomes[0].after == {"h": 5, "p": {"q": 1}}


def test_what_is_made_of_a_secret_is_one() -> None:
    mapped = mapping({"from": ["a", "adminPassword"], "to": "x", "expr": "adminPassword"})
    assert [o.secret for o in convert(mapped, {"a": 1, "adminPassword": "geheim"}).layers[0].outcomes] == [True, True]


def test_what_is_made_of_no_secret_is_none() -> None:
    assert not convert(mapping({"from": "a", "to": "x"}), {"a": 1}).layers[0].outcomes[0].secret


def test_an_overlay_takes_away_what_only_the_base_had() -> None:
    mapped = mapping(
        {"from": "jobs", "to": "tasks", "expr": "jobs if a == 1 else {}"}, {"from": "a", "drop": "a switch"}
    )
    conversion = convert(mapped, {"jobs": {"one": 1}}, {"a": 2})
    assert conversion.layers[1].values == {"tasks": {"one": None}}
    assert fates(conversion, 1)["tasks.one"] == ("added", "tasks.one")


def test_a_carried_empty_map_does_not_undo_a_correction() -> None:
    """A bug of the first version: the overlay's own `{}` replaced the nulls that took the base's keys away."""
    mapped = mapping({"from": ["jobs", "a"], "to": "tasks", "expr": "jobs if a == 1 else {}"})
    conversion = convert(mapped, {"jobs": {"one": 1}}, {"a": 2, "jobs": {}})
    assert conversion.layers[1].values == {"tasks": {"one": None}}


def test_an_overlay_brings_a_map_back_that_the_base_had_taken_away() -> None:
    """A bug of the first version: the target's defaults showed through the map that came back."""
    rule = {"from": ["a", "b"], "to": "probe", "expr": "none if a == 1 else {'other': b, 'h': none}"}
    conversion = convert(mapping(rule), {"b": 5}, {"a": 2})
    assert conversion.layers[0].values == {"probe": None}
    assert conversion.layers[1].values == {"probe": {"h": None, "other": 5}}


def test_nothing_set_nothing_written() -> None:
    rules = {"from": "a", "to": "x"}, {"from": ["a", "b"], "to": "y", "expr": "a"}
    conversion = convert(mapping(*rules), {}, {})
    assert [layer.values for layer in conversion.layers] == [{}, {}]
    assert [layer.outcomes for layer in conversion.layers] == [(), ()]


def test_a_same_schema_is_left_alone() -> None:
    values = {"res": {"cpu": "5", "mem": None}, "x": [1, {"k": None}], "tasks": {"any": {"deep": 1}}}
    conversion = convert(mapping(same=True), values, {"x": 3})
    assert [layer.values for layer in conversion.layers] == [values, {"x": 3}]
    assert {fate for fate, _ in fates(conversion).values()} == {"kept"}


def test_a_global_of_the_charts_own_is_told_once() -> None:
    mapped = mapping({"from": "global.storageClass", "to": "global.storageClass"})
    chart = {"global": {"storageClass": ""}}
    conversion = run(mapped, {"global": {"storageClass": "fast"}}, source=chart, target=chart)
    assert [(o.fate, o.source) for o in conversion.layers[0].outcomes] == [("kept", ("global", "storageClass"))]


def test_any_key_may_stand_below_a_map_that_both_charts_render_whole() -> None:
    """Bug: `runAsNonRoot`, which neither chart's values name, blocked as unknown."""
    chart = {"main": {"podSecurityContext": {"enabled": True, "fsGroup": 1001}, "other": {"a": 1}}}
    target = {"chart": "t", "repository": "oci://x", "version": "1.0.0", "surface": "x/y/1"}
    mapped = mapping(target=target | {"values": "same", "open": ["*.podSecurityContext"]})
    said = {"main": {"podSecurityContext": {"runAsNonRoot": True}, "other": {"b": 2}}}
    found = fates(run(mapped, said, source=chart, target=chart))
    assert found == {
        "main.podSecurityContext.runAsNonRoot": ("kept", "main.podSecurityContext.runAsNonRoot"),
        "main.other.b": ("unmapped", ""),
    }
