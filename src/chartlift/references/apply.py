"""Changes of many references put into the files they speak of: text in, text out.

Spans of text first, then edits document by document, then new documents. What several references ask for alike is
done once.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from chartlift.errors import EditRefused
from chartlift.plan.files import Splice
from chartlift.records import YamlPath
from chartlift.references.carriers import check_apart
from chartlift.references.records import AnyChange, Append, Change, NewDocument, Sources, TextChange
from chartlift.references.sources import Part, Source, at
from chartlift.rewrite.apply import splice
from chartlift.yamltext.edit import Delete, Edit, Set, apply_edits


def apply_changes(sources: Sources, changes: Sequence[AnyChange]) -> Mapping[str, str]:
    """The new text of each file that changes. Errors (``EditRefused``), with the file."""
    by_file: dict[str, list[AnyChange]] = {}
    for change in changes:
        known = by_file.setdefault(change.file, [])
        if change not in known:
            known.append(change)
    done = {}
    for file, some in sorted(by_file.items()):
        after = sources[file].restore(_rewrite(sources[file], some))
        if after != sources[file].plain(sources[file].text):
            done[file] = after
    return done


def _rewrite(source: Source, changes: Sequence[AnyChange]) -> str:
    check_apart(changes, source.path)
    spliced = splice(source.text, [one.splice for one in changes if isinstance(one, TextChange)])
    parts = replace(source, text=spliced).parts
    if not any(isinstance(one, Change | Append | NewDocument) for one in changes):
        return spliced
    if len(parts) != len(source.parts):
        raise EditRefused("an edit changes how many documents there are", file=source.path)
    for part in reversed(parts):
        edits = list(_edits(part, changes))
        chunk = apply_edits(part.document.text, edits, file=source.path) if edits else part.document.text
        for new in changes:
            if isinstance(new, NewDocument) and new.after == part.index:
                chunk = (chunk if chunk.endswith("\n") else chunk + "\n") + "---\n" + _newline(chunk, new.text)
        spliced = splice(spliced, [Splice(part.start, part.end, chunk)])
    return spliced


def _newline(around: str, text: str) -> str:
    return text.replace("\n", "\r\n") if "\r\n" in around else text


def _edits(part: Part, changes: Sequence[AnyChange]) -> Iterator[Edit]:
    """Edits of one document: as they were asked for, then additions to lists, then removals from them."""
    mine = [one for one in changes if isinstance(one, Change) and one.part == part.index]
    strong = {one.edit.path for one in mine if isinstance(one.edit, Set) and not one.weak}
    wanted = [one.edit for one in mine if not (one.weak and isinstance(one.edit, Set) and one.edit.path in strong)]
    yield from (edit for edit in wanted if not _is_item(edit))
    counts: dict[YamlPath, int] = {}
    for one in changes:
        if isinstance(one, Append) and one.part == part.index:
            present = at(part.data, *one.path)
            length = counts.get(one.path, len(present) if isinstance(present, list) else 0)
            counts[one.path] = length + 1
            yield Set((*one.path, length), one.value)
    items = [edit for edit in wanted if isinstance(edit, Delete) and _is_item(edit)]
    yield from sorted(items, key=lambda edit: [str(s).zfill(9) for s in edit.path], reverse=True)


def _is_item(edit: Edit) -> bool:
    """Does it take an item out of a list, so that later items change their number?"""
    return isinstance(edit, Delete) and bool(edit.path) and isinstance(edit.path[-1], int)
