"""One YAML document: its data as Helm reads it, and the line of every path in it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from chartlift.records import Yaml, YamlPath
from chartlift.yamltext.load import BOM, Reader, construct
from chartlift.yamltext.nodes import MOST_DEPTH, compose, is_list, is_map, start_of
from chartlift.yamltext.paths import get_in

_MISSING = object()


@dataclass(frozen=True, slots=True)
class Document:
    """The ``index``-th document of a text."""

    text: str = field(repr=False)
    file: str
    data: Yaml
    root: Any = field(repr=False, compare=False)
    count: int = 1
    """How many documents the text holds."""

    @classmethod
    def parse(cls, text: str, *, file: str, index: int = 0) -> Document:
        """Compose and read; ``ChartliftError`` with file and line for what Helm could not read."""
        bare = text.removeprefix(BOM)
        roots = compose(bare, file=file)
        root = roots[index] if index < len(roots) else None
        data = construct(root, bare, file)
        return cls(text, file, {} if data is None else data, root, len(roots))

    def below(self, path: YamlPath) -> Document:
        """What lies at ``path`` as a document of its own; its lines stay those of this one."""
        reader = Reader(self.text.removeprefix(BOM), self.file)
        node = self.root
        for step in path:
            node, _ = _step(reader, node, step)
        return Document(self.text, self.file, get_in(self.data, path, {}), node)

    def has(self, path: YamlPath) -> bool:
        return get_in(self.data, path, _MISSING) is not _MISSING

    def lines(self) -> dict[YamlPath, int]:
        """The 1-based line of every key, list items left out: for many look-ups at once."""
        found: dict[YamlPath, int] = {}
        _collect(Reader(self.text.removeprefix(BOM), self.file), self.root, (), found)
        return found

    def repeated(self) -> tuple[str, int] | None:
        """The first key that stands twice in one map, and the 1-based line of the second."""
        return _repeated(Reader(self.text.removeprefix(BOM), self.file), self.root)

    def line_of(self, path: YamlPath) -> int | None:
        """The 1-based line of the key (or list item) at ``path``; None where the text has no such place."""
        bare = self.text.removeprefix(BOM)
        reader = Reader(bare, self.file)
        node, at = self.root, None
        for step in path:
            node, at = _step(reader, node, step)
            if at is None:
                return None
        return None if at is None else bare.count("\n", 0, at) + 1


def _collect(reader: Reader, node: Any, path: YamlPath, lines: dict[YamlPath, int], depth: int = 0) -> None:
    """Note the line of every key below ``node``; what an alias repeats has the lines of its anchor."""
    if depth > MOST_DEPTH or not is_map(node):
        return
    for key, value in node.value:
        if not reader.is_merge(key):
            below = (*path, reader.key(key))
            lines[below] = key.start_mark.line + 1
            _collect(reader, value, below, lines, depth + 1)


def _repeated(reader: Reader, node: Any, depth: int = 0) -> tuple[str, int] | None:
    if depth > MOST_DEPTH or not (is_map(node) or is_list(node)):
        return None
    seen: set[str] = set()
    for entry in node.value:
        key, inner = entry if is_map(node) else (None, entry)
        if key is not None and not reader.is_merge(key):
            name = reader.key(key)
            if name in seen:
                return name, key.start_mark.line + 1
            seen.add(name)
        found = _repeated(reader, inner, depth + 1)
        if found is not None:
            return found
    return None


def _step(reader: Reader, node: Any, step: str | int) -> tuple[Any, int | None]:
    """The child and the offset where its key or item starts."""
    if is_map(node) and isinstance(step, str):
        for key, value in reversed(node.value):
            if not reader.is_merge(key) and reader.key(key) == step:
                return value, start_of(key)
    if is_list(node) and isinstance(step, int) and step < len(node.value):
        return node.value[step], start_of(node.value[step])
    return None, None
