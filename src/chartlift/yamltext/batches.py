"""Edits that do not touch each other, spliced in one pass: a text is composed once for all of them.

What is not plainly independent is handed back and goes one edit after the other.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

from chartlift.records import Yaml, YamlPath
from chartlift.yamltext.nodes import is_list, is_map
from chartlift.yamltext.spans import Entry, Map
from chartlift.yamltext.splices import key_lines, nest, open_page, refuse_shared_anchor, refuse_twin, scalar_text

if TYPE_CHECKING:
    from chartlift.yamltext.operations import Delete, Set


def splice_inserts(text: str, edits: Sequence[Set], file: str) -> tuple[str, list[Set]]:
    """Insert keys into block maps in one pass; gives back from the first edit that needs more care."""
    page, rest = open_page(text, file), list(edits)
    pieces: dict[int, tuple[int, str]] = {}
    seen: set[tuple[int, str]] = set()
    while rest:
        entries, missing = page.find(rest[0].path)
        holder = entries[-1].value if entries else page.root
        if not missing or not isinstance(key := missing[0], str) or (id(holder), key) in seen:
            break
        if not is_map(holder) or holder.flow_style or (entries and page.is_alias(entries[-1])):
            break
        at, lines = key_lines(page, holder, key, nest(missing[1:], rest[0].value), rest[0].comment)
        owner, before = pieces.get(at, (id(holder), ""))
        if owner != id(holder):
            break
        pieces[at] = owner, before + lines
        seen.add((owner, key))
        rest.pop(0)
    for at in sorted(pieces, reverse=True):
        text = text[:at] + pieces[at][1] + text[at:]
    return text, rest


def splice_scalars(text: str, edits: Sequence[Set], file: str) -> tuple[str, list[Set]]:
    """Replace existing scalars by scalars in one pass; gives back from the first edit that needs more."""
    page = open_page(text, file)
    pieces: dict[YamlPath, tuple[int, int, str]] = {}
    rest = list(edits)
    while rest:
        edit = rest[0]
        entries, missing = page.find(edit.path)
        if missing or not entries or edit.path in pieces or not _is_plain_swap(page, entries[-1], edit.value):
            break
        start, end = page.value_span(entries[-1])
        pieces[edit.path] = start, end, scalar_text(page, entries[-1], edit.value)
        rest.pop(0)
    for start, end, new in sorted(pieces.values(), reverse=True):
        text = text[:start] + new + text[end:]
    return text, rest


def splice_deletes(text: str, edits: Sequence[Delete], file: str) -> tuple[str, list[Delete]]:
    """Cut whole lines of keys in one pass, the more so in long files; gives back what needs more care."""
    page, paths = open_page(text, file), [edit.path for edit in edits]
    cuts: list[tuple[int, int]] = []
    if len(set(paths)) == len(paths) and all(isinstance(step, str) for path in paths for step in path):
        found = [page.find(path) for path in paths]
        gone = Counter(id(entries[-1].parent) for entries, missing in found if entries and not missing)
        for entries, missing in found:
            if missing or not entries or not _leaves_others(page, entries[-1], gone):
                return text, list(edits)
            refuse_shared_anchor(page, entries[-1])
            refuse_twin(page, entries[-1])
            cuts.append(page.lines_of(entries[-1]))
    cuts.sort()
    touching = any(one[1] > two[0] for one, two in pairwise(cuts))
    if len(cuts) < 2 or touching or cuts[-1][1] == len(text):
        return text, list(edits)
    for start, end in reversed(cuts):
        text = text[:start] + text[end:]
    return text, []


def _leaves_others(page: Map, entry: Entry, gone: Counter[int]) -> bool:
    """A key on lines of its own whose map keeps other keys."""
    alone = page.in_flow(entry) or not page.starts_line(page.entry_start(entry))
    return not alone and gone[id(entry.parent)] < len(entry.parent.value)


def _is_plain_swap(page: Map, entry: Entry, value: Yaml) -> bool:
    """Both scalars, on one line, without properties."""
    if isinstance(value, (dict, list)) or is_map(entry.value) or is_list(entry.value) or page.is_alias(entry):
        return False
    start, end = page.value_span(entry)
    style = getattr(entry.value, "style", None)
    multi = isinstance(value, str) and "\n" in value
    return start < end and style not in ("|", ">") and page.text[start] not in "&!" and not multi
