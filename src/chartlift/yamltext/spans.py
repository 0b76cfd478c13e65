"""Where things stand in the text: the lines of an entry, its comments, its indentation.

A block collection's end mark lies where the next token starts, behind comments that are none of its own,
so real ends are worked out from the last thing inside. Comment lines directly above an entry, at its
indentation, belong to it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from chartlift.errors import EditRefused
from chartlift.records import YamlPath, format_path
from chartlift.yamltext.load import Reader
from chartlift.yamltext.nodes import end_of, is_list, is_map, start_of

_ALIAS = re.compile(r"\s*(\*[^\s,\[\]{}]+)")
_FLOW_ALIAS = re.compile(r"[^*]*?(\*[^\s,\[\]{}]+)")
_COLON = re.compile(r"\s*:")
_DASH = re.compile(r"(?:[&!]\S*|#[^\n]*|\s)*-")
_BESIDE = re.compile(r"[^\n]*?([ \t]+#[^\r\n]*)")


@dataclass(frozen=True, slots=True)
class Entry:
    """One key with its value, or one list item (then ``key`` is None), inside ``parent``."""

    parent: Any
    index: int
    key: Any
    value: Any
    path: YamlPath


def entry_at(parent: Any, index: int) -> Entry:
    """The entry of a map or list by its place, for measuring only: it has no path."""
    key, value = parent.value[index] if is_map(parent) else (None, parent.value[index])
    return Entry(parent, index, key, value, ())


@dataclass(frozen=True, slots=True)
class Item:
    """A list item's dash (in flow: where the search for it began) and the span of its value."""

    dash: int
    start: int
    end: int
    alias: bool


