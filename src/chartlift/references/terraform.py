"""Terraform: ``helm_release`` resources of the Helm provider.

Arguments: https://registry.terraform.io/providers/hashicorp/helm/latest/docs/resources/release (``values`` in order,
``set`` over them; blocks up to provider 2, a list of objects since 3). Texts are edited by spans.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from chartlift.plan.files import Splice
from chartlift.references.files import Gathering
from chartlift.references.pairs import check_kept
from chartlift.references.records import (
    AnyChange,
    NewTarget,
    Pair,
    PairChanges,
    Reference,
    Sources,
    TextChange,
    Values,
)
from chartlift.references.sources import Source
from chartlift.references.spelling import is_local, local_home, split_chart
from chartlift.references.syntax import Syntax, child, walk

if TYPE_CHECKING:
    from tree_sitter import Node

NAME = "terraform"
_SETS = ("set", "set_sensitive", "set_list")
_PLACEHOLDER = "xTPL{}x"
_FILE = re.compile(r'^(?P<call>file|templatefile)\(\s*"\$\{path\.(?:module|root)\}/(?P<path>[^"$]+)"', re.DOTALL)
_HEREDOC = re.compile(r"<<(?P<dash>-?)(?P<word>\w+)[ \t]*\r?\n")


@dataclass(frozen=True, slots=True)
class _Release:
    """One ``helm_release`` block and the file it is in."""

    path: str
    syntax: Syntax
    block: Node
    name: str

    @property
    def body(self) -> Node:
        body = child(self.block, "body")
        assert body is not None  # noqa: S101 - looked at before
        return body

    def attribute(self, name: str) -> Node | None:
        """The expression of an argument."""
        return _attribute(self.syntax, self.body, name)


def find(sources: Sources) -> Iterator[Reference]:
    """Every helm_release whose chart comes from a repository."""
    for path in sources.paths():
        if path.endswith(".tf") and "helm_release" in sources.text(path):
            syntax = Syntax(sources.text(path), "hcl")
            for block in walk(syntax.root, "block"):
                words = [
                    syntax.of(one).strip('"') for one in block.children if one.type in ("identifier", "string_lit")
                ]
                if words[:2] == ["resource", "helm_release"] and len(words) == 3 and child(block, "body"):
                    yield from _reference(_Release(path, syntax, block, words[2]), sources)


def _reference(release: _Release, sources: Sources) -> Iterator[Reference]:
    texts = {name: _said(release, sources, name) for name in ("repository", "chart", "version")}
    repository, chart = split_chart(texts["chart"] or "", texts["repository"] or "")
    local = _local(release, sources)
    if not local and (not repository or not chart or is_local(chart)):
        return
    version, fixed = texts["version"] or "", _fixed(release)
    gathering = Gathering(sources, release.path.rpartition("/")[0])
    details: dict[str, object] = {"syntax": release.syntax, "body": release.body, "block": release.block}
    _layers(release, gathering)
    name = _literal(release.syntax, release.attribute("name"))
    namespace = _literal(release.syntax, release.attribute("namespace"))
    yield Reference(
        NAME, "Terraform helm_release", release.name, release.path, release.syntax.line(release.block), repository,
        chart, version, release=name or None, namespace=namespace or None,
        chains=gathering.chains(), fresh=_fresh(release), unread=tuple(gathering.unread), fixed=fixed,
        details=details, local=local,
    )  # fmt: skip


def _local(release: _Release, sources: Sources) -> str:
    """The directory of a chart beside the module: ``"${path.module}/charts/shop"``."""
    expression = release.attribute("chart")
    text = release.syntax.of(expression).strip('"') if expression is not None else ""
    return local_home(release.path.rpartition("/")[0], text, sources) if re.match(r"\.|\$\{path\.", text) else ""


def _fixed(release: _Release) -> str:
    """What a variable says may be said otherwise elsewhere; what a local says cannot."""
    if release.block.has_error or _repeated(release):
        return "its block does not parse"
    for name in ("repository", "chart", "version"):
        expression = release.attribute(name)
        text = "" if expression is None else release.syntax.of(expression)
        if expression is not None and _literal(release.syntax, expression) is None and not _LOCAL.fullmatch(text):
            return f"its {name} is an expression: {_short(text)}"
    return ""


def _said(release: _Release, sources: Sources, name: str) -> str | None:
    """An argument's text: its own, or that of a local or of the default of a variable of the same directory."""
    expression = release.attribute(name)
    literal = _literal(release.syntax, expression)
    match = _NAMED.fullmatch(release.syntax.of(expression)) if expression is not None else None
    if literal is not None or match is None:
        return literal
    home = release.path.rpartition("/")[0]
    for path in sources.paths():
        if path.endswith(".tf") and path.rpartition("/")[0] == home:
            found = _defined(Syntax(sources.text(path), "hcl"), match[1], match[2])
            if found:
                return found
    return None


