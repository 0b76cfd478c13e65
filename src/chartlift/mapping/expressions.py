"""Expressions of mapping files: Jinja2 with native types, in a sandbox with bounds.

A mapping file of a user's is untrusted input. The sandbox of Jinja2 (``ImmutableSandboxedEnvironment``)
keeps expressions off Python's internals; on top of it only harmless filters are left, maps are read by
key and never by attribute, and operations that could eat memory are bounded.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from jinja2 import ChainableUndefined, TemplateError, Undefined
from jinja2.exceptions import SecurityError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from chartlift.errors import ChartliftError
from chartlift.yamltext.scalars import write_value

MOST_CHARACTERS = 20_000
MOST_RESULT = 1_000_000
_FILTERS = frozenset(
    "abs b64encode bool default d dictsort first float groupby int items join last length count list lower map max "
    "min reject rejectattr replace reverse round select selectattr sort string sum title trim unique upper "
    "capitalize to_json to_yaml duration".split()
)
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


class Sandbox(ImmutableSandboxedEnvironment):
    """Maps are read by key; big powers, products and formats are refused."""

    intercepted_binops = frozenset({"**", "*", "%"})

    def getattr(self, obj: Any, attribute: str) -> Any:
        if attribute.startswith("__") and not (isinstance(obj, Mapping) and attribute in obj):
            raise SecurityError(f"{attribute} is out of bounds")
        if isinstance(obj, Mapping) and (attribute in obj or attribute not in ("get", "items", "keys", "values")):
            return obj[attribute] if attribute in obj else self.undefined(obj=obj, name=attribute)
        return super().getattr(obj, attribute)

    def getitem(self, obj: Any, argument: Any) -> Any:
        if isinstance(obj, Mapping):
            return obj[argument] if argument in obj else self.undefined(obj=obj, name=str(argument))
        return super().getitem(obj, argument)

    def unsafe_undefined(self, obj: Any, attribute: str) -> Undefined:
        """Reaching for Python's internals is an error, not a missing value."""
        raise SecurityError(f"{attribute} is out of bounds")

    def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:
        numbers = all(isinstance(side, (int, float)) and abs(side) < 1e15 for side in (left, right))
        if operator == "**" or not numbers:
            raise SecurityError(f"the operator {operator} is for small numbers only")
        return left * right if operator == "*" else left % right


@lru_cache(maxsize=1)
def _environment() -> Sandbox:
    environment = Sandbox(undefined=ChainableUndefined, autoescape=False)
    environment.filters |= {
        "to_json": lambda value: json.dumps(_plain(value), ensure_ascii=False),
        "to_yaml": to_yaml,
        "b64encode": lambda value: base64.b64encode(str(value).encode()).decode(),
        "duration": duration,
        "bool": bool,
    }
    for name in set(environment.filters) - _FILTERS:
        del environment.filters[name]
    environment.globals = {
        "range": _short_range,
        "dict": dict,
        "quantity": quantity,
        "omit": OMIT,
        "true": True,
        "false": False,
    }
    return environment


def _short_range(*bounds: int) -> range:
    found = range(*bounds)
    if len(found) > 1000:
        raise SecurityError("a range of more than a thousand numbers")
    return found


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


@lru_cache(maxsize=4096)
def _compile(source: str) -> Callable[..., Any]:
    if len(source) > MOST_CHARACTERS:
        raise SecurityError(f"longer than {MOST_CHARACTERS} characters")
    return _environment().compile_expression(source, undefined_to_none=False)


@lru_cache(maxsize=4096)
def _compile_text(source: str) -> Any:
    return _environment().from_string(source)


def compile_check(source: str, *, file: str, where: str) -> None:
    """Raise ``ChartliftError`` where an expression does not compile."""
    try:
        _compile(source)
    except (TemplateError, SecurityError) as error:
        raise _failure(error, file, where) from None


def evaluate(source: str, context: Mapping[str, Any], *, file: str, where: str) -> Any:
    """The value of an expression; ``OMIT`` for nothing, None for something undefined."""
    try:
        found = _compile(source)(**context)
        value = None if isinstance(found, Undefined) else _plain(found)
    except (TemplateError, SecurityError, ValueError, TypeError, ArithmeticError, LookupError, AttributeError) as error:
        raise _failure(error, file, where) from None
    except RecursionError:
        raise _failure(ValueError("nested too deeply"), file, where) from None
    return value


def render_text(source: str, context: Mapping[str, Any], *, file: str, where: str) -> str:
    """A template of names: text with ``{{ }}`` in it."""
    try:
        return str(_compile_text(source).render(**context))
    except (TemplateError, SecurityError, ValueError, TypeError, ArithmeticError, LookupError, AttributeError) as error:
        raise _failure(error, file, where) from None


def _plain(value: Any, depth: int = 0) -> Any:
    """Only what YAML holds: generators become lists, anything else is refused."""
    if value is None or isinstance(value, (bool, int, float, Omit)):
        return value
    if isinstance(value, str):
        if len(value) > MOST_RESULT:
            raise ValueError("the result is too long")
        return str(value)
    if depth > 50:
        raise ValueError("the result is nested too deeply")
    if isinstance(value, Mapping):
        return {str(key): _plain(item, depth + 1) for key, item in value.items()}
    if isinstance(value, Undefined):
        return None
    if isinstance(value, (list, tuple)) or hasattr(value, "__next__"):
        return [_plain(item, depth + 1) for item in value]
    raise ValueError(f"the result is a {type(value).__name__}, which YAML cannot hold")


def _failure(error: Exception, file: str, where: str) -> ChartliftError:
    message = (str(error).splitlines() or [type(error).__name__])[0]
    return ChartliftError(
        f"expression: {message}", file=file, path=where, help="docs/mappings.md lists what expressions can use."
    )
