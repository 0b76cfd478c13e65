"""Helm's rules for merging values, on plain maps and on a chart with its subcharts.

Written from the behaviour of Helm 4 (https://helm.sh/docs/chart_template_guide/subcharts_and_globals/
and ``pkg/chart/common/util``); ``tests/chart/test_values_helm.py`` holds it against Helm itself. Like
Helm's, these functions work in place on maps the caller owns, because Helm's sharing shows: deep
``global`` tables of a subchart become visible to its parent.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from chartlift.errors import ChartliftError
from chartlift.records import Yaml

Values: TypeAlias = dict[str, Yaml]
GLOBAL = "global"


@dataclass(slots=True)
class Node:
    """A chart while its values are worked out: the name it goes by (alias), defaults, live subcharts."""

    name: str
    values: Values
    children: list[Node] = field(default_factory=list)


def merge_layers(layers: Iterable[Mapping[str, Yaml]]) -> Values:
    """Several ``-f`` files as one: later wins, maps merge, lists and nulls replace."""
    merged: Values = {}
    for layer in layers:
        _override(merged, layer)
    return merged


def merge_values(overrides: Mapping[str, Yaml], defaults: Mapping[str, Yaml]) -> Values:
    """Values over a chart's defaults (no subcharts): a null deletes a default. Nothing is modified."""
    merged = copied(overrides)
    fill(Node("", dict(defaults)), merged, keep_nulls=False)
    return merged


def coalesce(chart: Node, values: Values, *, keep_nulls: bool) -> Values:
    """Fill ``values`` (in place) with the defaults of the chart and all its subcharts."""
    fill(chart, values, keep_nulls)
    for child in chart.children:
        below = values.setdefault(child.name, {})
        if not isinstance(below, dict):
            raise ChartliftError(
                "the values of a subchart must be a map",
                path=child.name,
                help=f"Set values below the key: `{child.name}: {{enabled: false}}`.",
            )
        _pass_globals(below, values)
        coalesce(child, below, keep_nulls=keep_nulls)
    return values


def fill(chart: Node, values: Values, keep_nulls: bool) -> None:
    """One chart's own defaults under ``values``, in place."""
    children = {child.name for child in chart.children}
    for key, default in copied(chart.values).items():
        if key in values:
            _fill_key(values, key, default, keep_nulls, keep_nulls or key in children)
        elif keep_nulls:
            values[key] = default
        elif default is not None:
            if isinstance(default, dict):
                drop_nulls(default)
            values[key] = default


def _fill_key(values: Values, key: str, default: Yaml, keep_nulls: bool, keep_below: bool) -> None:
    value = values[key]
    if value is None and not keep_nulls:
        del values[key]
    elif isinstance(value, dict) and isinstance(default, dict):
        if not keep_below:
            drop_nulls(default)
        merge_tables(value, default, keep_nulls=keep_below)


def merge_tables(into: Values, defaults: Values, *, keep_nulls: bool) -> None:
    """Add ``defaults`` to ``into`` where it has no such key. A null in ``into`` removes a default,
    and itself, unless nulls are kept for a later merge. Tables end up shared; nulls go both ways."""
    given = dict(defaults)
    defaults.update((key, None) for key, value in into.items() if value is None)
    for key, default in given.items():
        value = into.setdefault(key, default)
        if value is None and default is not None and not keep_nulls:
            del into[key]
        elif value is default:
            continue
        elif isinstance(value, dict) and isinstance(default, dict):
            merge_tables(value, default, keep_nulls=keep_nulls)


def copied(values: Mapping[str, Yaml]) -> Values:
    """The maps and lists anew; ``deepcopy`` takes over twice as long, since it asks what else there could be."""
    return {key: _copy(value) for key, value in values.items()}


def _copy(value: Yaml) -> Yaml:
    if isinstance(value, dict):
        return copied(value)
    return [_copy(item) for item in value] if isinstance(value, list) else value


def drop_nulls(values: Values) -> None:
    """Remove every null from a map and the maps in it (not from lists)."""
    for key, value in list(values.items()):
        if value is None:
            del values[key]
        elif isinstance(value, dict):
            drop_nulls(value)


def _pass_globals(below: Values, above: Values) -> None:
    """The parent's ``global`` over the subchart's; anything but maps is left alone."""
    own, given = below.get(GLOBAL, {}), above.get(GLOBAL, {})
    if not isinstance(own, dict) or not isinstance(given, dict):
        return
    for key, value in given.items():
        mine = own.get(key)
        if isinstance(value, dict):
            if key in own and not isinstance(mine, dict):
                continue
            table = dict(value)
            merge_tables(table, mine if isinstance(mine, dict) else {}, keep_nulls=True)
            own[key] = table
        elif not isinstance(mine, dict):
            own[key] = value
    below[GLOBAL] = own


def _override(into: Values, layer: Mapping[str, Yaml]) -> None:
    for key, value in layer.items():
        current = into.get(key)
        if isinstance(current, dict) and isinstance(value, dict):
            _override(current, value)
        else:
            into[key] = _copy(value)