def _defined(syntax: Syntax, kind: str, name: str) -> str | None:
    wanted, field = (["locals"], name) if kind == "local" else (["variable", name], "default")
    for block in walk(syntax.root, "block"):
        words = [syntax.of(one).strip('"') for one in block.children if one.type in ("identifier", "string_lit")]
        body = child(block, "body")
        if body is not None and words == wanted:
            found = _literal(syntax, _attribute(syntax, body, field))
            if found:
                return found
    return None


def _repeated(release: _Release) -> bool:
    """Is an argument there twice? Terraform refuses that."""
    keys = [child(one, "identifier") for one in release.body.children if one.type == "attribute"]
    names = [release.syntax.of(key) for key in keys if key is not None]
    return len(names) != len(set(names))


_LOCAL = re.compile(r"local\.\w+")
_NAMED = re.compile(r"(local|var)\.(\w+)")


def _attribute(syntax: Syntax, body: Node, name: str) -> Node | None:
    for one in body.children:
        if one.type == "attribute" and (key := child(one, "identifier")) and syntax.of(key) == name:
            return child(one, "expression")
    return None


def _literal(syntax: Syntax, expression: Node | None) -> str | None:
    """A quoted text without interpolation, a number or a word; None for anything else."""
    value = child(expression, "literal_value")
    if value is None:
        return None
    text = syntax.of(value)
    if not text.startswith('"'):
        return text
    return re.sub(r"\\(.)", r"\1", text[1:-1]).replace("$${", "${") if not re.search(r"(?<!\$)\$\{", text) else None


def _span(syntax: Syntax, expression: Node) -> tuple[int, int]:
    return syntax.start(expression), syntax.end(expression)


def _layers(release: _Release, gathering: Gathering) -> None:
    syntax = release.syntax
    values = release.attribute("values")
    if values is not None:
        items = child(values, "collection_value", "tuple")
        if items is None:
            gathering.missing(syntax.line(values), f"values is an expression: {_short(syntax.of(values))}")
        for item in items.children if items is not None else ():
            if item.type == "expression":
                _value(release, item, gathering)
    for block in release.body.children:
        words = [syntax.of(one).strip('"') for one in block.children if one.type in ("identifier", "string_lit")]
        if block.type == "block" and words[:1] == ["dynamic"] and words[1:2] and words[1] in _SETS:
            gathering.missing(syntax.line(block), "a dynamic block sets values that are only known to Terraform")
    gathering.add(_pairs(release, gathering))


def _value(release: _Release, item: Node, gathering: Gathering) -> None:
    syntax, text = release.syntax, release.syntax.of(item)
    match = _FILE.match(text)
    heredoc = next(iter(walk(item, "heredoc_template")), None)
    if heredoc is not None and text.startswith("<<"):
        gathering.add(_heredoc(release, heredoc))
    elif match:
        gathering.file(match["path"], syntax.line(item), terraform=match["call"] != "file")
    elif _literal(syntax, item) is not None:
        gathering.missing(syntax.line(item), "values in a quoted text: write them as a heredoc or a file")
    else:
        gathering.missing(syntax.line(item), f"values come from an expression: {_short(text)}")


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) < 60 else line[:57] + "..."


def _heredoc(release: _Release, node: Node) -> Values | None:
    syntax = release.syntax
    whole, start = syntax.of(node), syntax.start(node)
    head = _HEREDOC.match(whole)
    if head is None:
        return None
    end = whole.rindex("\n") + 1
    body = whole[head.end() : end]
    indent = ""
    if head["dash"]:
        found = [re.match(r"[ \t]*", line) for line in body.splitlines() if line.strip()]
        indent = min((one[0] for one in found if one), key=len, default="")
    inner = textwrap.dedent(body) if indent else body
    return Values(
        "text", release.path, 0, (start + head.end(), start + end), syntax.line(node) + 1, inner, indent,
        terraform=True,
    )  # fmt: skip


def _pairs(release: _Release, gathering: Gathering) -> Values | None:
    pairs: list[Pair] = []
    for entry in _entries(release):
        name = _literal(release.syntax, _field(release.syntax, entry, "name"))
        value = _field(release.syntax, entry, "value")
        line = release.syntax.line(entry)
        if name is None or value is None:
            gathering.missing(line, "a `set` whose name is an expression, or a list of values")
            continue
        text = _literal(release.syntax, value)
        kind = _literal(release.syntax, _field(release.syntax, entry, "type"))
        shown = text if text is not None else _PLACEHOLDER.format(len(pairs))
        pairs.append(Pair(name, shown, line, kind == "string" or text is None, len(pairs)))
    return Values("pairs", release.path, 0, ("set", release.name), pairs[0].line, pairs=tuple(pairs),
                  details={"release": release}) if pairs else None  # fmt: skip


