"""A made-up pair of charts and mappings between them, for the tests of the engine."""

from __future__ import annotations

from collections.abc import Mapping as Table
from typing import Any

from chartlift.mapping.build import build_mapping
from chartlift.mapping.engine import Conversion, Given, convert
from chartlift.mapping.model import Mapping
from chartlift.mapping.surfaces import Surface
from chartlift.records import format_path
from chartlift.yamltext.paths import leaves


def mapping(*rules: dict[str, Any], same: bool = False, **more: Any) -> Mapping:
    target = {"chart": "t", "repository": "oci://x", "version": "1.0.0", "surface": "x/y/1"}
    data = {
        "id": "m",
        "title": "M",
        "source": {"chart": "m", "vendor": "v", "versions": ">=1", "tested": []},
        "target": target | {"values": "same" if same else "other"},
        "values": list(rules),
    }
    return build_mapping(data | more, file="m.yaml", builtin=False)


def run(mapped: Mapping, *layers: Table[str, Any], source: Table[str, Any], target: Table[str, Any]) -> Conversion:
    return convert(
        mapped,
        version="1.0.0",
        source=Surface("s", dict(leaves(dict(source)))),
        target=Surface("t", dict(leaves(dict(target)))),
        layers=[Given(layer, {}) for layer in layers],
        name="m",
    )


def fates(conversion: Conversion, layer: int = 0) -> dict[str, tuple[str, str]]:
    """By source (or target, for what the tool added): the fate, and where it went."""
    outcomes = conversion.layers[layer].outcomes
    return {
        format_path(o.source or o.target or ()): (o.fate, format_path(o.target) if o.target else "") for o in outcomes
    }
