"""One edit as a splice of text: replace, insert, delete, rename, move."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from chartlift.errors import ChartliftError
from chartlift.records import Yaml, YamlPath
from chartlift.yamltext.load import construct
from chartlift.yamltext.nodes import compose, end_of, is_list, is_map, start_of
from chartlift.yamltext.scalars import write_flow, write_key, write_scalar, write_value
from chartlift.yamltext.spans import Entry, Map, entry_at

if TYPE_CHECKING:
    from chartlift.yamltext.operations import Edit

_ANCHOR = re.compile(r"&([^\s,\[\]{}]+)")


def splice_edit(text: str, edit: Edit, file: str) -> str:
    """The text after one edit."""
    from chartlift.yamltext.operations import Delete, Move, Rename, Set

    page = open_page(text, file)
    match edit:
        case Set(path, value, comment):
            return _set(page, path, value, comment)
        case Delete(path, prune):
            return _delete(page, path, prune)
        case Rename(path, new_key):
            return _rename(page, path, new_key)
        case Move(source, target):
            return _move(page, source, target)


def open_page(text: str, file: str) -> Map:
    roots = compose(text, file=file)
    return Map(text, roots[0] if roots else None, file)


def _put(page: Map, start: int, end: int, new: str) -> str:
    if page.newline != "\n":
        new = new.replace("\r\n", "\n").replace("\n", page.newline)
    return page.text[:start] + new + page.text[end:]


# --- set -------------------------------------------------------------------------------------------


def _set(page: Map, path: YamlPath, value: Yaml, comment: str | None) -> str:
    entries, missing = page.find(path)
    if not missing:
        return _replace(page, entries[-1], value) if entries else _replace_root(page, value)
    nested = nest(missing[1:], value)
    holder = entries[-1].value if entries else page.root
    if is_map(holder) and isinstance(missing[0], str):
        if page_is_alias(page, entries):
            raise page.refuse(entries[-1], "is an alias: the same text is used elsewhere")
        return _insert_key(page, entries, holder, missing[0], nested, comment)
    if is_list(holder) and missing[0] == len(holder.value):
        return _append(page, entries, holder, nested)
    if isinstance(missing[0], int) and missing[0] > 0:
        raise ChartliftError(f"the list has no item {missing[0]}")
    whole: Yaml = {missing[0]: nested} if isinstance(missing[0], str) else [nested]
    return _replace(page, entries[-1], whole) if entries else _replace_root(page, whole)


def page_is_alias(page: Map, entries: Sequence[Entry]) -> bool:
    return bool(entries) and page.is_alias(entries[-1])


def nest(path: YamlPath, value: Yaml) -> Yaml:
    for step in reversed(path):
        value = {step: value} if isinstance(step, str) else [value]
    return value


def _replace_root(page: Map, value: Yaml) -> str:
    if page.root is not None:
        start, end = start_of(page.root), page.real_end(page.root)
        return _put(page, start, end, write_value(value, 0, 2).lstrip("\n "))
    gap = "" if not page.text or page.text.endswith("\n") else "\n"
    body = write_value(value, 0, 2).lstrip("\n ")
    return _put(page, len(page.text), len(page.text), f"{gap}{body}\n")


def _replace(page: Map, entry: Entry, value: Yaml) -> str:
    refuse_shared_anchor(page, entry)
    start, end = page.value_span(entry)
    node = entry.value
    collection = isinstance(value, (dict, list)) and bool(value)
    if page.in_flow(entry):
        gap = " " if start == end else ""
        return _put(page, start, end, gap + (write_flow(value) if collection else scalar_text(page, entry, value)))
    if collection or (isinstance(value, str) and "\n" in value and write_value(value, 2).startswith(" |")):
        return _replace_with_block(page, entry, value)
    if (is_map(node) or is_list(node)) and not node.flow_style and not page.is_alias(entry):
        return _fold_up(page, entry, write_scalar(value))
    gap = " " if start == end else ""
    return _put(page, start, end, gap + scalar_text(page, entry, value) + page.beside(entry))


def scalar_text(page: Map, entry: Entry, value: Yaml) -> str:
    style = getattr(entry.value, "style", None)
    keep = style if style in ("'", '"') and isinstance(value, str) else None
    return write_scalar(value, keep)


def _fold_up(page: Map, entry: Entry, scalar: str) -> str:
    """A block below its key becomes a scalar on the key's line; the line's comment stays."""
    at, end = page.after_colon(entry), page.value_span(entry)[1]
    tail = page.text[at : page.line_end(at)].rstrip("\r")
    keep = tail if tail.lstrip().startswith("#") else ""
    return _put(page, at, end, f" {scalar}{keep}")


def _replace_with_block(page: Map, entry: Entry, value: Yaml) -> str:
    """The value in lines of its own, below the key; a comment beside the key stays there."""
    start, end = page.value_span(entry)
    after = page.after_colon(entry)
    indent = page.column(page.entry_start(entry)) + page.indent_step()
    block = write_value(value, indent, page.indent_step())
    if entry.key is None:
        return _put(page, after, end, " " + block.lstrip("\n ") if isinstance(value, (dict, list)) else block)
    on_line = page.line_start(start) == page.line_start(after)
    tail_at = end if on_line else after
    tail = page.text[tail_at : page.line_end(tail_at)].rstrip("\r") if page.line_end(tail_at) >= tail_at else ""
    comment = page.beside(entry) or (tail if tail.lstrip().startswith("#") else "")
    stop = page.line_end(end) - (1 if page.text[: page.line_end(end)].endswith("\r") else 0)
    head, _, body = block.partition("\n")
    return _put(page, after, stop, head + comment + "\n" + body)


def refuse_shared_anchor(page: Map, entry: Entry) -> None:
    """An anchor that is used elsewhere cannot lose its node."""
    if page.is_alias(entry):
        return
    start, end = page.value_span(entry)
    for name in _ANCHOR.findall(page.text[start:end]):
        if re.search(rf"\*{re.escape(name)}(?![^\s,\[\]{{}}])", page.text[end:]):
            raise page.refuse(entry, f"holds the anchor &{name}, which is used elsewhere")


# --- insert ----------------------------------------------------------------------------------------


def _insert_key(page: Map, entries: Sequence[Entry], holder: Any, key: str, value: Yaml, comment: str | None) -> str:
    if holder.flow_style:
        return _insert_in_flow(page, entries, holder, key, value)
    at, lines = key_lines(page, holder, key, value, comment)
    return page.text[:at] + lines + page.text[at:]


def key_lines(page: Map, holder: Any, key: str, value: Yaml, comment: str | None) -> tuple[int, str]:
    """Where a new key of a block map goes, and its lines, each after a newline."""
    indent = page.column(start_of(holder.value[0][0]))
    at = page.last_line_end(page.value_span(entry_at(holder, len(holder.value) - 1))[1], indent)
    if page.text[:at].endswith("\r"):
        at -= 1
    pad = " " * indent
    above = "".join(f"\n{pad}# {line}" for line in (comment or "").splitlines())
    lines = f"{above}\n{pad}{write_key(key)}:{write_value(value, indent + page.indent_step(), page.indent_step())}"
    return at, lines if page.newline == "\n" else lines.replace("\n", page.newline)


def _insert_in_flow(page: Map, entries: Sequence[Entry], holder: Any, key: str, value: Yaml) -> str:
    if not holder.value and (not entries or not page.in_flow(entries[-1])):
        return _replace(page, entries[-1], {key: value}) if entries else _replace_root(page, {key: value})
    text = f"{write_key(key)}: {write_flow(value)}"
    if not holder.value:
        return _put(page, start_of(holder), end_of(holder), "{" + text + "}")
    index = len(holder.value) - 1
    at = page.value_span(entry_at(holder, index))[1]
    return _put(page, at, at, f", {text}")


def _append(page: Map, entries: Sequence[Entry], holder: Any, value: Yaml) -> str:
    if not holder.value:
        return _replace(page, entries[-1], [value]) if entries else _replace_root(page, [value])
    last = entry_at(holder, len(holder.value) - 1)
    end = page.value_span(last)[1]
    if holder.flow_style:
        return _put(page, end, end, f", {write_flow(value)}")
    column = page.column(page.entry_start(last))
    at = page.last_line_end(end, column)
    if page.text[:at].endswith("\r"):
        at -= 1
    item = write_value([value], column, page.indent_step())
    return _put(page, at, at, item)


# --- delete, rename, move --------------------------------------------------------------------------


def _delete(page: Map, path: YamlPath, prune: bool) -> str:
    entries, missing = page.find(path)
    if missing or not entries:
        return page.text
    entry = entries[-1]
    refuse_shared_anchor(page, entry)
    refuse_twin(page, entry)
    if len(entry.parent.value) == 1:
        if prune and len(entries) > 1 and is_map(entry.parent) and entries[-2].key is not None:
            return _delete(page, path[:-1], prune=True)
        return _empty(page, entries)
    if page.in_flow(entry):
        return _delete_in_flow(page, entry)
    if entry.index == 0 and entry.key is not None and not page.starts_line(start_of(entry.key)):
        following = entry.parent.value[1][0]
        stop = page.line_end(page.value_span(entry)[1])
        if "#" in page.text[stop : start_of(following)]:
            dash = len(page.text[: start_of(entry.key)].rstrip(" "))
            return _put(page, dash, stop, "")
        return _put(page, start_of(entry.key), start_of(following), "")
    if not page.starts_line(page.entry_start(entry)):
        raise page.refuse(entry, "does not start a line of its own")
    start, end = page.lines_of(entry)
    if end == len(page.text) and not page.text.endswith("\n") and start:
        start -= 2 if page.text[:start].endswith("\r\n") else 1
    return _put(page, start, end, "")


def refuse_twin(page: Map, entry: Entry) -> None:
    """Of two equal keys Helm takes the last; without it the first would come back to life."""
    if entry.key is not None:
        name = page.reader.key(entry.key)
        keys = [key for key, _ in entry.parent.value if not page.reader.is_merge(key)]
        if sum(page.reader.key(key) == name for key in keys) > 1:
            raise page.refuse(entry, "is written twice in this map")


def _empty(page: Map, entries: Sequence[Entry]) -> str:
    """The last thing in a collection goes: ``{}`` or ``[]`` stays."""
    entry = entries[-1]
    hollow: Yaml = {} if is_map(entry.parent) else []
    if len(entries) > 1:
        if page.in_flow(entry):
            _cut_flow(page, entry, start_of(entry.parent), end_of(entry.parent))
            return _put(page, start_of(entry.parent), end_of(entry.parent), "{}" if hollow == {} else "[]")
        return _fold_up(page, entries[-2], "{}" if hollow == {} else "[]")
    if page.in_flow(entry):
        return _put(page, start_of(entry.parent), end_of(entry.parent), "{}")
    start, end = page.lines_of(entry)
    return _put(page, start, end, "")


def _delete_in_flow(page: Map, entry: Entry) -> str:
    first = start_of(entry.key) if entry.key is not None else page.value_span(entry)[0]
    if entry.index:
        previous = page.value_span(entry_at(entry.parent, entry.index - 1))[1]
        return _cut_flow(page, entry, previous, page.value_span(entry)[1])
    neighbour = entry_at(entry.parent, 1)
    return _cut_flow(page, entry, first, page.entry_start(neighbour))


def _cut_flow(page: Map, entry: Entry, start: int, end: int) -> str:
    """Whose a comment is inside braces of several lines, nobody can tell."""
    cut = page.text[start:end]
    if "\n" in cut and "#" in cut:
        raise page.refuse(entry, "has comments around it inside brackets")
    return _put(page, start, end, "")


def _rename(page: Map, path: YamlPath, new_key: str) -> str:
    entries, missing = page.find(path)
    if missing or entries[-1].key is None:
        raise ChartliftError(f"nothing to rename at {path}")
    key = entries[-1].key
    return _put(page, start_of(key), end_of(key), write_key(new_key))


def _move(page: Map, source: YamlPath, target: YamlPath) -> str:
    """Carry the lines; where source or target has none of its own, carry the value."""
    entries, missing = page.find(source)
    if missing or not entries:
        raise ChartliftError(f"nothing to move at {source}")
    entry = entries[-1]
    refuse_shared_anchor(page, entry)
    value = construct(entry.value, page.text, page.file)
    if source[:-1] == target[:-1] and isinstance(target[-1], str):
        return _rename(page, source, target[-1])
    carried = _lines_to_carry(page, entry) if isinstance(target[-1], str) and len(target) > 0 else None
    if target[: len(source)] == source or source[: len(target)] == target:
        after = open_page(_delete(page, source, prune=True), page.file)
        return _set(after, target, value, None) if carried is None else _insert_lines(after, target, value, *carried)
    # Insert first: a map that the deletion empties is still there to take the carried lines.
    text = _set(page, target, value, None) if carried is None else _insert_lines(page, target, value, *carried)
    return _delete(open_page(text, page.file), source, prune=True)


def _lines_to_carry(page: Map, entry: Entry) -> tuple[str, str, int] | None:
    """Comment lines above, the text behind the key, and the indentation both have now."""
    if page.in_flow(entry) or entry.key is None or page.is_alias(entry):
        return None
    if not page.starts_line(start_of(entry.key)):
        return None
    start, end = page.lines_of(entry)
    key_line = page.line_start(start_of(entry.key))
    comments = page.text[start:key_line]
    body = page.text[page.after_colon(entry) : end].rstrip("\r\n")
    return comments, body, page.column(start_of(entry.key))


def _insert_lines(page: Map, target: YamlPath, value: Yaml, comments: str, body: str, old: int) -> str:
    entries, missing = page.find(target)
    holder = entries[-1].value if entries else page.root
    if not missing or not is_map(holder) or holder.flow_style or page_is_alias(page, entries):
        return _set(page, target, value, None)
    index = len(holder.value) - 1
    indent = page.column(start_of(holder.value[0][0]))
    at = page.last_line_end(page.value_span(entry_at(holder, index))[1], indent)
    if page.text[:at].endswith("\r"):
        at -= 1
    lines = []
    for depth, step in enumerate(missing[:-1]):
        lines.append(" " * (indent + depth * page.indent_step()) + write_key(str(step)) + ":")
    indent += (len(missing) - 1) * page.indent_step()
    lines += [_shift(line, indent - old) for line in comments.splitlines()]
    head, *rest = body.split("\n")
    lines.append(" " * indent + write_key(str(missing[-1])) + ":" + head.rstrip("\r"))
    lines += [_shift(line.rstrip("\r"), indent - old) for line in rest]
    return _put(page, at, at, "".join("\n" + line for line in lines))


def _shift(line: str, by: int) -> str:
    if not line.strip():
        return line
    if by >= 0:
        return " " * by + line
    space = len(line) - len(line.lstrip(" "))
    return line[min(-by, space) :]
