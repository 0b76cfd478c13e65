"""The conversion over a small made-up pair of charts: every action, chains, pins, and what stays quiet."""

from __future__ import annotations

from typing import Any

import pytest

from chartlift.mapping.build import build_mapping
from chartlift.mapping.engine import Conversion, Given, convert, needs_of_images
from chartlift.mapping.surfaces import Surface
from chartlift.records import format_path
from chartlift.yamltext.paths import leaves

SOURCE = {"a": 1, "b": {"c": "x", "d": {}}, "list": [], "kind": "one", "size": "8Gi", "on": False, "old": ""}
TARGET = {"a": 1, "z": {"c": "y"}, "d": {}, "items": {}, "kind": "eins", "size": "1Gi", "text": "", "all": []}


def mapping(*rules: dict[str, Any], **more: Any) -> Any:
    data = {
        "id": "m",
        "title": "M",
        "source": {"chart": "m", "vendor": "v", "versions": ">=1", "tested": []},
        "target": {"chart": "t", "repository": "oci://x", "version": "1.0.0", "surface": "x/y/1"},
        "values": list(rules),
    }
    return build_mapping(data | more, file="m.yaml", builtin=False)


def run(
    mapped: Any, *layers: dict[str, Any], around: dict[str, Any] | None = None, version: str = "1.0.0"
) -> Conversion:
    return convert(
        mapped,
        version=version,
        source=Surface("s", dict(leaves(SOURCE))),
        target=Surface("t", dict(leaves(TARGET))),
        layers=[Given(layer, around or {}) for layer in layers],
        name="m",
    )


def fates(conversion: Conversion, layer: int = 0) -> dict[str, str]:
    outcomes = conversion.layers[layer].outcomes
    return {format_path(o.source or o.target or ()): o.fate for o in outcomes}


@pytest.mark.parametrize(
    ("rule", "values", "written", "fate"),
    [
        ({"keep": "a"}, {"a": 5}, {"a": 5}, "kept"),
        ({"keep": "a"}, {"a": 1}, {"a": 1}, "kept"),
        ({"keep": "a"}, {"a": None}, {"a": None}, "kept"),
        ({"from": "a", "to": "z.c"}, {"a": 5}, {"z": {"c": 5}}, "moved"),
        ({"from": "b.d", "to": "d"}, {"b": {"d": {"k": "v"}}}, {"d": {"k": "v"}}, "moved"),
        ({"from": "a", "to": "a", "expr": "value + 1"}, {"a": 5}, {"a": 6}, "changed"),
        ({"from": "a", "to": "a", "expr": "omit"}, {"a": 5}, {}, "dropped"),
        ({"from": "a", "drop": "it goes"}, {"a": 5}, {}, "dropped"),
        ({"from": "a", "manual": "do it"}, {"a": 5}, {}, "manual"),
        ({"from": "a", "manual": "do it"}, {"a": 1}, {}, "dropped"),
        ({"from": "a", "manual": "do it", "when": "a", "otherwise": "no"}, {"a": 1}, {}, "manual"),
        ({"from": "a", "to": "z.c", "when": "on", "otherwise": "off"}, {"a": 5}, {}, "dropped"),
        ({"from": "a", "to": "z.c", "when": "not on", "otherwise": "on"}, {"a": 5}, {"z": {"c": 5}}, "moved"),
        ({"from": "kind", "to": "kind", "enum": {"one": "eins"}}, {"kind": "one"}, {"kind": "eins"}, "changed"),
        ({"from": "kind", "to": "kind", "enum": {"one": "eins"}}, {"kind": "two"}, {}, "manual"),
        ({"from": "list", "to": "items", "transform": "list-to-map"}, {"list": [{"name": "A", "value": 1}]},
         {"items": {"A": 1}}, "changed"),
        ({"from": "list", "to": "items", "transform": "list-to-map"}, {"list": [{"name": "A", "valueFrom": {}}]},
         {}, "manual"),
        ({"from": "list", "to": "text", "transform": "join", "by": " "}, {"list": ["a", "b"]}, {"text": "a b"}, "changed"),
        ({"from": "old", "to": "all", "transform": "split"}, {"old": "a, b"}, {"all": ["a", "b"]}, "changed"),
        ({"from": "a", "to": "a", "unit": {"from": "ms", "to": "s"}}, {"a": 5000}, {"a": 5}, "changed"),
        ({"from": "a", "to": "a", "versions": "<1"}, {"a": 5}, {}, "unmapped"),
    ],
)  # fmt: skip
def test_one_rule(rule: dict[str, Any], values: dict[str, Any], written: dict[str, Any], fate: str) -> None:
    conversion = run(mapping(rule), values)
    assert conversion.layers[0].values == written
    assert [o.fate for o in conversion.layers[0].outcomes if o.source is not None] == [fate]


