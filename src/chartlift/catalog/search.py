"""Search the catalog by name, title, description and tag."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from chartlift.catalog.records import Hit

_MOST_TAGS = 5
_PREFIX, _TAG = 2, 5
"""Places in ``_RANKS``."""


@dataclass(frozen=True, slots=True)
class Entry:
    """What is searched of one image or chart; ``tags`` is called only when nothing else matches."""

    kind: str
    name: str
    title: str
    description: str
    categories: tuple[str, ...]
    tags: Callable[[], tuple[str, ...]]


def search(entries: list[Entry], term: str) -> list[Hit]:
    """Entries that match every word of the term, the best first, then by name; none for an empty term.

    ``redis:8.10`` looks for tags of that image only.
    """
    name, colon, tag = term.strip().lower().partition(":")
    if colon:
        return [hit for entry in entries if entry.name == name for hit in [_with_tags(entry, tag)] if hit.tags]
    words = name.split()
    ranked = []
    for entry in entries:
        ranks = [_rank(entry, word) for word in words]
        worst = max((len(_RANKS) if rank is None else rank for rank in ranks), default=len(_RANKS))
        if worst < len(_RANKS):
            shown = _with_tags(entry, words[ranks.index(_TAG)]) if _TAG in ranks else _hit(entry)
            ranked.append(((worst, len(entry.name) if worst == _PREFIX else 0, entry.name, entry.kind), shown))
    return [hit for _, hit in sorted(ranked, key=lambda one: one[0])]


def _rank(entry: Entry, word: str) -> int | None:
    """How well one word matches, 0 best; None if it does not."""
    return next((rank for rank, matches in enumerate(_RANKS) if matches(entry, word)), None)


_RANKS: tuple[Callable[[Entry, str], bool], ...] = (
    lambda entry, word: entry.name == word,
    lambda entry, word: entry.name == f"{word}-chart",
    lambda entry, word: entry.name.startswith(word),
    lambda entry, word: word in entry.name,
    lambda entry, word: word in entry.title.lower(),
    lambda entry, word: any(_in_tag(word, tag) for tag in entry.tags()),
    lambda entry, word: word in entry.categories,
    lambda entry, word: word in entry.description.lower(),
)


def _in_tag(word: str, tag: str) -> bool:
    """A tag matches by its beginning (``8.10``) or by one of its words (``compat``)."""
    return tag.startswith(word) if word[:1].isdigit() else word in tag.split("-")


def _with_tags(entry: Entry, word: str) -> Hit:
    found = sorted((tag for tag in entry.tags() if _in_tag(word, tag)), key=lambda tag: (len(tag), tag))
    return Hit(entry.kind, entry.name, entry.description, tuple(found[:_MOST_TAGS]))


def _hit(entry: Entry) -> Hit:
    return Hit(entry.kind, entry.name, entry.description)
