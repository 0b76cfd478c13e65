"""Concrete syntax of Terraform and of shell commands, with exact offsets, by tree-sitter.

https://tree-sitter.github.io: a maintained parser with wheels for the platforms that count; its grammars give every
node its span, so that files are edited by splices and never printed anew.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from tree_sitter import Node, Parser

Language = Literal["hcl", "bash"]


class Syntax:
    """A text and its tree; offsets given out are those of characters, not of bytes."""

    def __init__(self, text: str, language: Language) -> None:
        self.text = text
        self._bytes = text.encode("utf-8")
        self._plain = len(self._bytes) == len(text)
        self.root: Node = _parser(language).parse(self._bytes).root_node

    def start(self, node: Node) -> int:
        return self._characters(node.start_byte)

    def end(self, node: Node) -> int:
        return self._characters(node.end_byte)

    def of(self, node: Node) -> str:
        return self._bytes[node.start_byte : node.end_byte].decode("utf-8", "replace")

    def line(self, node: Node) -> int:
        return node.start_point[0] + 1

    def _characters(self, offset: int) -> int:
        return offset if self._plain else len(self._bytes[:offset].decode("utf-8", "replace"))


@lru_cache(maxsize=2)
def _parser(language: Language) -> Parser:
    from tree_sitter import Language as Grammar
    from tree_sitter import Parser

    if language == "hcl":
        import tree_sitter_hcl as grammar
    else:
        import tree_sitter_bash as grammar  # type: ignore[no-redef]
    return Parser(Grammar(grammar.language()))


def walk(node: Node, kind: str) -> Iterator[Node]:
    """Every node of a kind at or below ``node``, in order, without recursion."""
    stack = [node]
    while stack:
        here = stack.pop()
        if here.type == kind:
            yield here
        stack.extend(reversed(here.children))


def child(node: Node | None, *kinds: str) -> Node | None:
    """Follow children by kind, the first of each."""
    for kind in kinds:
        if node is None:
            return None
        node = next((one for one in node.children if one.type == kind), None)
    return node
