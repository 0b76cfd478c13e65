"""The named transforms of a rule: small changes of shape that need no expression.

A value of another shape than the transform is for is ``Unfit``: it goes to a person, never half over. A
null stays a null (it takes a default away, on both sides), except for ``not``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from chartlift.mapping.expressions import to_yaml
from chartlift.records import Yaml

_MILLISECONDS = {"ms": 1, "s": 1000, "m": 60_000, "h": 3_600_000, "d": 86_400_000}
_BYTES = {
    "": 1, "Ki": 1024, "Mi": 1024**2, "Gi": 1024**3, "Ti": 1024**4, "k": 10**3, "M": 10**6, "G": 10**9, "T": 10**12,
}  # fmt: skip
_NUMBER = re.compile(r"\s*(\d{1,18}(?:\.\d{1,9})?)\s*([A-Za-z]*)\s*")
_YES, _NO = frozenset(["true", "yes", "on", "1"]), frozenset(["false", "no", "off", "0", ""])


class Unfit(ValueError):
    """The value does not have the shape that the transform is for: a person must look."""


def transform(name: str, value: Yaml, arguments: Mapping[str, Any]) -> Yaml:
    """Apply one transform; raises ``Unfit`` with words for the user."""
    return None if value is None and name != "not" else _TRANSFORMS[name](value, arguments)


def _enum(value: Any, arguments: Mapping[str, Any]) -> Yaml:
    table = {_word(key): item for key, item in arguments["enum"].items()}
    if isinstance(value, (dict, list)) or _word(value) not in table:
        raise Unfit(f"{value!r} has no counterpart (known: {', '.join(table)})")
    found: Yaml = table[_word(value)]
    return found


def _word(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _unit(value: Any, arguments: Mapping[str, Any]) -> Yaml:
    """``{from: ms, to: s}``: a number or ``<number><unit>`` in, a number out."""
    source, target = arguments["unit"]["from"], arguments["unit"]["to"]
    match = _NUMBER.fullmatch(str(value))
    scale = next((scale for scale in (_MILLISECONDS, _BYTES) if source in scale and target in scale), None)
    if match is None or scale is None or (match[2] or source) not in scale:
        raise Unfit(f"{value!r} is no number of {source}")
    number = float(match[1]) * scale[match[2] or source] / scale[target]
    return int(number) if number == int(number) else number


def _list_to_map(value: Any, arguments: Mapping[str, Any]) -> Yaml:
    key, name = arguments.get("key", "name"), arguments.get("value", "value")
    table: dict[str, Yaml] = {}
    for item in _list(value):
        if not isinstance(item, dict) or set(item) - {key, name} or key not in item:
            raise Unfit(f"an item is more than {key} and {name}")
        table[str(item[key])] = item.get(name)
    return table


def _map_to_list(value: Any, arguments: Mapping[str, Any]) -> Yaml:
    key, name = arguments.get("key", "name"), arguments.get("value", "value")
    if not isinstance(value, dict):
        raise Unfit("it is no map")
    return [{key: entry, name: item} for entry, item in value.items()]


def _list(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise Unfit("it is no list")
    return value


def _scalar(value: Any) -> Any:
    if isinstance(value, (dict, list)):
        raise Unfit("it is no single value")
    return value


def _join(value: Any, arguments: Mapping[str, Any]) -> Yaml:
    by: str = arguments.get("by", ",")
    return by.join(_word(_scalar(item)) for item in _list(value))


def _split(value: Any, arguments: Mapping[str, Any]) -> Yaml:
    parts = _word(_scalar(value)).split(arguments.get("by", ","))
    return [part.strip() for part in parts if part.strip()]


def _int(value: Any, _: Mapping[str, Any]) -> Yaml:
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, (bool, float)) or not re.fullmatch(r"\s*[+-]?\d{1,18}\s*", str(_scalar(value))):
        raise Unfit(f"{value!r} is no whole number")
    return int(value)


def _bool(value: Any, _: Mapping[str, Any]) -> Yaml:
    word = _word(_scalar(value)).strip().lower()
    if word not in _YES | _NO:
        raise Unfit(f"{value!r} is neither true nor false")
    return word in _YES


def _unwrap(value: Any, _: Mapping[str, Any]) -> Yaml:
    if len(_list(value)) > 1:
        raise Unfit("the target takes one of them only")
    return value[0] if value else None


def _yaml(value: Any, _: Mapping[str, Any]) -> Yaml:
    return to_yaml(value) + "\n"


_TRANSFORMS: dict[str, Callable[[Any, Mapping[str, Any]], Yaml]] = {
    "enum": _enum,
    "unit": _unit,
    "list-to-map": _list_to_map,
    "map-to-list": _map_to_list,
    "join": _join,
    "split": _split,
    "string": lambda value, _: _word(_scalar(value)),
    "int": _int,
    "bool": _bool,
    "not": lambda value, _: not value,
    "wrap-list": lambda value, _: [value],
    "unwrap-list": _unwrap,
    "yaml": _yaml,
    "tpl-yaml": _yaml,
}
