"""The Jinja2 environment of mapping expressions: a sandbox with bounds.

A mapping file of a user's is untrusted input. The sandbox of Jinja2 (``ImmutableSandboxedEnvironment``,
https://jinja.palletsprojects.com/en/stable/sandbox/) keeps expressions off Python's internals, but says
itself that it does not bound memory or time. So only harmless filters and methods are left, what can
grow is measured before it does, and each evaluation has a budget of work. The budget counts, it does not
look at a clock: the same input gives the same result on a slow machine.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial, wraps
from itertools import islice
from math import ceil, floor
from threading import local
from typing import Any

from jinja2 import ChainableUndefined, Undefined
from jinja2.exceptions import SecurityError
from jinja2.sandbox import ImmutableSandboxedEnvironment

MOST_RESULT = 1_000_000
MOST_ITEMS = 20_000
MOST_WORK = 20_000_000
MOST_RANGE = 1000
MOST_CALLS = 20
"""Functions inside functions."""

FILTERS = frozenset(
    "abs b64encode bool capitalize count d default dictsort duration each first float groupby int items join last "
    "length list lower map max min reject rejectattr replace reverse round select selectattr sort string sum title "
    "to_json to_yaml trim unique upper".split()
)
_EACH = frozenset(["map", "select", "reject", "selectattr", "rejectattr"])
_METHODS: tuple[tuple[type, frozenset[str]], ...] = (
    (
        str,
        frozenset(
            "capitalize count endswith find index isalnum isalpha isdigit islower isupper join lower lstrip partition "
            "removeprefix removesuffix replace rfind rpartition rsplit rstrip split splitlines startswith strip title "
            "upper".split()
        ),
    ),
    (Mapping, frozenset(["get", "items", "keys", "values"])),
    (list, frozenset(["index", "count"])),
)


class _Budget(local):
    """Work left for the evaluation at hand: characters and items made, and looked through."""

    left = MOST_WORK
    calls = 0


_budget = _Budget()


def start_budget() -> None:
    """Give the evaluation that starts now its own budget."""
    _budget.left = MOST_WORK


def spend(work: int) -> None:
    _budget.left -= work
    if _budget.left < 0:
        raise SecurityError("it takes too much work")


@contextmanager
def nested() -> Iterator[None]:
    """A call of a function of the mapping format: inside another only so deep, and never for free."""
    if _budget.calls >= MOST_CALLS:
        raise SecurityError(f"functions call each other more than {MOST_CALLS} deep")
    spend(100)
    _budget.calls += 1
    try:
        yield
    finally:
        _budget.calls -= 1


def each(items: Any, function: Callable[..., Any], *more: Any) -> list[Any]:
    """What a function makes of each item of a list."""
    if isinstance(items, Undefined) or items is None:
        return []
    if not isinstance(items, (list, tuple)) or not callable(function):
        raise TypeError("each takes a list and a function")
    return [function(item, *more) for item in _listed(items)]


def size(value: Any) -> int:
    """Characters of a text, items of a list or map, else 1."""
    if isinstance(value, str):
        return len(value)
    return sum(1 + size(item) for item in value[:MOST_ITEMS]) if isinstance(value, (list, tuple)) else 1


class Sandbox(ImmutableSandboxedEnvironment):
    """Maps are read by key, few methods are there, and products, powers and formats are bounded."""

    intercepted_binops = frozenset({"**", "*", "%"})

    def getattr(self, obj: Any, attribute: str) -> Any:
        if isinstance(obj, Mapping) and attribute in obj:
            return obj[attribute]
        if attribute in getattr(type(obj), "_fields", ()):
            return getattr(obj, attribute)
        if attribute in _methods(obj):
            return _method(obj, attribute)
        if attribute.startswith("_") or (hasattr(obj, attribute) and not isinstance(obj, (Mapping, Undefined))):
            raise SecurityError(f"{attribute} is out of bounds")
        return self.undefined(obj=obj, name=attribute)

    def getitem(self, obj: Any, argument: Any) -> Any:
        if isinstance(obj, Mapping):
            return obj[argument] if argument in obj else self._missing(obj, argument)
        if isinstance(obj, (str, list, tuple)) and isinstance(argument, (int, slice)):
            return obj[argument] if isinstance(argument, slice) or _inside(obj, argument) else self.undefined()
        return self.getattr(obj, str(argument))

    def _missing(self, obj: Any, argument: Any) -> Undefined:
        if str(argument).startswith("__"):
            raise SecurityError(f"{argument} is out of bounds")
        return self.undefined(obj=obj, name=str(argument))

    def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:
        numbers = all(isinstance(side, (int, float)) and abs(side) < 1e15 for side in (left, right))
        if operator == "**" or not numbers:
            raise SecurityError(f"the operator {operator} is for small numbers only")
        return left * right if operator == "*" else left % right


def _inside(obj: Any, index: int) -> bool:
    return -len(obj) <= index < len(obj)


def _methods(obj: Any) -> frozenset[str]:
    return next((names for kind, names in _METHODS if isinstance(obj, kind)), frozenset())


def _method(obj: Any, name: str) -> Any:
    if isinstance(obj, str) and name in ("replace", "join"):
        return partial(replace_text, obj) if name == "replace" else lambda items: join_text(items, obj)
    return getattr(obj, name)


def replace_text(text: Any, old: Any, new: Any, count: int | None = None) -> str:
    """``replace`` that measures first: a chain of them can grow without end."""
    whole, gone, put = str(text), str(old), str(new)
    times = whole.count(gone) if count is None else min(count, whole.count(gone))
    _bound(len(whole) + times * max(len(put) - len(gone), 0))
    return whole.replace(gone, put, -1 if count is None else count)


def join_text(items: Iterable[Any], by: Any = "") -> str:
    """``join`` that measures first."""
    parts = [str(item) for item in _listed(items)]
    _bound(sum(map(len, parts)) + len(parts) * len(str(by)))
    return str(by).join(parts)


def _bound(characters: int) -> None:
    if characters > MOST_RESULT:
        raise SecurityError("the text grows too long")
    spend(characters)


def _listed(items: Iterable[Any]) -> list[Any]:
    found = list(islice(items, MOST_ITEMS + 1))
    if len(found) > MOST_ITEMS:
        raise SecurityError(f"a list of more than {MOST_ITEMS} items")
    return found


def round_number(value: float, precision: int = 0, method: str = "common") -> float:
    """``round`` to at most 15 places: Jinja's own raises ten to any power it is given."""
    if not 0 <= precision <= 15 or method not in ("common", "ceil", "floor"):
        raise SecurityError("round takes 0 to 15 places, and common, ceil or floor")
    if method == "common":
        return round(value, precision)
    scale = float(10**precision)
    return (ceil if method == "ceil" else floor)(value * scale) / scale


