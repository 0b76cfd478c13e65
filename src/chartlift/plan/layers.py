"""One values file while it is being planned: its data, the edits so far, and where each leaf came from.

A migration first moves whole subtrees (a bundled database becomes a dependency of the parent) and
then converts what lies below. The ledger must name the leaf as the *user* wrote it, so a layer
remembers each relocation and can say where a path was in the file (design, invariant 1).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from chartlift.records import Fate, Place, ValueRecord, Yaml, YamlPath, format_path
from chartlift.yamltext.document import Document
from chartlift.yamltext.edit import Delete, Edit, Move, Set, apply_to_data, same_yaml
from chartlift.yamltext.paths import get_in, leaves

_GONE = object()


class Layer:
    """A values file being planned. ``data`` is always the document with ``edits`` applied."""

    def __init__(
        self,
        document: Document,
        *,
        file: str,
        below: tuple[int, ...] = (0,),
        first_line: int = 1,
        prefix: YamlPath = (),
        line: int | None = None,
    ) -> None:
        self.document = document
        self.file = file
        self.below = below
        """The layers under it in its chain, by index, lowest first; the first layer of all has none."""
        self.first_line = first_line
        """Where in the file the document starts, 1-based."""
        self.line = line
        """The line of what stands in no line of its own: values that are added, ``--set`` pairs."""
        self.prefix = prefix
        """Where in the file the values stand, for values that are a part of it."""
        self.data: Yaml = document.data if isinstance(document.data, dict) else {}
        self.edits: list[Edit] = []
        self.records: dict[YamlPath, tuple[str, ValueRecord]] = {}
        self.additions: list[tuple[str, ValueRecord]] = []
        self._lines: dict[YamlPath, int] | None = None
        self._relocations: list[tuple[YamlPath, YamlPath]] = []

    def chain(self, layers: Sequence[Layer]) -> list[Layer]:
        """Itself and what lies under it, lowest first; ``layers`` are all of the plan."""
        return [self] if self is layers[0] else [*(layers[index] for index in self.below), self]

    def section(self, path: YamlPath) -> dict[str, Yaml]:
        """The map at ``path``, or an empty one."""
        found = get_in(self.data, path, None)
        return found if isinstance(found, dict) else {}

    def has(self, path: YamlPath) -> bool:
        return bool(get_in(self.data, path, _GONE) is not _GONE)

    def in_the_way(self, path: YamlPath) -> bool:
        """Is there something above the path that nothing can be written into?"""
        above = (self.get(path[:end]) for end in range(1, len(path)))
        return any(not isinstance(value, dict | list) and value is not None for value in above)

    def get(self, path: YamlPath) -> Yaml:
        found: Yaml = get_in(self.data, path, None)
        return found

    def edit(self, edit: Edit) -> None:
        self.data = apply_to_data(self.data, [edit])
        self.edits.append(edit)

    def set(self, path: YamlPath, value: Yaml, comment: str | None = None) -> None:
        if not self.has(path) or not same_yaml(self.get(path), value):
            self.edit(Set(path, value, comment))

    def delete(self, path: YamlPath) -> None:
        if self.has(path):
            self.edit(Delete(path, prune=True))

    def relocate(self, source: YamlPath, target: YamlPath) -> None:
        """Move a subtree and keep knowing where its leaves were written."""
        self.edit(Move(source, target))
        self._relocations.append((source, target))

    def origin(self, path: YamlPath) -> YamlPath:
        """Where the user wrote what is now at ``path``."""
        for source, target in reversed(self._relocations):
            if path[: len(target)] == target:
                path = source + path[len(target) :]
        return path

    def place(self, path: YamlPath) -> Place:
        """File, line and path of what the user wrote, for a path as it is now."""
        origin = self.origin(path)
        return Place(self.file, self._line(origin), format_path(self.prefix + origin) or None)

    def _line(self, origin: YamlPath) -> int | None:
        if self._lines is None:
            self._lines = self.document.lines()
        while origin and origin not in self._lines:
            origin = origin[:-1]
        found = self._lines.get(origin)
        if found is None:
            return self.line
        return found + self.first_line - 1

    def record(
        self,
        owner: str,
        fate: Fate,
        source: YamlPath,
        target: YamlPath | None,
        *,
        reason: str = "",
        rule: str = "",
        before: Yaml = None,
        after: Yaml = None,
        secret: bool = False,
    ) -> None:
        """Write the one fate of a leaf; ``source`` is the path as it is now, before its own move."""
        origin = self.origin(source)
        entry = ValueRecord(
            fate,
            format_path(origin),
            None if target is None else format_path(target),
            self.place(source),
            reason,
            rule,
            before,
            after,
            secret,
        )
        self.records[origin] = (owner, entry)

    def add(self, owner: str, record: ValueRecord) -> None:
        """Note a value that the tool wrote without the user having set it."""
        self.additions.append((owner, record))

    def revise(self, path: YamlPath, after: Yaml, reason: str) -> bool:
        """Put the last word into the entry of what the conversion wrote at ``path``; False where there is none."""
        target = format_path(path)
        for origin, (owner, entry) in self.records.items():
            if entry.target == target:
                self.records[origin] = owner, replace(entry, fate="changed", after=after, reason=reason, rule="image")
                return True
        for index, (owner, entry) in enumerate(self.additions):
            if entry.target == target:
                self.additions[index] = owner, replace(entry, after=after, reason=reason, rule="image")
                return True
        return False

    def is_users(self, path: YamlPath) -> bool:
        """Did the user write the leaf that is now at ``path``?"""
        return self.origin(path) in {leaf for leaf, _ in self.written_leaves()}

    def written_leaves(self) -> list[tuple[YamlPath, Yaml]]:
        """The leaves as they stand in the user's file."""
        data = self.document.data
        return list(leaves(data)) if isinstance(data, dict) else []
