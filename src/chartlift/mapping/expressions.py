"""Expressions of mapping files: compile them, work them out, and say where they fail.

They are Jinja2 expressions with native types in the bounded sandbox of ``sandbox.py``. Results are only
what YAML holds. Each failure is a ``ChartliftError`` that names the mapping file and the path in it; one
that depends on the values it met is an ``ExpressionFailed``, so that the engine can hand it to a person.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, ItemsView, KeysView, Mapping, ValuesView
from functools import lru_cache, partial
from math import isfinite
from typing import Any

from jinja2 import TemplateError, TemplateSyntaxError, Undefined, nodes
from jinja2.exceptions import SecurityError

from chartlift.errors import ChartliftError
from chartlift.mapping.model import Function
from chartlift.mapping.sandbox import MOST_RESULT, Sandbox, build_environment, each, nested, start_budget
from chartlift.yamltext.scalars import write_value

MOST_CHARACTERS = 20_000
MOST_LEAVES = 100_000
_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_QUANTITY = re.compile(r"([+-]?[0-9.]+)(m|k|M|G|T|P|E|Ki|Mi|Gi|Ti|Pi|Ei)?")
_POWERS = {"m": 1e-3, "k": 1e3, "M": 1e6, "G": 1e9, "T": 1e12, "P": 1e15, "E": 1e18} | {
    f"{letter}i": 1024.0 ** (power + 1) for power, letter in enumerate("KMGTPE")
}


class Omit:
    """The value of ``omit``: an expression that gives it writes nothing."""

    def __repr__(self) -> str:
        return "omit"

    def __bool__(self) -> bool:
        return False


OMIT = Omit()


@lru_cache(maxsize=1)
def _environment() -> Sandbox:
    filters: dict[str, Callable[..., Any]] = {
        "to_json": lambda value: json.dumps(_plain(value), ensure_ascii=False),
        "to_yaml": to_yaml,
        "b64encode": lambda value: base64.b64encode(str(value).encode()).decode(),
        "duration": duration,
        "bool": bool,
        "each": lambda items, function, *more: [found for found in each(items, function, *more) if found is not OMIT],
    }
    return build_environment(filters, {"quantity": quantity, "omit": OMIT})


def to_yaml(value: Any) -> str:
    """Block YAML of a value, without a newline at its end."""
    return write_value(_plain(value), 0, 2).lstrip("\n ")


def duration(value: Any, unit: str) -> int | float:
    """``duration("1m30s", "s")`` -> 90; a bare number counts in seconds."""
    text = str(value)
    parts = re.findall(r"([0-9.]+)(ms|s|m|h|d)", text)
    seconds = sum(float(n) * _UNITS[u] for n, u in parts) if parts else float(text)
    found = seconds / _UNITS[unit]
    return int(found) if found == int(found) else found


def quantity(value: Any) -> float:
    """A Kubernetes quantity as a number: ``512Mi`` -> 536870912."""
    match = _QUANTITY.fullmatch(str(value))
    if match is None:
        raise ValueError(f"{value!r} is no Kubernetes quantity")
    return float(match[1]) * _POWERS.get(match[2] or "", 1.0)


class ExpressionFailed(ChartliftError):
    """The expression is sound but could not be worked out from these values."""


_FAILURES = (
    TemplateError,
    SecurityError,
    ChartliftError,
    ValueError,
    TypeError,
    ArithmeticError,
    LookupError,
    AttributeError,
    # From the Python that Jinja compiles to: infinity as a constant, and nesting beyond its parser.
    NameError,
    SyntaxError,
    RecursionError,
    MemoryError,
)


@lru_cache(maxsize=4096)
def _compile(source: str) -> Callable[..., Any]:
    _bound(source)
    return _environment().compile_expression(source, undefined_to_none=False)


@lru_cache(maxsize=4096)
def _compile_text(source: str) -> Any:
    """A template of text and ``{{ }}`` only: statements would bring loops."""
    _bound(source)
    environment = _environment()
    if not all(isinstance(node, nodes.Output) for node in environment.parse(source).body):
        raise SecurityError("only {{ }} can stand in a name, no {% %}")
    return environment.from_string(source)


def _bound(source: str) -> None:
    if len(source) > MOST_CHARACTERS:
        raise SecurityError(f"longer than {MOST_CHARACTERS} characters")


def compile_check(source: str, *, file: str, where: str) -> None:
    """Raise ``ChartliftError`` where an expression does not compile."""
    try:
        start_budget()
        _compile(source)
    except _FAILURES as error:
        raise _failure(error, file, where) from None


def compile_text_check(source: str, *, file: str, where: str) -> None:
    """Raise ``ChartliftError`` where a template of a name does not compile."""
    try:
        start_budget()
        _compile_text(source)
    except _FAILURES as error:
        raise _failure(error, file, where) from None


def parse_expression(source: str) -> nodes.Template:
    """The syntax tree of an expression that compiles."""
    return _environment().parse("{{ " + source + " }}")


def evaluate(source: str, context: Mapping[str, Any], *, file: str, where: str) -> Any:
    """The value of an expression; ``OMIT`` for nothing, None for something undefined."""
    try:
        start_budget()
        found = _compile(source)(**context)
        return None if isinstance(found, Undefined) else _plain(found)
    except _FAILURES as error:
        raise _failure(error, file, where) from None


def bind_functions(functions: Mapping[str, Function]) -> dict[str, Callable[..., Any]]:
    """The functions of a mapping, as an expression calls them; each sees the others."""
    bound: dict[str, Callable[..., Any]] = {}
    for function in functions.values():
        bound[function.name] = partial(_call, function, bound)
    return bound


def _call(function: Function, others: Mapping[str, Any], *given: Any) -> Any:
    if len(given) != len(function.takes):
        raise TypeError(f"{function.name} takes {len(function.takes)} ({', '.join(function.takes)}), not {len(given)}")
    with nested():
        found = _compile(function.gives)(**others, **dict(zip(function.takes, given, strict=True)))
    return None if isinstance(found, Undefined) else found


def render_text(source: str, context: Mapping[str, Any], *, file: str, where: str) -> str:
    """A template of names: text with ``{{ }}`` in it."""
    try:
        start_budget()
        found = str(_compile_text(source).render(**context))
    except _FAILURES as error:
        raise _failure(error, file, where) from None
    if len(found) > MOST_RESULT:
        raise _failure(SecurityError("the result is too long"), file, where)
    return found


def _plain(value: Any) -> Any:
    """Only what YAML holds: generators become lists, anything else is refused."""
    return _plainer(value, 0, [MOST_LEAVES])


def _plainer(value: Any, depth: int, left: list[int]) -> Any:
    left[0] -= 1
    if depth > 50 or left[0] < 0:
        raise ValueError("the result is nested too deeply" if depth > 50 else "the result has too many values")
    if isinstance(value, float) and not isfinite(value):
        raise ValueError("the result is not a finite number")
    if value is None or isinstance(value, (bool, int, float, Omit)):
        return value
    if isinstance(value, str):
        if len(value) > MOST_RESULT:
            raise ValueError("the result is too long")
        return str(value)
    if isinstance(value, Mapping):
        return {str(key): _plainer(item, depth + 1, left) for key, item in value.items()}
    if isinstance(value, Undefined):
        return None
    if isinstance(value, (list, tuple, KeysView, ValuesView, ItemsView)) or hasattr(value, "__next__"):
        return [_plainer(item, depth + 1, left) for item in value]
    raise ValueError(f"the result is a {type(value).__name__}, which YAML cannot hold")


def _failure(error: BaseException, file: str, where: str) -> ChartliftError:
    if isinstance(error, ChartliftError):
        text = error.message
    elif isinstance(error, (RecursionError, MemoryError, SyntaxError)):
        text = "nested too deeply"
    elif isinstance(error, NameError):
        text = "a number in it is not finite"
    else:
        text = (str(error).splitlines() or [type(error).__name__])[0]
    final = isinstance(error, (SecurityError, TemplateSyntaxError))
    kind = ChartliftError if final else ExpressionFailed
    return kind(f"expression: {text}", file=file, path=where, help="docs/mappings.md lists what expressions can use.")