class Map:
    """Finds entries of one document and measures them."""

    def __init__(self, text: str, root: Any, file: str) -> None:
        self.text, self.root, self.file = text, root, file
        self.reader = Reader(text, file)
        self.newline = "\r\n" if "\r\n" in text[:4096] else "\n"
        self._items: dict[int, list[Item]] = {}

    def find(self, path: YamlPath) -> tuple[list[Entry], YamlPath]:
        """The entries along ``path`` as far as the text has them, and the rest of the path."""
        found: list[Entry] = []
        node = self.root
        for depth, step in enumerate(path):
            entry = self._child(node, step, path[: depth + 1])
            if entry is None:
                return found, path[depth:]
            if self.is_alias(entry) and depth + 1 < len(path):
                raise self.refuse(entry, "lies in an alias: the same text is used elsewhere")
            found.append(entry)
            node = entry.value
        return found, ()

    def _child(self, node: Any, step: str | int, path: YamlPath) -> Entry | None:
        if is_map(node) and isinstance(step, str):
            for index in range(len(node.value) - 1, -1, -1):
                key, value = node.value[index]
                if not self.reader.is_merge(key) and self.reader.key(key) == step:
                    return Entry(node, index, key, value, path)
        if is_list(node) and isinstance(step, int) and step < len(node.value):
            return Entry(node, step, None, node.value[step], path)
        return None

    def is_alias(self, entry: Entry) -> bool:
        """An alias has no node of its own: its node stands before its key, at the anchor."""
        if entry.key is None:
            return self._item(entry).alias
        return start_of(entry.value) < end_of(entry.key)

    def value_span(self, entry: Entry) -> tuple[int, int]:
        """The value's own text, without blank lines and comments behind it."""
        if entry.key is None:
            item = self._item(entry)
            return item.start, item.end
        if self.is_alias(entry):
            match = _ALIAS.match(self.text, self.after_colon(entry))
            if match is None:
                raise self.refuse(entry, "has a form that cannot be edited safely")
            return match.start(1), match.end()
        if start_of(entry.value) == end_of(entry.value):
            at = self.after_colon(entry)
            return at, at
        return start_of(entry.value), self.real_end(entry.value)

    def after_colon(self, entry: Entry) -> int:
        """Behind the colon of a key, or the dash of a list item."""
        if entry.key is None:
            return self._item(entry).dash + 1
        colon = _COLON.match(self.text, end_of(entry.key))
        if colon is None:
            raise self.refuse(entry, "has no value of its own")
        return colon.end()

    def _item(self, entry: Entry) -> Item:
        """Items are measured from the first on, once: an alias or an empty item is found only in that way."""
        known = self._items.get(id(entry.parent))
        if known is None:
            known, at = [], start_of(entry.parent)
            for node in entry.parent.value:
                known.append(self._measure(entry, node, at))
                at = known[-1].end
            self._items[id(entry.parent)] = known
        return known[entry.index]

    def _measure(self, entry: Entry, node: Any, at: int) -> Item:
        dash = at
        if not self.in_flow(entry):
            match = _DASH.match(self.text, at)
            if match is None:
                raise self.refuse(entry, "has a form that cannot be edited safely")
            dash = match.end() - 1
        if start_of(node) < dash:
            alias = (_FLOW_ALIAS if self.in_flow(entry) else _ALIAS).match(self.text, dash + 1)
            if alias is None:
                raise self.refuse(entry, "has a form that cannot be edited safely")
            return Item(dash, alias.start(1), alias.end(), True)
        if start_of(node) == end_of(node):
            return Item(dash, dash + 1, dash + 1, False)
        return Item(dash, start_of(node), self.real_end(node), False)

    def real_end(self, node: Any) -> int:
        """Behind the last character that belongs to a node."""
        if getattr(node, "flow_style", False) or not (is_map(node) or is_list(node)) or not node.value:
            end = end_of(node)
            if getattr(node, "style", None) in ("|", ">"):
                body = self.text[start_of(node) : end]
                if "+" in body.split("\n", 1)[0].split("#")[0]:
                    return end - (2 if body.endswith("\r\n") else 1 if body.endswith("\n") else 0)
                return start_of(node) + len(body.rstrip())
            return end
        return self.value_span(entry_at(node, len(node.value) - 1))[1]

    def in_flow(self, entry: Entry) -> bool:
        return bool(getattr(entry.parent, "flow_style", False))

    def line_start(self, at: int) -> int:
        return self.text.rfind("\n", 0, at) + 1

    def line_end(self, at: int) -> int:
        """The offset of the line's newline, or of the end of the text."""
        found = self.text.find("\n", at)
        return len(self.text) if found < 0 else found

    def column(self, at: int) -> int:
        return at - self.line_start(at)

    def starts_line(self, at: int) -> bool:
        return self.text[self.line_start(at) : at].strip(" ") == ""

    def entry_start(self, entry: Entry) -> int:
        """Where the key starts, or the dash of a list item."""
        if entry.key is not None:
            return start_of(entry.key)
        return self.value_span(entry)[0] if self.in_flow(entry) else self._item(entry).dash

    def lines_of(self, entry: Entry) -> tuple[int, int]:
        """From the first attached comment line to behind the newline of the entry's last line.

        A comment that the file begins with is about the file: it is not attached.
        """
        start = first = self.line_start(self.entry_start(entry))
        indent = self.column(self.entry_start(entry))
        while start > 0:
            above = self.line_start(start - 1)
            line = self.text[above : start - 1]
            if not line.lstrip().startswith("#") or len(line) - len(line.lstrip(" ")) != indent:
                break
            start = above
        if self.text[:start].strip() in ("", "---") and "\n\n" not in self.text[:start].replace("\r", ""):
            start = first
        end = self.last_line_end(self.value_span(entry)[1], indent)
        return start, min(end + 1, len(self.text))

    def last_line_end(self, at: int, indent: int) -> int:
        """The line end behind ``at`` and behind the comments below that are indented deeper than the entry."""
        end = following = self.line_end(at)
        while following < len(self.text):
            start = following + 1
            following = self.line_end(start)
            bare = self.text[start:following].lstrip(" ")
            if bare.startswith("#") and following - start - len(bare) > indent:
                end = following
            elif bare.strip():
                break
        return end

    def beside(self, entry: Entry) -> str:
        """The comment on the line of a block scalar's ``|``, or ""."""
        if getattr(entry.value, "style", None) not in ("|", ">") or self.is_alias(entry):
            return ""
        match = _BESIDE.match(self.text, start_of(entry.value))
        return match[1] if match else ""

    def refuse(self, entry: Entry, reason: str) -> EditRefused:
        at = start_of(entry.key) if entry.key is not None else start_of(entry.parent)
        line = self.text.count("\n", 0, at) + 1
        return EditRefused(
            f"{format_path(entry.path)} {reason}",
            file=self.file,
            line=line,
            path=format_path(entry.path),
            help="Write the value out in full at this place, then run again.",
        )

    def indent_step(self) -> int:
        """How far the file indents: the least nesting step of its maps."""
        steps = [
            start_of(value.value[0][0]) - self.line_start(start_of(value.value[0][0]))
            for _, value in (self.root.value if is_map(self.root) else [])
            if is_map(value) and value.value and not value.flow_style
        ]
        return min((step for step in steps if step > 0), default=2)
