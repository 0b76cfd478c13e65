"""A report in parts that has to fit: the heaviest go first, and what is gone is named.

GitHub takes comments of 65,536 characters (https://docs.github.com/en/rest/issues/comments); a comment that is
refused says nothing at all.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

BUDGET = 60_000


@dataclass(frozen=True, slots=True)
class Part:
    """Some lines under a title. ``weight`` says how early they may go; those to ``keep`` are cut only at the end."""

    title: str
    lines: tuple[str, ...]
    weight: int = 0
    keep: bool = False

    @property
    def size(self) -> int:
        return sum(len(line) + 1 for line in self.lines)


def within(parts: Iterable[Part], budget: int) -> str:
    """The parts as text of at most ``budget`` characters; 0 is no limit."""
    kept = [part for part in parts if part.lines]
    gone: list[str] = []
    while budget and _size(kept, gone) > budget:
        droppable = [part for part in kept if not part.keep]
        if not droppable:
            return _cut(kept, gone, budget)
        heaviest = max(droppable, key=lambda part: part.weight)
        kept.remove(heaviest)
        gone.append(heaviest.title)
    return _text(kept, gone)


def _note(gone: Sequence[str]) -> list[str]:
    if not gone:
        return []
    return [f"_Left out, since this would be too long for a comment: {', '.join(reversed(gone))}. The HTML and JSON "
            "reports hold everything._", ""]  # fmt: skip


def _size(kept: Sequence[Part], gone: Sequence[str]) -> int:
    return sum(part.size for part in kept) + sum(len(line) + 1 for line in _note(gone))


def _text(kept: Sequence[Part], gone: Sequence[str]) -> str:
    """The note stands before the last part, which is the foot."""
    lines = [line for part in kept[:-1] for line in part.lines]
    return "\n".join([*lines, *_note(gone), *(line for part in kept[-1:] for line in part.lines)]) + "\n"


def _cut(kept: Sequence[Part], gone: Sequence[str], budget: int) -> str:
    """Even what is to be kept is too long: whole lines from its beginning, and how many follow."""
    lines = _text(kept, gone).split("\n")
    said = "\n_{} further lines are left out, since this would be too long for a comment._\n"
    room, taken = budget - len(said) - 10, 0
    for line in lines:
        room -= len(line) + 1
        if room < 0:
            break
        taken += 1
    return "\n".join(lines[:taken]) + "\n" + said.format(len(lines) - taken)