def _entries(release: _Release) -> list[Node]:
    """Blocks ``set { ... }`` and objects of ``set = [{ ... }]``, in order."""
    found: list[Node] = []
    for one in release.body.children:
        key = child(one, "identifier")
        if key is None or release.syntax.of(key) not in _SETS:
            continue
        found += [one] if one.type == "block" else list(walk(one, "object"))
    return found


def _field(syntax: Syntax, entry: Node, name: str) -> Node | None:
    body = child(entry, "body")
    if body is not None:
        return _attribute(syntax, body, name)
    for element in entry.children:
        key, value = element.child_by_field_name("key"), element.child_by_field_name("val")
        if element.type == "object_elem" and key is not None and syntax.of(key).strip('"') == name:
            return value
    return None


def _fresh(release: _Release) -> Values | None:
    """Before the end of the block; only where there is no ``values`` yet."""
    end = child(release.block, "block_end")
    if release.attribute("values") is not None or end is None:
        return None
    at, indent = release.syntax.start(end), " " * (end.start_point[1] + 2)
    return Values(
        "text", release.path, 0, (at, at), release.syntax.line(release.block), "", indent + "  ",
        wrap=(f"\n{indent}values = [\n{indent}  <<-EOT\n", f"{indent}  EOT\n{indent}]\n"), terraform=True,
    )  # fmt: skip


def retarget(reference: Reference, target: NewTarget, sources: Sources) -> Iterator[AnyChange]:
    """Name the new chart; ``repository`` keeps being said where it was."""
    syntax, body = reference.details["syntax"], reference.details["body"]
    assert isinstance(syntax, Syntax)  # noqa: S101 - made above
    parts = {name: _attribute(syntax, body, name) for name in ("repository", "chart", "version")}  # type: ignore[arg-type]
    chart = parts["chart"]
    assert chart is not None  # noqa: S101 - a reference has one
    wanted = {"repository": target.repository, "chart": target.name, "version": target.version}
    if parts["repository"] is None:
        wanted["chart"] = target.address
    for name, expression in parts.items():
        if expression is not None:
            yield TextChange(reference.file, Splice(*_span(syntax, expression), f'"{wanted[name]}"'))
    if parts["version"] is None:
        line_end = syntax.text.find("\n", syntax.end(chart))
        line_start = syntax.text.rfind("\n", 0, syntax.start(chart)) + 1
        indent = re.match(r"[ \t]*", syntax.text[line_start:])
        text = f'\n{indent[0] if indent else ""}version = "{target.version}"'
        yield TextChange(reference.file, Splice(line_end, line_end, text))


def write_pairs(values: Values, changes: PairChanges, source: Source) -> Iterator[AnyChange]:
    """``set`` blocks or objects: names and values where they stand, new ones behind the last."""
    release = values.details["release"]
    assert isinstance(release, _Release)  # noqa: S101 - made above
    syntax, entries = release.syntax, [e for e in _entries(release) if _is_pair(release, e)]
    check_kept(values, changes)
    for index, pair in changes.changed.items():
        name, value = (_field(syntax, entries[index], field) for field in ("name", "value"))
        assert name is not None and value is not None  # noqa: S101 - read from there
        yield TextChange(values.file, Splice(*_span(syntax, name), _quoted(pair.name)))
        if pair.value != values.pairs[index].value:
            yield TextChange(values.file, Splice(*_span(syntax, value), _quoted(pair.value)))
    for index in changes.removed:
        start, end = _lines_of(syntax, entries[index])
        yield TextChange(values.file, Splice(start, end, ""))
    if changes.added:
        last = entries[-1]
        start, end = _lines_of(syntax, last)
        indent = re.match(r"[ \t]*", syntax.text[start:])
        text = "".join(_new_entry(last.type, indent[0] if indent else "", pair) for pair in changes.added)
        yield TextChange(values.file, Splice(end, end, text))


def _is_pair(release: _Release, entry: Node) -> bool:
    name = _literal(release.syntax, _field(release.syntax, entry, "name"))
    return name is not None and _field(release.syntax, entry, "value") is not None


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("${", "$${") + '"'


def _lines_of(syntax: Syntax, node: Node) -> tuple[int, int]:
    """The whole lines that an entry stands on, a comma behind it included."""
    start = syntax.text.rfind("\n", 0, syntax.start(node)) + 1
    end = syntax.text.find("\n", syntax.end(node))
    return start, len(syntax.text) if end < 0 else end + 1


def _new_entry(kind: str, indent: str, pair: Pair) -> str:
    typed = ['type  = "string"'] if pair.string else []
    fields = [f"name  = {_quoted(pair.name)}", f"value = {_quoted(pair.value)}", *typed]
    if kind == "object":
        return f"{indent}{{ {', '.join(fields)} }},\n"
    return f"{indent}set {{\n" + "".join(f"{indent}  {field}\n" for field in fields) + f"{indent}}}\n"
