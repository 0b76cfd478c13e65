"""How two objects differ, field by field.

List entries that have a name are matched by it, as Kubernetes merges them; others by position. Plain
recursion that stops at equal parts: on objects that are mostly equal this costs what ``==`` costs.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from chartlift.records import Yaml

_LIST_KEYS = ("name", "mountPath", "containerPort", "key", "port")
_NOISE = re.compile(
    r"(?:^|\.)(?:labels|annotations)\.\"?(?:helm\.sh/chart|app\.kubernetes\.io/version|checksum[/-][^\"]*|chart)\"?$"
)
_PLAIN = re.compile(r"[^.\[\]\"*\s]+")


@dataclass(frozen=True, slots=True)
class Absent:
    """Stands for a field that is not there, which differs from one that is null."""

    def __repr__(self) -> str:
        return "<absent>"


ABSENT = Absent()
Side: TypeAlias = "Yaml | Absent"


@dataclass(frozen=True, slots=True)
class Difference:
    """One field that differs; raw values, so never to be printed as they are."""

    path: str
    before: Side
    after: Side

    @property
    def is_noise(self) -> bool:
        """Labels that name the chart's version and checksums of other objects: no change by themselves."""
        return _NOISE.search(self.path) is not None


def differences(before: Yaml, after: Yaml, path: str = "") -> Iterator[Difference]:
    """The smallest fields that differ, in the order of ``before``, then what ``after`` adds."""
    if isinstance(before, dict) and isinstance(after, dict):
        yield from _in_maps(before, after, path)
    elif isinstance(before, list) and isinstance(after, list):
        yield from _in_lists(before, after, path)
    elif not same(before, after):
        yield Difference(path, before, after)


def same(before: Yaml, after: Yaml) -> bool:
    """Equal as YAML: ``1`` is not ``true``."""
    return before == after and isinstance(before, bool) == isinstance(after, bool)


def join(path: str, key: str) -> str:
    """``a`` and ``b.c`` -> ``a."b.c"``, the way reports write paths."""
    shown = key if _PLAIN.fullmatch(key) else '"' + key.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return f"{path}.{shown}" if path else shown


def _in_maps(before: dict[str, Yaml], after: dict[str, Yaml], path: str) -> Iterator[Difference]:
    for key, value in before.items():
        if key in after:
            yield from differences(value, after[key], join(path, key))
        elif not _is_empty(value):
            yield Difference(join(path, key), value, ABSENT)
    for key, value in after.items():
        if key not in before and not _is_empty(value):
            yield Difference(join(path, key), ABSENT, value)


def _in_lists(before: Sequence[Yaml], after: Sequence[Yaml], path: str) -> Iterator[Difference]:
    key = next((key for key in _LIST_KEYS if _is_keyed(before, key) and _is_keyed(after, key)), None)
    if key is None:
        yield from _by_position(before, after, path)
        return
    old, new = _by_key(before, key), _by_key(after, key)
    for name, value in old.items():
        inner = f"{path}[{name}]"
        if name in new:
            yield from differences(value, new[name], inner)
        else:
            yield Difference(inner, value, ABSENT)
    yield from (Difference(f"{path}[{name}]", ABSENT, value) for name, value in new.items() if name not in old)


def _by_position(before: Sequence[Yaml], after: Sequence[Yaml], path: str) -> Iterator[Difference]:
    """Lists of maps entry by entry; a list of scalars (arguments) is one value."""
    if len(before) != len(after) or not all(isinstance(item, dict) for item in (*before, *after)):
        if before != after:
            yield Difference(path, list(before), list(after))
        return
    for index, (old, new) in enumerate(zip(before, after, strict=True)):
        yield from differences(old, new, f"{path}[{index}]")


def _is_keyed(entries: Sequence[Yaml], key: str) -> bool:
    """Whether every entry is a map with its own value under ``key``."""
    values = [entry.get(key) for entry in entries if isinstance(entry, dict)]
    names = {str(value) for value in values if isinstance(value, str | int)}
    return len(names) == len(entries)


def _by_key(entries: Sequence[Yaml], key: str) -> dict[str, Yaml]:
    return {str(entry[key]): entry for entry in entries if isinstance(entry, dict)}


def _is_empty(value: Yaml) -> bool:
    """Kubernetes reads null, ``{}`` and ``[]`` as absent."""
    return value is None or value == {} or value == []
