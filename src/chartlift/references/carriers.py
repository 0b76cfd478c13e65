"""Values of references as layers of a plan, and planned layers as changes of the files they stand in.

Four shapes: a values file, a map inside a document, YAML text inside a string, and ``--set`` pairs. Each is
planned as if it were a values file; only the way back differs.
"""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Protocol

from chartlift.errors import BrokenInvariant, ChartliftError, EditRefused
from chartlift.plan.files import Splice
from chartlift.plan.layers import Layer
from chartlift.records import Yaml, YamlPath, format_path
from chartlift.references.pairs import compare_pairs, data_of
from chartlift.references.records import AnyChange, Change, PairChanges, Sources, TextChange, Values
from chartlift.references.sources import (
    TEMPLATE_WORD,
    Part,
    Source,
    at,
    put_terraform_aside,
    text_of,
    with_templates_as,
)
from chartlift.yamltext.document import Document
from chartlift.yamltext.edit import Delete, Edit, Move, Rename, Set, apply_edits, same_yaml
from chartlift.yamltext.load import read_yaml
from chartlift.yamltext.nodes import end_of, start_of
from chartlift.yamltext.paths import parse_path

_BLOCK = re.compile(r"\|(?P<chomp>[+-]?)[ \t]*(?:#[^\n]*)?\r?\n")


class PairWriter(Protocol):
    """How a format writes its list of pairs."""

    def write_pairs(self, values: Values, changes: PairChanges, source: Source) -> Iterator[AnyChange]:
        """The changes of the file that holds them."""


def part_of(source: Source, values: Values) -> Part | None:
    """The document that the values stand in."""
    return next((part for part in source.parts if part.index == values.part), None)


def layer_of(values: Values, sources: Sources, below: tuple[int, ...]) -> Layer:
    """The values as a layer. Errors: ``ChartliftError`` where they are no map."""
    if values.kind == "pairs":
        document = Document.parse(json.dumps(data_of(values.pairs), ensure_ascii=False), file=values.file)
        # The document is in no file: its lines say nothing, the place is where the pairs are.
        bare = Document("", values.file, document.data, None)
        return Layer(
            bare, file=values.file, below=below, prefix=() if values.details else values.path, line=values.line
        )
    if values.kind == "text":
        return _text_layer(values, sources, below)
    part = _document(values, sources)
    document = part.document if values.kind == "file" else part.document.below(values.path)
    if not isinstance(document.data, dict) and document.data is not None:
        raise ChartliftError("values must be a map of keys", file=values.file, line=values.line)
    first = part.source.line(part.start)
    return Layer(document, file=values.file, below=below, first_line=first, prefix=values.path, line=values.line)


def _document(values: Values, sources: Sources) -> Part:
    source = sources[values.file]
    part = part_of(source, values)
    if part is None or (values.kind == "file" and len(source.parts) > 1 and any(p.data for p in source.parts[1:])):
        raise ChartliftError(
            "values that cannot be read as one YAML document, or with a key that stands twice",
            file=values.file,
            help="Mend the YAML, then run again.",
        )
    if values.kind == "file" and not part.data and len(source.parts) > 1:
        return source.parts[-1]
    return part


def _text_layer(values: Values, sources: Sources, below: tuple[int, ...]) -> Layer:
    text = _aside(values, inner_text(values, sources[values.file])).text
    document = Document.parse(text, file=values.file)
    twice = document.repeated()
    if twice is not None:
        raise ChartliftError(f"the key {twice[0]} stands twice", file=values.file, line=values.line + twice[1] - 1)
    if document.count > 1 or not isinstance(document.data, dict):
        raise ChartliftError("values must be one map of keys", file=values.file, line=values.line)
    prefix = tuple(step for step in values.path if isinstance(step, str)) or ("values",)
    return Layer(document, file=values.file, below=below, first_line=values.line, prefix=prefix, line=values.line)


def inner_text(values: Values, source: Source) -> str:
    """The YAML text that a string holds."""
    if _is_span(values):
        return values.text
    part = part_of(source, values)
    found = at(part.data, *values.path) if part else None
    return found if isinstance(found, str) else ""


