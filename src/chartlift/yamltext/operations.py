"""The edits that can be asked of a YAML text, as records; ``edit`` applies them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from chartlift.records import Yaml, YamlPath


@dataclass(frozen=True, slots=True)
class Set:
    """Replace or insert a value; missing parents are made, an index equal to a list's length appends."""

    path: YamlPath
    value: Yaml
    comment: str | None = None
    """A comment line above an inserted key, without ``#``."""


@dataclass(frozen=True, slots=True)
class Delete:
    """Remove a key or list item with its comments; ``prune`` also removes maps that this empties."""

    path: YamlPath
    prune: bool = False


@dataclass(frozen=True, slots=True)
class Rename:
    """Give a key another name where it stands."""

    path: YamlPath
    new_key: str


@dataclass(frozen=True, slots=True)
class Move:
    """Carry a value with its comments to another path; emptied maps are removed."""

    source: YamlPath
    target: YamlPath


Edit: TypeAlias = Set | Delete | Rename | Move
