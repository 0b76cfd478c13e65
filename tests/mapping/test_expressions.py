"""Expressions: native types in, YAML values out, and no way out of the sandbox."""

from __future__ import annotations

from typing import Any

import pytest

from chartlift.errors import ChartliftError
from chartlift.mapping.expressions import OMIT, evaluate, render_text

CONTEXT: dict[str, Any] = {
    "auth": {"user": "me", "items": "a key called items", "empty": ""},
    "n": 3,
    "values": {"a": {"b": [1, 2]}},
    "env": [{"name": "A", "value": 1}, {"name": "B", "value": 2}],
}


def value(source: str) -> Any:
    return evaluate(source, CONTEXT | {"omit": OMIT}, file="x.yaml", where="$.values[0].expr")


@pytest.mark.parametrize(
    ("source", "wanted"),
    [
        ("auth.user", "me"),
        ("auth.items", "a key called items"),
        ("auth.nothing.below.it", None),
        ("n + 1", 4),
        ("n > 2 and auth.user", "me"),
        ("{'a': n, 'b': [auth.user]}", {"a": 3, "b": ["me"]}),
        ("env | map(attribute='name') | list", ["A", "B"]),
        ("env | selectattr('name', 'equalto', 'B') | map(attribute='value') | first", 2),
        ("auth.empty or 'default'", "default"),
        ("'x' ~ n", "x3"),
        ("values.a.b | length", 2),
        ("auth | to_json", '{"user": "me", "items": "a key called items", "empty": ""}'),
        ("quantity('1Gi')", 1024.0**3),
        ("'90s' | duration('m')", 1.5),
        ("{'a': 1}.get('b', 7)", 7),
        ("true", True),
        ("none", None),
    ],
)
def test_values(source: str, wanted: Any) -> None:
    found = value(source)
    assert found == wanted
    assert type(found) is type(wanted)


def test_omit_writes_nothing() -> None:
    assert value("omit if n else 1") is OMIT


@pytest.mark.parametrize(
    "source",
    [
        "''.__class__",
        "''.__class__.__mro__[1].__subclasses__()",
        "auth.__class__",
        "auth['__class__'].__init__",
        "cycler.__init__.__globals__",
        "lipsum.__globals__",
        "self.__init__",
        "''|attr('__class__')",
        "joiner.__init__.__globals__",
        "2 ** 100",
        "'x' * 1000000000",
        "[0] * 1000000000",
        "10**9 * 10**9",
        "range(10 ** 3 * 10)",
        "range(100000) | list",
        "'%1000000000d' % 1",
        "'x' | center(1000000000)",
        "'{0.__class__}'.format(1)",
        "auth.user(",
        "x y",
        "1 / 0",
        "namespace(a=1)",
        "n.to_bytes",
        "[n.__class__]",
    ],
)
def test_no_way_out(source: str) -> None:
    with pytest.raises(ChartliftError) as caught:
        value(source)
    assert caught.value.file == "x.yaml"
    assert caught.value.path == "$.values[0].expr"
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("source", ["'a' ~ 'b'", "auth.user | upper", "n * 2", "7 % n", "range(5) | list"])
def test_plain_work_is_not_refused(source: str) -> None:
    value(source)


def test_too_long_a_source_is_refused() -> None:
    with pytest.raises(ChartliftError, match="longer than"):
        value("1" + " + 1" * 10_000)


def test_names_are_text() -> None:
    assert render_text("{{ auth.user }}-x", CONTEXT, file="x.yaml", where="$.names") == "me-x"
    with pytest.raises(ChartliftError):
        render_text("{{ auth.user", CONTEXT, file="x.yaml", where="$.names")