def text_of_values(values: Values, sources: Sources) -> str:
    """The text that the values are written in; empty for pairs."""
    if values.kind == "pairs":
        return ""
    if values.kind == "text":
        return inner_text(values, sources[values.file])
    part = _document(values, sources)
    node = part.document.below(values.path).root
    return part.document.text if not values.path else part.document.text[start_of(node) : end_of(node)] if node else ""


def _is_span(values: Values) -> bool:
    """Is the place a span of text, not a path in a document?"""
    return len(values.path) == 2 and all(isinstance(step, int) for step in values.path)


def written_data(values: Values, data: Yaml, sources: Sources, *, new: bool = False) -> Yaml:
    """The data of a layer as its file says it, templates included; ``new``: data that is yet to be written."""
    if values.kind == "pairs":
        return with_templates_as(data, TEMPLATE_WORD)
    source = sources[values.file]
    if values.kind == "text" and values.terraform:
        source = _aside(values, inner_text(values, source))
    return source.written(data, new=new)


def _aside(values: Values, text: str) -> Source:
    return put_terraform_aside(values.file, text) if values.terraform else Source(values.file, text)


def changes_of(
    values: Values, layer: Layer, sources: Sources, writer: PairWriter, spill: Values | None = None
) -> list[AnyChange]:
    """What the planned layer asks of its file. Errors: ``EditRefused``.

    ``spill``: where additions to pairs go instead, if nothing else is there yet.
    """
    if not layer.edits:
        return []
    if values.kind == "pairs":
        return _pair_changes(values, layer, sources, writer, spill)
    return [*_own_changes(values, layer, sources), *values.also]


def _pair_changes(
    values: Values, layer: Layer, sources: Sources, writer: PairWriter, spill: Values | None
) -> list[AnyChange]:
    fates = {path: record for path, (_, record) in layer.records.items()}
    moved: dict[YamlPath, YamlPath | None] = {
        path: None if record.fate in ("dropped", "manual") else _target(record.target) for path, record in fates.items()
    }
    changes = compare_pairs(values.pairs, layer.data, moved)
    if spill is None or spill.kind == "pairs" or not changes.added:
        return [*writer.write_pairs(values, changes, sources[values.file]), *values.also]
    fresh = Layer(Document("", spill.file, {}, None), file=spill.file)
    for key, value in data_of(changes.added).items():
        fresh.set((key,), value)
    rest = PairChanges(changes.changed, changes.removed, ())
    return [*writer.write_pairs(values, rest, sources[values.file]), *_own_changes(spill, fresh, sources), *spill.also]


def _own_changes(values: Values, layer: Layer, sources: Sources) -> list[AnyChange]:
    source = sources[values.file]
    part = part_of(source, values)
    if not layer.document.data and part is not None and values.kind != "file" and not _is_span(values):
        _check_free(part.data, values)
    if values.kind == "text":
        return [_text_change(values, layer, source)]
    if values.kind == "map" and not layer.document.data:
        return [Change(values.file, values.part, Set(values.path, layer.data))]
    part = _document(values, sources)
    if values.terraform:
        _check_dollars(layer)
    return [Change(values.file, part.index, _under(edit, values.path)) for edit in layer.edits]


def _check_free(data: Yaml | Mapping[str, Yaml], values: Values) -> None:
    """New values go where nothing is, and nothing of another shape stands in the way. Errors: ``EditRefused``."""
    here: Yaml | Mapping[str, Yaml] = data
    for step in values.path:
        if here is None:
            return
        if not isinstance(here, Mapping if isinstance(step, str) else list):
            raise _in_the_way(values)
        here = at(here, step)
    if here not in (None, {}, "", []) and not (isinstance(here, str) and values.kind == "text"):
        raise _in_the_way(values)


def _in_the_way(values: Values) -> EditRefused:
    return EditRefused(
        f"{format_path(values.path)} is not of the shape that values have",
        file=values.file, line=values.line, help="Mend it, then run again.",
    )  # fmt: skip


