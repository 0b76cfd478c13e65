"""Read YAML exactly as Helm reads it, within limits that an untrusted file needs.

Helm reads values with sigs.k8s.io/yaml (go-yaml v2, then JSON): YAML 1.1 words and numbers, keys turned
into strings, later duplicates win, merge keys apply where they stand, numbers are 64-bit floats. The tests
compare this with Helm over the whole corpus and over generated documents.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Iterator
from typing import Any

from chartlift.errors import ChartliftError
from chartlift.records import Yaml
from chartlift.yamltext.nodes import MOST_DEPTH, compose, end_of, is_list, is_map, start_of, too_deep
from chartlift.yamltext.scalars import INFINITE, as_number, resolve_plain

BOM = "\ufeff"
MOST_BYTES = 20 * 1024 * 1024
MOST_PARTS = 500_000
"""Lines and commas of a text: a cheap bound on its nodes, before anything is composed."""
MOST_NODES = 200_000
"""Nodes once every alias is written out; Helm itself stops long before."""
_TAG = re.compile(r"(?:&[^\s,\[\]{}]+\s+)?(!\S*)")


def decode(data: bytes, *, file: str) -> str:
    """UTF-8 text with its line ends and byte order mark as they are; one clear error for anything else."""
    if len(data) > MOST_BYTES:
        raise ChartliftError(
            f"{len(data) // 2**20} MiB is more than the limit of {MOST_BYTES // 2**20} MiB for YAML",
            file=file,
            help="Helm itself refuses chart files above 5 MiB; move the data out of the chart.",
        )
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise ChartliftError("not UTF-8 text", file=file, line=line, help="Save the file as UTF-8.") from None
    if "\0" in text:
        raise ChartliftError("a binary file, not text", file=file, help="Leave it out, or give a YAML file.")
    return text


def read_yaml(text: str, *, file: str) -> Yaml:
    """A values file (or any file of one document), ``{}`` where it is empty. Errors carry file and line.

    Several documents are what Helm 4 makes of them (pkg/chart/loader, ``LoadValues``): merged, later
    over earlier.
    """
    documents = read_documents(text, file=file)
    if len(documents) < 2:
        return {} if not documents or documents[0] is None else documents[0]
    merged: dict[str, Yaml] = {}
    for index, document in enumerate(documents):
        if document is not None and not isinstance(document, dict):
            raise ChartliftError(f"document {index + 1} is not a map", file=file, help="Helm merges maps only.")
        merged = _merge(merged, document or {})
    return merged


def _merge(base: dict[str, Yaml], over: dict[str, Yaml]) -> dict[str, Yaml]:
    merged = dict(base)
    for key, value in over.items():
        below = merged.get(key)
        merged[key] = _merge(below, value) if isinstance(below, dict) and isinstance(value, dict) else value
    return merged


def read_documents(text: str, *, file: str) -> list[Yaml]:
    """Every document of the text."""
    return list(iterate_documents(text, file=file))


def iterate_documents(text: str, *, file: str) -> Iterator[Yaml]:
    bare = text.removeprefix(BOM)
    if bare.count("\n") + bare.count(",") > MOST_PARTS:
        raise ChartliftError(f"more than {MOST_PARTS} lines and items", file=file, help="No chart needs so many.")
    for node in compose(bare, file=file):
        yield construct(node, bare, file)


def construct(node: Any, text: str, file: str) -> Yaml:
    """The data of one composed document."""
    if node is None:
        return None
    return Reader(text, file).read(node)


class Reader:
    """Turns nodes into data; every alias is written out, within a budget."""

    def __init__(self, text: str, file: str) -> None:
        self.text, self.file = text, file
        self.budget = MOST_NODES
        self.open: set[int] = set()

    def read(self, node: Any, depth: int = 0) -> Yaml:
        self.budget -= 1
        if self.budget < 0:
            raise self.error(node, f"its aliases unfold to more than {MOST_NODES} values")
        if depth > MOST_DEPTH:
            raise too_deep(self.file)
        if is_map(node):
            return self._inside(node, lambda: self._map(node, depth))
        if is_list(node):
            return self._inside(node, lambda: [self.read(item, depth + 1) for item in node.value])
        return self._scalar(node)

    def _inside(self, node: Any, build: Callable[[], Yaml]) -> Yaml:
        if id(node) in self.open:
            raise self.error(node, "an anchor contains its own alias")
        self.open.add(id(node))
        try:
            return build()
        finally:
            self.open.discard(id(node))

    def _map(self, node: Any, depth: int) -> dict[str, Yaml]:
        table: dict[str, Yaml] = {}
        for key_node, value_node in node.value:
            if self.is_merge(key_node):
                self._merge(table, value_node, depth)
            else:
                table[self.key(key_node)] = self.read(value_node, depth + 1)
        return table

    def is_merge(self, key_node: Any) -> bool:
        return key_node.value == "<<" and not getattr(key_node, "style", None)

    def _merge(self, table: dict[str, Yaml], node: Any, depth: int) -> None:
        """Go-yaml writes merged keys where ``<<`` stands: later keys win over it, earlier ones lose."""
        sources = reversed(node.value) if is_list(node) else [node]
        for source in sources:
            found = self.read(source, depth + 1)
            if not isinstance(found, dict):
                raise self.error(source, "a merge key needs a map")
            table.update(found)

    def key(self, node: Any) -> str:
        """A key as Helm writes it: ``1`` is "1", ``yes`` is "true"."""
        if is_map(node) or is_list(node):
            raise self.error(node, "a map or list cannot be a key")
        value = self._scalar(node)
        if value is None:
            raise self.error(node, "an empty key")
        if isinstance(value, bool):
            return "true" if value else "false"
        return value if isinstance(value, str) else str(value)

    def _scalar(self, node: Any) -> Yaml:
        tag = self._tag(node)
        raw: str = node.value
        if tag is None:
            value = raw if getattr(node, "style", None) else resolve_plain(raw)
        else:
            value = self._tagged(node, tag, raw)
        if value is INFINITE:
            raise self.error(node, f"{raw} is a number that Helm cannot hold")
        return value  # type: ignore[return-value]  # resolve_plain gives scalars only

    def _tag(self, node: Any) -> str | None:
        at = start_of(node)
        if self.text[at : at + 1] not in ("!", "&"):
            return None
        match = _TAG.match(self.text, at, end_of(node))
        return match[1] if match else None

    def _tagged(self, node: Any, tag: str, raw: str) -> object:
        kind = tag.removeprefix("!<").rstrip(">").removeprefix("!!").removeprefix("tag:yaml.org,2002:")
        if kind == "binary":
            try:
                return base64.b64decode(raw).decode("utf-8", "replace")
            except binascii.Error:
                raise self.error(node, "!!binary that is not base64") from None
        if kind in ("int", "float", "bool", "null", "timestamp"):
            found = resolve_plain(raw)
            return as_number(found) if isinstance(found, float) else found if kind != "timestamp" else raw
        return raw

    def error(self, node: Any, message: str) -> ChartliftError:
        line = self.text.count("\n", 0, start_of(node)) + 1
        return ChartliftError(message, file=self.file, line=line, help="Helm cannot read it either; write it plainly.")