@pytest.mark.parametrize(
    "second",
    [
        {"from": "a", "to": "d.x", "expr": "([] + ('x')) if a == 5 else omit"},
        {"from": "a", "manual": "do it", "level": "error"},
        {"from": "a", "manual": "do it", "level": "error", "when": "a == 5", "otherwise": "no"},
    ],
)
def test_what_blocks_is_told_although_another_rule_carries_the_value(second: dict[str, Any]) -> None:
    (outcome,) = run(mapping({"from": "a", "to": "z.c"}, second), {"a": 5}).layers[0].outcomes
    assert (outcome.fate, outcome.level, format_path(outcome.target or ())) == ("manual", "error", "z.c")
    quiet = run(mapping({"from": "a", "to": "z.c"}, second), {"a": 1}).layers[0].outcomes
    assert [o.fate for o in quiet] == ["moved"]


def test_a_warning_steps_back_behind_what_was_carried() -> None:
    (outcome,) = run(mapping({"from": "a", "to": "z.c"}, {"from": "a", "manual": "look"}), {"a": 5}).layers[0].outcomes
    assert outcome.fate == "moved"


@pytest.mark.parametrize(
    "rule", [{"keep": "a"}, {"from": "a", "to": "z.c"}, {"from": ["a", "on"], "to": "z.c", "expr": "a"}]
)
def test_what_was_not_set_writes_nothing(rule: dict[str, Any]) -> None:
    conversion = run(mapping(rule), {})
    assert conversion.layers[0].values == {}
    assert conversion.layers[0].outcomes == ()


def test_the_most_specific_rule_wins() -> None:
    mapped = mapping({"from": "b", "drop": "all of it"}, {"from": "b.c", "to": "z.c"})
    assert fates(run(mapped, {"b": {"c": 1, "d": {"k": 2}}})) == {"b.c": "moved", "b.d.k": "dropped"}


def test_several_sources_see_the_effective_values() -> None:
    mapped = mapping({"from": ["a", "kind"], "to": "text", "expr": "kind ~ a"})
    assert run(mapped, {"a": 5}).layers[0].values == {"text": "one5"}


def test_append_joins_in_the_order_of_the_file() -> None:
    mapped = mapping({"from": "old", "to": "text", "append": True}, {"from": "kind", "to": "text", "append": True})
    assert run(mapped, {"kind": "k", "old": "o"}).layers[0].values == {"text": "o\nk\n"}


def test_a_pin_is_written_where_the_target_differs_and_only_there() -> None:
    mapped = mapping({"keep": ["size", "a"]}, pins=["size", "a"])
    conversion = run(mapped, {})
    assert conversion.layers[0].values == {"size": "8Gi"}
    assert fates(conversion) == {"size": "pinned"}
    assert fates(run(mapped, {"size": "8Gi"})) == {"size": "kept"}


def test_an_addition_never_beats_the_user() -> None:
    mapped = mapping({"keep": "size"}, add=[{"to": "size", "value": "2Gi", "reason": "needed"}])
    assert run(mapped, {}).layers[0].values == {"size": "2Gi"}
    assert run(mapped, {"size": "9Gi"}).layers[0].values == {"size": "9Gi"}


