"""Edits of YAML text that change only the bytes they mean.

Edits are applied one after the other to the text, each as a splice of a span; the user's YAML is never
dumped anew. Afterwards the text is read again as Helm reads it and must say what the same edits make of
the data. What cannot be done safely is refused with file and line, and nothing is changed.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from chartlift.errors import BrokenInvariant, ChartliftError, EditRefused
from chartlift.records import Yaml, YamlPath, format_path
from chartlift.yamltext.load import BOM, construct
from chartlift.yamltext.nodes import compose
from chartlift.yamltext.operations import Delete, Edit, Move, Rename, Set
from chartlift.yamltext.paths import delete_in, get_in, set_in
from chartlift.yamltext.scalars import as_number

__all__ = ["Delete", "Edit", "Move", "Rename", "Set", "apply_edits", "apply_to_data", "same_yaml"]

_MISSING = object()


def apply_to_data(data: Yaml, edits: Sequence[Edit]) -> Yaml:
    """What the edits make of the data: new data, the old is untouched."""
    for edit in edits:
        data = _apply_one(data, edit)
    return data


def _apply_one(data: Yaml, edit: Edit) -> Yaml:
    match edit:
        case Set(path, value):
            return set_in(data, path, as_loaded(value))
        case Delete(path, prune):
            return delete_in(data, path, prune=prune)
        case Rename(path, new_key):
            return _rename(data, path, new_key)
        case Move(source, target):
            value = get_in(data, source, _MISSING)
            if value is _MISSING:
                raise ChartliftError(f"nothing to move at {format_path(source)}")
            if get_in(data, target, _MISSING) is not _MISSING or target[: len(source)] == source:
                raise _occupied(target)
            if _within_a_list(source, target):
                raise _shifting(source)
            return set_in(delete_in(data, source, prune=True), target, value)


def _occupied(path: YamlPath) -> EditRefused:
    """Moving onto a value would lose it without a word."""
    shown = format_path(path)
    return EditRefused(f"{shown} is set already", path=shown, help="Keep one of the two values, then run again.")


def _within_a_list(source: YamlPath, target: YamlPath) -> bool:
    """From one item of a list to another: taking the first away gives the second another number."""
    return any(
        isinstance(old, int) and isinstance(new, int)
        for old, new in list(zip(source, target, strict=False))
        if old != new
    )


def _shifting(path: YamlPath) -> EditRefused:
    shown = format_path(path)
    return EditRefused(f"{shown} cannot move within its list", path=shown, help="Move it by hand, then run again.")


def as_loaded(value: Yaml) -> Yaml:
    """The value as Helm has it after reading: ``1.0`` is 1, a large integer loses digits."""
    if isinstance(value, dict):
        return {key: as_loaded(item) for key, item in value.items()}
    if isinstance(value, list):
        return [as_loaded(item) for item in value]
    return value if isinstance(value, bool | str) or value is None else as_number(float(value))


def _rename(data: Yaml, path: YamlPath, new_key: str) -> Yaml:
    table = get_in(data, path[:-1], _MISSING)
    if not isinstance(table, dict) or path[-1] not in table:
        raise ChartliftError(f"nothing to rename at {format_path(path)}")
    if new_key in table and new_key != path[-1]:
        raise _occupied((*path[:-1], new_key))
    renamed = {new_key if key == path[-1] else key: value for key, value in table.items()}
    return set_in(data, path[:-1], renamed)


def apply_edits(text: str, edits: Sequence[Edit], *, file: str) -> str:
    """The text with the edits made. Raises ``EditRefused`` where that cannot be done safely."""
    from chartlift.yamltext.batches import splice_deletes, splice_inserts, splice_scalars
    from chartlift.yamltext.splices import splice_edit

    bom = BOM if text.startswith(BOM) else ""
    before = text.removeprefix(BOM)
    wanted = _plan(_read(before, file), edits, file)
    after = before
    for _, group in groupby(edits, key=type):
        pending: list[Edit] = list(group)
        sets = [edit for edit in pending if isinstance(edit, Set)]
        deletes = [edit for edit in pending if isinstance(edit, Delete)]
        while sets:
            after, rest = splice_scalars(after, sets, file)
            after, rest = splice_inserts(after, rest, file) if len(rest) > 1 else (after, rest)
            if len(rest) == len(sets):
                after, rest = splice_edit(after, rest[0], file), rest[1:]
            sets, pending = rest, []
        if len(deletes) > 1:
            after, left = splice_deletes(after, deletes, file)
            pending = [*left]
        for edit in pending:
            after = splice_edit(after, edit, file)
    _check(before, after, wanted, file)
    return bom + after


def _plan(data: Yaml, edits: Sequence[Edit], file: str) -> Yaml:
    """The data as planned; a refusal says which file."""
    try:
        return apply_to_data(data, edits)
    except EditRefused as error:
        raise EditRefused(error.message, file=file, path=error.path, help=error.help) from None


def _read(text: str, file: str) -> Yaml:
    roots = compose(text, file=file)
    if len(roots) > 1:
        raise EditRefused(
            "holds several YAML documents", file=file, line=1, help="Split it into one file a document, then run again."
        )
    found = construct(roots[0], text, file) if roots else None
    return {} if found is None else found


def _check(before: str, after: str, wanted: Yaml, file: str) -> None:
    """Reload equals plan; where anchors are about, a difference is a refusal and no bug."""
    problem = "the edited text says something else"
    try:
        if same_yaml(_read(after, file), wanted):
            return
    except ChartliftError as error:
        problem = str(error)
    from chartlift.yamltext.document import Document

    twice = Document.parse(before, file=file).repeated()
    if twice is not None:
        raise EditRefused(
            f"the key {twice[0]} stands twice: Helm takes the last, and an edit reaches one of them",
            file=file, line=twice[1], help="Remove one of the two, then run again.",
        )  # fmt: skip
    if not before.endswith("\n") and ("|" in before or ">" in before):
        raise EditRefused(
            "may end inside a block scalar, without a newline", file=file, help="End the file with a newline."
        )
    if "&" in before or "<<" in before:
        raise EditRefused(
            "its anchors and aliases cannot be edited safely", file=file, help="Write the aliases out, then run again."
        )
    raise BrokenInvariant(f"{file}: {problem}")


def same_yaml(left: object, right: object) -> bool:
    """Equal as YAML: ``1`` is not ``True``, at any depth."""
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(same_yaml(left[key], right[key]) for key in left)
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(same_yaml, left, right))
    return isinstance(left, bool) == isinstance(right, bool) and left == right
