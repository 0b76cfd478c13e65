"""The named transforms of a rule: small changes of shape that need no expression."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from chartlift.mapping.expressions import to_yaml
from chartlift.records import Yaml


class Unfit(ValueError):
    """The value does not have the shape that the transform is for: a person must look."""


def transform(name: str, value: Yaml, arguments: Mapping[str, Any]) -> Yaml:
    """Apply one transform; raises ``Unfit`` with words for the user."""
    try:
        return _TRANSFORMS[name](value, arguments)
    except (TypeError, KeyError, AttributeError) as error:
        raise Unfit(f"{name} does not fit the value: {error}") from None


def _enum(value: Any, arguments: Mapping[str, Any]) -> Yaml:
    table = {str(key): item for key, item in arguments["enum"].items()}
    key = {True: "true", False: "false"}.get(value, value) if isinstance(value, bool) else value
    if str(key) not in table:
        raise Unfit(f"{value!r} has no counterpart (known: {', '.join(table)})")
    found: Yaml = table[str(key)]
    return found


_SCALES = {"ms": 1, "s": 1000, "m": 60_000, "h": 3_600_000, "d": 86_400_000} | {
    "": 1, "Ki": 1024, "Mi": 1024**2, "Gi": 1024**3, "Ti": 1024**4, "k": 10**3, "M": 10**6, "G": 10**9, "T": 10**12,
}  # fmt: skip


def _unit(value: Any, arguments: Mapping[str, Any]) -> Yaml:
    """``{from: ms, to: s}``: a number or ``<number><unit>`` in, a number out."""
    source, target = arguments["unit"]["from"], arguments["unit"]["to"]
    match = re.fullmatch(r"\s*([0-9.]+)\s*([A-Za-z]*)\s*", str(value))
    if match is None or (match[2] or source) not in _SCALES or target not in _SCALES:
        raise Unfit(f"{value!r} is no number of {source}")
    number = float(match[1]) * _SCALES[match[2] or source] / _SCALES[target]
    return int(number) if number == int(number) else number


def _list_to_map(value: Any, arguments: Mapping[str, Any]) -> Yaml:
    key, name = arguments.get("key", "name"), arguments.get("value", "value")
    table: dict[str, Yaml] = {}
    for item in value or []:
        if not isinstance(item, dict) or set(item) - {key, name} or key not in item:
            raise Unfit(f"an item is more than {key} and {name}")
        table[str(item[key])] = item.get(name)
    return table


def _map_to_list(value: Any, arguments: Mapping[str, Any]) -> Yaml:
    key, name = arguments.get("key", "name"), arguments.get("value", "value")
    return [{key: entry, name: item} for entry, item in (value or {}).items()]


def _not(value: Any, _: Mapping[str, Any]) -> Yaml:
    return not value


_TRANSFORMS: dict[str, Callable[[Any, Mapping[str, Any]], Yaml]] = {
    "enum": _enum,
    "unit": _unit,
    "list-to-map": _list_to_map,
    "map-to-list": _map_to_list,
    "join": lambda value, a: a.get("by", ",").join(map(str, value or [])),
    "split": lambda value, a: [part.strip() for part in str(value or "").split(a.get("by", ",")) if part.strip()],
    "string": lambda value, _: str(value).lower() if isinstance(value, bool) else str(value),
    "int": lambda value, _: int(value),
    "bool": lambda value, _: value if isinstance(value, bool) else str(value).lower() in ("true", "yes", "1", "on"),
    "not": _not,
    "wrap-list": lambda value, _: [value],
    "unwrap-list": lambda value, _: value[0] if value else None,
    "yaml": lambda value, _: to_yaml(value) + "\n",
    "tpl-yaml": lambda value, _: to_yaml(value) + "\n",
}
