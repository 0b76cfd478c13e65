"""Pieces of Markdown: tables, folded parts, and words that must not become markup."""

from __future__ import annotations

from collections.abc import Iterable, Iterator


def fold(summary: str, body: Iterable[str]) -> Iterator[str]:
    """A part that opens on a click; GitHub needs the blank line after ``<summary>``."""
    yield f"<details><summary>{plain(summary)}</summary>"
    yield ""
    yield from body
    yield "</details>"
    yield ""


def table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    """A table of cells that are safe already."""
    yield "| " + " | ".join(head) + " |"
    yield "|" + " --- |" * len(head)
    for row in rows:
        yield "| " + " | ".join(row) + " |"
    yield ""


def plain(text: str) -> str:
    """A user's words, kept from becoming markup."""
    for char, safe in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ("|", "\\|"), ("\n", " ")):
        text = text.replace(char, safe)
    return text


def code(text: str | None) -> str:
    """Something to be read letter by letter; nothing for nothing."""
    if not text:
        return ""
    fence = "``" if "`" in text else "`"
    pad = " " if fence == "``" else ""
    return fence + pad + text.replace("|", "\\|").replace("\n", "⏎") + pad + fence
