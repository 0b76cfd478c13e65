"""Find every rule of a report: in the calls that make findings, and in the mappings.

The pages of rules and the tests of the pages read from here, so that no list of rules has to be kept by hand.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
_MAKERS = {"Finding": (2, 4), "Note": (2, 3), "Remark": (3, 4), "finding": (4, 5), "found": (4, 5)}
"""What makes a finding, with the places of message and help among its arguments: the record itself, a note about
an image or of a reference, and the checks' helpers. The lint's method of that name is left out: what it finds is
for authors of mappings and stands in ``docs/mappings.md``."""
LEVELS = ("error", "warning", "note")


@dataclass(slots=True)
class Rule:
    """One rule id, with everything that is said of it anywhere; ``origins`` are stages, ``mappings`` their ids."""

    levels: set[str] = field(default_factory=set)
    origins: set[str] = field(default_factory=set)
    mappings: set[str] = field(default_factory=set)
    texts: list[str] = field(default_factory=list)
    helps: list[str] = field(default_factory=list)

    def add(self, levels: set[str], text: str, help_line: str = "") -> None:
        self.levels |= levels
        self.texts += [text] if text else []
        self.helps += [help_line] if help_line and help_line not in self.helps else []


@cache
def find_rules() -> dict[str, Rule]:
    """Every rule by its id; those with ``origins`` are made by code, the others by mappings alone."""
    found: dict[str, Rule] = {}
    trees = {file: ast.parse(file.read_text("utf-8")) for file in sorted((ROOT / "src" / "chartlift").rglob("*.py"))}
    constants = {name: value for tree in trees.values() for name, value in _constants(tree)}
    for file, tree in trees.items():
        for rule, levels, text, help_line in _rules_of(tree, constants):
            entry = found.setdefault(rule, Rule())
            entry.origins.add(_origin(file))
            entry.add(levels, text, help_line)
    _add_mappings(found)
    return dict(sorted(found.items()))


def _add_mappings(found: dict[str, Rule]) -> None:
    from chartlift.mapping.load import load_mappings

    mappings = load_mappings()
    for mapping_id in mappings.ids():
        mapping = mappings.get(mapping_id)
        for condition in mapping.findings if mapping else ():
            entry = found.setdefault(condition.rule, Rule())
            entry.mappings.add(mapping_id)
            entry.add({condition.level}, _one_line(condition.message))


def _origin(file: Path) -> str:
    """The stage: ``plan``, ``verify``; the file's name for modules of no stage."""
    parts = file.relative_to(ROOT / "src" / "chartlift").parts
    return parts[0] if len(parts) > 1 else file.stem


def _constants(tree: ast.Module) -> Iterator[tuple[str, ast.expr]]:
    """Names in capitals that a module gives a value, by which another one may import them."""
    for node in tree.body:
        name, value = _assignment(node) if isinstance(node, (ast.Assign, ast.AnnAssign)) else ("", None)
        if name.isupper() and value is not None:
            yield name, value


def _rules_of(tree: ast.Module, constants: dict[str, ast.expr]) -> Iterator[tuple[str, set[str], str, str]]:
    """Calls that make a finding, each with the function around it: rule, levels, message, help."""
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    for function in functions:
        names = _Names(tree, function, constants)
        for call in ast.walk(function):
            if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id in _MAKERS:
                levels = names.levels(call.args[1]) or set(LEVELS)
                said, cure = (names.first(call, at) for at in _MAKERS[call.func.id])
                for rule in names.texts(call.args[0]):
                    yield rule, levels, said, cure


def _one_line(text: str) -> str:
    return " ".join(text.split())


class _Names:
    """What the names in a function can stand for: its own variables, the module's, and what callers pass."""

    def __init__(self, tree: ast.Module, function: ast.FunctionDef, constants: dict[str, ast.expr]) -> None:
        self.constants = constants
        nodes = [*tree.body, *ast.walk(function)]
        found = [(node.lineno, *_assignment(node)) for node in nodes if isinstance(node, (ast.Assign, ast.AnnAssign))]
        self.assigned = sorted(found, key=lambda entry: entry[0])
        self.parameters = [argument.arg for argument in function.args.args]
        self.calls = [
            node
            for node in ast.walk(tree)
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == function.name
        ]

    def first(self, call: ast.Call, at: int) -> str:
        """The likeliest text of one argument, on one line; nothing where it is left out or worked out."""
        if at >= len(call.args):
            return ""
        return _one_line(next(self.texts(call.args[at]), ""))

    def levels(self, node: ast.expr) -> set[str]:
        """The levels that an expression can be, whichever of several assignments holds."""
        nodes = [node]
        if isinstance(node, ast.Name):
            nodes += [value for _, name, value in self.assigned if name == node.id]
        return {text for one in nodes for text in self.texts(one) if text in LEVELS}

    def texts(self, node: ast.expr) -> Iterator[str]:
        """The texts that an expression can be, the likeliest first."""
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value
        elif isinstance(node, ast.JoinedStr):
            yield "".join(map(_part, node.values))
        elif isinstance(node, ast.BinOp):
            yield next(self.texts(node.left), "...")
        elif isinstance(node, ast.IfExp):
            yield from self.texts(node.body)
            yield from self.texts(node.orelse)
        elif isinstance(node, ast.Subscript) and isinstance(node.value, ast.Name):
            table = self._before(node.value)
            for item in table.values if isinstance(table, ast.Dict) else ():
                yield from self.texts(item)
        elif isinstance(node, ast.Name):
            yield from self._texts_of_name(node)

    def _texts_of_name(self, node: ast.Name) -> Iterator[str]:
        value = self._before(node)
        if value is not None:
            yield from self.texts(value)
        elif node.id in self.parameters:
            at = self.parameters.index(node.id)
            passed = [call.args[at] for call in self.calls if at < len(call.args)]
            yield from (text for one in passed if not isinstance(one, ast.Name) for text in self.texts(one))
        elif node.id in self.constants:
            yield from self.texts(self.constants[node.id])

    def _before(self, name: ast.Name) -> ast.expr | None:
        """What was assigned last above the line."""
        above = [value for line, known, value in self.assigned if known == name.id and line < name.lineno]
        return above[-1] if above else None


def _assignment(node: ast.Assign | ast.AnnAssign) -> tuple[str, ast.expr | None]:
    target = node.targets[0] if isinstance(node, ast.Assign) else node.target
    return (target.id if isinstance(target, ast.Name) else ""), node.value


def _part(part: ast.expr) -> str:
    """A piece of a formatted text; what is filled in goes by its name."""
    if isinstance(part, ast.Constant):
        return str(part.value)
    value = part.value if isinstance(part, ast.FormattedValue) else part
    if isinstance(value, ast.Attribute):
        return f"<{value.attr}>"
    return f"<{value.id}>" if isinstance(value, ast.Name) else "..."
