"""Paths into YAML data: parse and look up, and pure changes that return new data."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from chartlift.errors import ChartliftError
from chartlift.records import Yaml, YamlPath

_STEP = re.compile(r'\.?"((?:[^"\\]|\\.)*)"|\[(\d+)\]|\.?([^.\[\]"]+)')


def parse_path(text: str) -> YamlPath:
    """``a."b.c"[0]`` -> ``("a", "b.c", 0)``; the inverse of ``records.format_path``."""
    steps: list[str | int] = []
    at = 0
    while at < len(text):
        match = _STEP.match(text, at)
        if match is None or match.end() == at:
            raise ChartliftError(f"not a value path: {text!r}", help='Write keys with dots in quotes: a."b.c"[0].')
        quoted, index, plain = match.groups()
        if index is not None:
            steps.append(int(index))
        else:
            steps.append(plain if plain is not None else re.sub(r"\\(.)", r"\1", quoted))
        at = match.end()
    return tuple(steps)


def get_in(data: Any, path: YamlPath, default: Any = None) -> Any:
    """What is at ``path``, or ``default`` where the path does not lead anywhere."""
    for step in path:
        if isinstance(data, dict) and isinstance(step, str):
            if step not in data:
                return default
            data = data[step]
        elif isinstance(data, list) and isinstance(step, int) and -len(data) <= step < len(data):
            data = data[step]
        else:
            return default
    return data


def set_in(data: Yaml, path: YamlPath, value: Yaml) -> Yaml:
    """New data with ``value`` at ``path``; maps are made on the way, an index equal to a list's length appends."""
    if not path:
        return value
    step, rest = path[0], path[1:]
    if isinstance(step, int):
        items = list(data) if isinstance(data, list) else []
        if step > len(items):
            raise ChartliftError(f"the list has no item {step}")
        items[step : step + 1] = [set_in(items[step] if step < len(items) else None, rest, value)]
        return items
    table = dict(data) if isinstance(data, dict) else {}
    table[step] = set_in(table.get(step), rest, value)
    return table


def delete_in(data: Yaml, path: YamlPath, *, prune: bool = False) -> Yaml:
    """New data without what is at ``path``; ``prune`` also removes the maps that this leaves empty."""
    if not path or get_in(data, path[:1], _GONE) is _GONE:
        return data
    step, rest = path[0], path[1:]
    if isinstance(data, list) and isinstance(step, int):
        if not rest:
            return [item for index, item in enumerate(data) if index != step]
        return [delete_in(item, rest, prune=prune) if index == step else item for index, item in enumerate(data)]
    if not isinstance(data, dict) or not isinstance(step, str):
        return data
    if not rest:
        return {key: value for key, value in data.items() if key != step}
    inner = delete_in(data[step], rest, prune=prune)
    if prune and inner == {} and data[step] != {}:
        return {key: value for key, value in data.items() if key != step}
    return data | {step: inner}


_GONE = object()


def leaves(data: Yaml, path: YamlPath = ()) -> Iterator[tuple[YamlPath, Yaml]]:
    """Every leaf with its path: scalars, nulls, whole lists, empty maps."""
    if isinstance(data, dict) and data:
        for key, value in data.items():
            yield from leaves(value, (*path, key))
    elif path:
        yield path, data