def _check_dollars(layer: Layer) -> None:
    """Terraform would take a dollar and a brace in new values for its own. Errors: ``EditRefused``."""
    known = layer.document.text
    for expression in re.findall(r"\$\{[^}]*\}?", json.dumps(layer.data, ensure_ascii=False)):
        if expression not in known:
            raise EditRefused(
                f"the new values hold {expression}, which Terraform would take for its own",
                file=layer.file, help="Give the values by file(), not by templatefile(), then run again.",
            )  # fmt: skip


def _target(dotted: str | None) -> YamlPath | None:
    return parse_path(dotted) if dotted else None


def _under(edit: Edit, prefix: YamlPath) -> Edit:
    match edit:
        case Set(path, value, comment):
            return Set(prefix + path, value, comment)
        case Delete(path, prune):
            # The map around the values stays, though it may be empty now.
            return Delete(prefix + path, prune)
        case Rename(path, new_key):
            return Rename(prefix + path, new_key)
        case Move(source, target):
            return Move(prefix + source, prefix + target)


def _text_change(values: Values, layer: Layer, source: Source) -> AnyChange:
    aside = _aside(values, inner_text(values, source))
    before = aside.text
    after = apply_edits(before, layer.edits, file=values.file) if before.strip() else dump(layer.data)
    if _is_span(values):
        start, end = values.path
        assert isinstance(start, int) and isinstance(end, int)  # noqa: S101 - offsets, see Values.path
        text = values.wrap[0] + indented(aside.restore(after), values.indent) + values.wrap[1]
        return TextChange(values.file, Splice(start, end, text))
    part = part_of(source, values)
    assert part is not None  # noqa: S101 - it was read from there
    block = _block(part, values, before, after)
    if block is None:
        return Change(values.file, values.part, Set(values.path, after))
    _check_block(part, values, block, layer)
    return block


def _check_block(part: Part, values: Values, change: TextChange, layer: Layer) -> None:
    """The document with the new block has to say what was planned (design, invariant 3)."""
    start, end = change.splice.start - part.start, change.splice.end - part.start
    text = part.document.text[:start] + change.splice.text + part.document.text[end:]
    found = at(Document.parse(text, file=values.file).data, *values.path)
    if not same_yaml(read_yaml(text_of(found), file=values.file), layer.data):
        raise BrokenInvariant(f"{values.file}: the edited text at {format_path(values.path)} is not what was planned")


def dump(data: Yaml) -> str:
    """New values as YAML text."""
    text = apply_edits("{}\n", [Set((), data)], file="values") if not isinstance(data, dict) else ""
    if isinstance(data, dict):
        text = apply_edits("", [Set((key,), value) for key, value in data.items()], file="values")
    return text if text.endswith("\n") else text + "\n"


def indented(text: str, indent: str) -> str:
    """Each line that is not empty, moved in."""
    return "".join(indent + line if line.strip() else line for line in text.splitlines(keepends=True))


def _block(part: Part, values: Values, before: str, after: str) -> TextChange | None:
    """The new text of a literal block scalar, line for line; None for other ways to write a string."""
    node = part.document.below(values.path).root
    if node is None:
        return None
    start, end = start_of(node), end_of(node)
    text = part.document.text
    head = _BLOCK.match(text, start)
    if head is None:
        return None
    body = text[head.end() : end]
    indent = re.match(r"(?:[ \t]*\r?\n)*([ ]+)", body)
    lines = body.splitlines(keepends=True)
    count = before.count("\n") + (not before.endswith("\n"))
    if indent is None or len(lines) < count:
        return None
    kept = "".join(lines[count:])
    after = after if after.endswith("\n") else after + "\n"
    written = indented(after, indent[1])
    if "\r\n" in body:
        written = written.replace("\r\n", "\n").replace("\n", "\r\n")
    return TextChange(values.file, Splice(part.start + head.end(), part.start + end, written + kept))


def check_apart(changes: Sequence[AnyChange], file: str) -> None:
    """Two edits of one span cannot both be made."""
    spans = sorted((c.splice for c in changes if isinstance(c, TextChange)), key=lambda s: (s.start, s.end))
    for one, other in itertools.pairwise(spans):
        if other.start < one.end and one != other:
            raise EditRefused("two changes of the same text", file=file, help="Convert this place by hand.")