def test_globals_of_the_parent_stay_there() -> None:
    mapped = mapping({"from": "global.storageClass", "to": "text"})
    conversion = run(mapped, {}, around={"storageClass": "fast"})
    assert conversion.layers[0].values == {"text": "fast"}
    assert fates(conversion) == {"text": "added"}


def test_an_overlay_is_the_smallest_file_that_gives_its_chain() -> None:
    mapped = mapping({"from": "a", "to": "z.c"}, {"keep": ["size", "kind"]})
    conversion = run(mapped, {"a": 5, "size": "2Gi"}, {"a": 7})
    assert conversion.layers[1].values == {"z": {"c": 7}}
    assert fates(conversion, 1) == {"a": "moved"}


def test_an_overlay_that_says_the_same_is_still_carried() -> None:
    conversion = run(mapping({"from": "a", "to": "z.c"}), {"a": 5}, {"a": 5})
    assert conversion.layers[1].values == {"z": {"c": 5}}


def test_an_overlay_that_flips_a_condition_changes_what_the_base_wrote() -> None:
    mapped = mapping(
        {"from": "a", "to": "z.c", "when": "not on", "otherwise": "on"}, {"from": "on", "drop": "a switch"}
    )
    conversion = run(mapped, {"a": 5}, {"on": True})
    assert conversion.layers[0].values == {"z": {"c": 5}}
    assert conversion.layers[1].values == {"z": {"c": "y"}}


def test_findings_name_the_first_layer_they_hold_in() -> None:
    mapped = mapping({"keep": "a"}, findings=[{"rule": "big", "level": "error", "when": "a > 5", "message": "too big"}])
    assert [index for _, index in run(mapped, {"a": 1}, {"a": 9}).findings] == [1]
    assert run(mapped, {"a": 1}, {"a": 2}).findings == ()


def image_settings(*entries: dict[str, Any]) -> Any:
    return mapping(images={"slots": [], "set": list(entries)})


def needs(mapped: Any, *layers: dict[str, Any]) -> list[dict[str, Any]]:
    surface = Surface("s", dict(leaves(SOURCE)))
    found = needs_of_images(
        mapped, version="1.0.0", source=surface, target=surface, layers=[Given(x, {}) for x in layers], name="m"
    )
    return [{format_path(o.target or ()): (o.fate, o.after) for o in layer} for layer in found.layers]


def test_what_an_image_needs_is_set_once_in_the_base() -> None:
    mapped = image_settings({"to": "a", "value": 70, "reason": "its user"})
    assert needs(mapped, {}, {"kind": "x"}) == [{"a": ("added", 70)}, {}]


def test_an_image_setting_replaces_only_what_it_knows() -> None:
    mapped = image_settings({"to": "a", "value": 70, "replaces": [1], "reason": "its user"})
    assert needs(mapped, {"a": 1}) == [{"a": ("changed", 70)}]
    assert needs(mapped, {"a": 5}) == [{"a": ("manual", 70)}]
    assert needs(mapped, {"a": 70}) == [{}]


def test_an_overlay_that_flips_the_condition_of_an_image_setting() -> None:
    """A bug of the first version: an overlay inherited a setting whose condition only the base met."""
    mapped = image_settings({"to": "on", "value": True, "when": "kind == 'one'", "reason": "needed for one"})
    assert needs(mapped, {}, {"kind": "two"}) == [{"on": ("added", True)}, {"on": ("added", False)}]
    assert needs(mapped, {"kind": "two"}, {"kind": "one"}) == [{}, {"on": ("added", True)}]


def test_a_literal_path_beats_a_star_of_the_same_length() -> None:
    mapped = mapping({"from": "b.*", "drop": "all the others"}, {"from": "b.c", "to": "z.c"})
    assert fates(run(mapped, {"b": {"c": 1, "d": {"k": 2}}})) == {"b.c": "moved", "b.d.k": "dropped"}
