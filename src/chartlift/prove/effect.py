"""What a value does: the difference between two renderings of one chart, as paths and values."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from chartlift.records import Yaml
from chartlift.verify.objects import RenderedObject

_NOISE = re.compile(r"checksum/|helm\.sh/chart$|app\.kubernetes\.io/version$")
Fields = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Effect:
    """Fields of rendered objects that differ: path -> what stands there with the value."""

    changed: Mapping[str, str]

    def __bool__(self) -> bool:
        return bool(self.changed)

    def only_secrets(self) -> bool:
        """Nothing but Secrets differ: perhaps only by what is made up at every rendering."""
        return bool(self.changed) and all(path.startswith("Secret/") for path in self.changed)

    def without(self, paths: frozenset[str]) -> Effect:
        """The effect without some paths."""
        return Effect({path: value for path, value in self.changed.items() if path not in paths})

    def held(self, marks: Sequence[str]) -> tuple[str, ...]:
        """The marks that stand in what changed."""
        return tuple(mark for mark in marks if self.holds((mark,)))

    def holds(self, marks: Sequence[str]) -> bool:
        """Does every mark stand in what changed? Case is left out: names of variables are upper case."""
        text = "\n".join((*self.changed, *self.changed.values())).lower().replace("_", "-")
        return all(mark.lower().replace("_", "-") in text for mark in marks)


def fields_of(objects: Sequence[RenderedObject]) -> dict[str, str]:
    """Every leaf of every object by its path; lists of named things by their names."""
    found: dict[str, str] = {}
    for item in objects:
        inside = f"{item.identity}.data."
        for path, value in _leaves(item.data, str(item.identity)):
            if not _NOISE.search(path):
                found[path] = _plain(value) if path.startswith("Secret/") and path.startswith(inside) else value
    return found


def _plain(value: str) -> str:
    """What a Secret holds: packed, a value could not be found again in it."""
    try:
        return base64.b64decode(value, validate=True).decode("utf-8")
    except (binascii.Error, UnicodeDecodeError):
        return value


def effect_of(before: Fields, after: Fields) -> Effect:
    """What is new or other afterwards; what is gone counts as empty."""
    changed = {path: value for path, value in after.items() if before.get(path) != value}
    changed.update({path: "" for path in before if path not in after})
    return Effect(changed)


def _leaves(value: Yaml, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _leaves(inner, f"{path}.{key}")
        if not value:
            yield path, "{}"
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            name = inner.get("name") if isinstance(inner, dict) else None
            yield from _leaves(inner, f"{path}[{name if isinstance(name, str) else index}]")
        if not value:
            yield path, "[]"
    else:
        yield path, str(value)
