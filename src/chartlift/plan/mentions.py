"""Where a parent chart speaks of what a migration changes: value paths and names of objects.

A parent's own templates reach into a subchart in two ways: they read its values
(``.Values.redis.auth.password``) and they write the names of its objects
(``{{ .Release.Name }}-keycloak``). Both are text, so this module searches text, rewrites where the
whole meaning is in the match, and reports where it is not.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from chartlift.plan.files import Splice
from chartlift.plan.names import NameChange as NameChange

_KEY = r"[A-Za-z_][A-Za-z0-9_]*"
_VALUES = re.compile(rf"(?P<root>\$?\.Values)(?P<path>(?:\.{_KEY})+)")
_RELEASE = r"(?:\{\{-?\s*\$?\.Release\.Name\s*-?\}\}|%s|RELEASE-NAME)"


@dataclass(frozen=True, slots=True)
class PathChange:
    """What became of a value path: ``target`` is None where it cannot simply be read elsewhere."""

    source: tuple[str, ...]
    target: tuple[str, ...] | None
    reason: str


@dataclass(frozen=True, slots=True)
class Mention:
    """A place in a text that speaks of something changed."""

    line: int
    text: str
    change: PathChange | NameChange
    splice: Splice | None


def find_value_paths(text: str, changes: Sequence[PathChange]) -> Iterator[Mention]:
    """Find ``.Values.a.b`` whose path was changed; exact leaves that moved can be rewritten."""
    for match in _VALUES.finditer(text):
        path = tuple(match["path"][1:].split("."))
        change = _change_of(path, changes)
        if change is None:
            continue
        yield Mention(_line(text, match.start()), match[0], change, _respell(match, path, change))


def _change_of(path: tuple[str, ...], changes: Sequence[PathChange]) -> PathChange | None:
    """The change of this path itself, else of what it lies under, else of something below it."""
    for change in changes:
        if path[: len(change.source)] == change.source:
            return change
    for change in changes:
        if change.source[: len(path)] == path:
            return PathChange(path, None, f"below it: {change.reason}")
    return None


def _respell(match: re.Match[str], path: tuple[str, ...], change: PathChange) -> Splice | None:
    if change.target is None or not all(re.fullmatch(_KEY, part) for part in change.target):
        return None
    rest = path[len(change.source) :]
    return Splice(match.start("path"), match.end("path"), "".join(f".{p}" for p in change.target + rest))


def find_names(text: str, changes: Sequence[NameChange], release: str | None = None) -> Iterator[Mention]:
    """Find the names of changed objects: a release name, however it is written, and the suffix."""
    for change in sorted(changes, key=lambda c: -len(c.suffix)):
        prefix = _RELEASE if release is None else rf"(?:{_RELEASE}|\b{re.escape(release)})"
        pattern = re.compile(rf"{prefix}(?P<suffix>{re.escape(change.suffix)})(?![A-Za-z0-9-])")
        for match in pattern.finditer(text):
            yield Mention(_line(text, match.start()), match[0], change, _rename(match, change))


def _rename(match: re.Match[str], change: NameChange) -> Splice | None:
    if change.target_suffix is None:
        return None
    return Splice(match.start("suffix"), match.end("suffix"), change.target_suffix)


def _line(text: str, offset: int) -> int:
    return text.count("\n", 0, offset) + 1
