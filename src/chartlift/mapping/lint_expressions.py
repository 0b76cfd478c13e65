"""Lint the expressions of a mapping: they compile, they name values that exist, they work on the defaults.

A misspelt value is no error when an expression runs, since missing values are falsy: it is one here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from jinja2 import nodes

from chartlift.chart.versions import in_range
from chartlift.errors import BrokenInvariant, ChartliftError
from chartlift.mapping import model
from chartlift.mapping.engine import Given, convert
from chartlift.mapping.expressions import compile_check, compile_text_check, parse_expression
from chartlift.mapping.rules import matches
from chartlift.mapping.surfaces import Surface, target_surface
from chartlift.records import YamlPath, format_path
from chartlift.yamltext.paths import parse_path

Problem = tuple[str, str, str]
"""Rule, place in the mapping file, message."""
Surfaces = Sequence[tuple[str, Surface]]

_BUILT_IN = frozenset(["dict", "omit", "quantity", "range"])
_WHEN = frozenset(
    "dict get is_set name omit quantity range release release_known target_default values version "
    "version_at_least".split()
)
_RULE = _WHEN | {"value", "default"}
_NAMING = _WHEN | {"fullname"}
_READERS = frozenset(["get", "is_set"])


@dataclass(frozen=True, slots=True)
class Expression:
    """One expression of a mapping file: where it is, what it can name, for which source versions it counts."""

    where: str
    source: str
    names: frozenset[str]
    versions: str | None = None
    text: bool = False
    """A template of a name, with ``{{ }}``."""


def expression_problems(mapping: model.Mapping, surfaces: Surfaces) -> Iterator[Problem]:
    """Rules ``expression`` and ``unknown-name``."""
    yield from _function_problems(mapping)
    for expression in _expressions(mapping):
        check = compile_text_check if expression.text else compile_check
        try:
            check(expression.source, file=mapping.file, where=expression.where)
        except ChartliftError as error:
            yield "expression", expression.where, error.message
            continue
        applying = [
            s for version, s in surfaces if expression.versions is None or in_range(version, expression.versions)
        ]
        if applying:
            yield from _unknown_names(expression, applying, mapping)


def _function_problems(mapping: model.Mapping) -> Iterator[Problem]:
    """A function sees its parameters, the other functions and what is built in; nothing of the charts."""
    for function in mapping.functions.values():
        where = f"$.functions.{function.name}.gives"
        try:
            compile_check(function.gives, file=mapping.file, where=where)
        except ChartliftError as error:
            yield "expression", where, error.message
            continue
        offered = _BUILT_IN | mapping.functions.keys() | frozenset(function.takes)
        for path in dict.fromkeys(_paths(parse_expression(function.gives), offered)):
            yield "unknown-name", where, f"{function.name} does not take {format_path(path)}"


def dry_run_problems(mapping: model.Mapping, surfaces: Surfaces) -> Iterator[Problem]:
    """Rule ``defaults-fail``: a user who set every default has one that an expression cannot take."""
    if mapping.target is None:
        return
    hoisted = {bundled.values for bundled in mapping.bundled}
    for version, surface in surfaces:
        values = {key: value for key, value in surface.data.items() if key not in hoisted}
        try:
            conversion = convert(
                mapping,
                version=version,
                source=surface,
                target=target_surface(mapping),
                layers=[Given(values, {})],
                name=mapping.source.chart,
                extra=[addition for bundled in mapping.bundled for addition in bundled.wired()],
            )
        except (ChartliftError, BrokenInvariant) as error:
            place = error.path if isinstance(error, ChartliftError) and error.path else "$.values"
            yield "defaults-fail", place, f"with the defaults of {version}: {error}"
            continue
        for (where, _), reason in conversion.chains[0].unfit.items():
            yield "defaults-fail", where, f"with the defaults of {version}: {reason}"


def _expressions(mapping: model.Mapping) -> Iterator[Expression]:
    for rule in mapping.rules:
        if rule.when:
            yield Expression(f"{rule.where}.when", rule.when, _WHEN, rule.versions)
        for target, source in rule.targets.items():
            if source:
                place = f"{rule.where}.expr" if len(rule.targets) == 1 else f"{rule.where}.to.{format_path((target,))}"
                yield Expression(place, source, _RULE, rule.versions)
    sets = mapping.images.set if mapping.images else ()
    for addition in (*mapping.additions, *sets, *(a for b in mapping.bundled for a in b.wiring)):
        yield from _given(addition.where, (("when", addition.when), ("expr", addition.expression)))
    for condition in mapping.findings:
        if condition.when:
            yield Expression(f"{condition.where}.when", condition.when, _WHEN, condition.versions)
    for index, volume in enumerate(mapping.volumes):
        yield from _given(f"$.state.volumes[{index}]", (("when", volume.when),))
    yield from _names(mapping)


def _given(where: str, fields: Iterable[tuple[str, str | None]]) -> Iterator[Expression]:
    for name, source in fields:
        if source:
            yield Expression(f"{where}.{name}", source, _WHEN)


def _names(mapping: model.Mapping) -> Iterator[Expression]:
    yield Expression("$.names.fullname", mapping.fullname, _WHEN, text=True)
    for name in mapping.names:
        where = f"$.names.{name.kind}s"
        for template in (name.source, name.target):
            if template is not None:
                yield Expression(where, template, _NAMING, text=True)
        if name.when:
            yield Expression(where, name.when, _NAMING)


def _unknown_names(expression: Expression, surfaces: Sequence[Surface], mapping: model.Mapping) -> Iterator[Problem]:
    if expression.text:
        return
    known = any_has(surfaces)
    # Below a bundled chart's key any of its own values may stand.
    hoisted = [parse_path(bundled.values) for bundled in mapping.bundled]
    offered = expression.names | mapping.functions.keys()
    for path in dict.fromkeys(_paths(parse_expression(expression.source), offered)):
        if not known(path) and path[0] != "global" and not any(matches(source, path) for source in hoisted):
            versions = (
                "no tested version" if expression.versions is None else f"no tested version {expression.versions}"
            )
            yield "unknown-name", expression.where, f"{versions} has {format_path(path)}"


def any_has(surfaces: Sequence[Surface]) -> Callable[[YamlPath], bool]:
    return lambda path: any(surface.has(path) for surface in surfaces)


def _paths(tree: nodes.Node, names: Iterable[str]) -> Iterator[YamlPath]:
    """The value paths that an expression reads: ``a.b``, ``values.a.b``, ``get("a.b")``."""
    offered = frozenset(names)
    inner: set[int] = set()
    for node in _walk(tree):
        if isinstance(node, nodes.Call) and isinstance(node.node, nodes.Getattr):
            # In `args.split(",")` the last step is a method.
            inner.add(id(node.node))
            yield from _path(node.node.node, offered, inner)
        elif isinstance(node, nodes.Call) and isinstance(node.node, nodes.Name) and node.node.name in _READERS:
            yield from _read_path(node)
        elif isinstance(node, (nodes.Getattr, nodes.Getitem, nodes.Name)) and id(node) not in inner:
            yield from _path(node, offered, inner)


def _walk(node: nodes.Node) -> Iterator[nodes.Node]:
    yield node
    for child in node.iter_child_nodes():
        yield from _walk(child)


def _path(node: nodes.Node, offered: frozenset[str], inner: set[int]) -> Iterator[YamlPath]:
    """The longest chain of constant steps that starts at a name."""
    steps: list[str] = []
    while isinstance(node, (nodes.Getattr, nodes.Getitem)):
        step = node.attr if isinstance(node, nodes.Getattr) else getattr(node.arg, "value", None)
        steps = [step, *steps] if isinstance(step, str) else []
        inner.add(id(node))
        node = node.node
    if not isinstance(node, nodes.Name) or id(node) in inner:
        return
    inner.add(id(node))
    if node.name == "values" and steps:
        yield tuple(steps)
    elif node.name not in offered:
        yield (node.name, *steps)


def _read_path(call: nodes.Call) -> Iterator[YamlPath]:
    first = call.args[0] if call.args else None
    if isinstance(first, nodes.Const) and isinstance(first.value, str):
        yield parse_path(first.value)