def short_range(*bounds: int) -> list[int]:
    found = range(*bounds)
    if len(found) > MOST_RANGE:
        raise SecurityError("a range of more than a thousand numbers")
    return list(found)


def _bounded(name: str, filter_: Callable[..., Any]) -> Callable[..., Any]:
    """The filter with its work counted, and its result a list where it would be a generator."""

    @wraps(filter_)
    def run(*arguments: Any, **options: Any) -> Any:
        looked_at = sum(map(size, (*arguments, *options.values())))
        spend(looked_at)
        if name in _EACH:
            # The value stands after what Jinja passes in itself (the context); the rest is looked at for each item.
            items = max((len(a) for a in arguments if isinstance(a, (list, tuple, str))), default=0)
            spend(items * looked_at if len(arguments) > 3 else 0)
        found = filter_(*arguments, **options)
        if hasattr(found, "__next__") or (name == "list" and isinstance(found, list)):
            found = _listed(found)
        return found

    return run


def build_environment(filters: Mapping[str, Callable[..., Any]], names: Mapping[str, Any]) -> Sandbox:
    """The environment with the filters and global names of the mapping format, and no others."""
    # Not optimized: folding constants would run filters while compiling, and costs more than it saves.
    environment = Sandbox(undefined=ChainableUndefined, autoescape=False, optimized=False)
    offered = dict(environment.filters) | {"replace": replace_text, "round": round_number} | dict(filters)
    environment.filters = {name: _bounded(name, offered[name]) for name in FILTERS - {"join"}}
    environment.filters["join"] = _bounded("join", _join)
    environment.globals = {"range": short_range, "dict": dict, **names}
    return environment


def _join(value: Iterable[Any], d: Any = "", attribute: str | None = None) -> str:
    if attribute is None:
        return join_text(value, d)
    return join_text([item.get(attribute, "") if isinstance(item, Mapping) else "" for item in value], d)
