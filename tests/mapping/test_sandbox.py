"""What could grow or run on is refused before it does, in little time; plain work is not."""

from __future__ import annotations

from time import perf_counter
from typing import Any

import pytest

from chartlift.errors import ChartliftError
from chartlift.mapping.expressions import ExpressionFailed, compile_text_check, evaluate, render_text

LONG = "|replace('a','aaaaaaaaaaaaaaaaaaaa')"


def value(source: str, **context: Any) -> Any:
    return evaluate(source, context, file="x.yaml", where="$.values[0].expr")


@pytest.mark.parametrize(
    "source",
    [
        "'a'" + LONG * 12,
        "(range(1000) | join('" + "x" * 900 + "')) | list | join('" + "y" * 900 + "')",
        "range(1000) | map('string') | map('replace', '', '" + "z" * 5000 + "') | join",
        "'a'.ljust(1000000000)",
        "'a'['ljust'](1000000000)",
        "'a'.zfill(1000000000)",
        "'{:1000000000}'.format(1)",
        "'a\\tb'.expandtabs(1000000000)",
        "(5).to_bytes(1000000000, 'big')",
        "1.5 | round(100000000, 'ceil')",
        "'x'.join(range(1000) | map('string') | map('replace', '', '" + "z" * 900 + "'))",
        "range(1000) | select('in', range(1000)) " + "| select('in', range(1000)) " * 40 + "| list",
        "dict.fromkeys(range(10))",
        "[1].append(2)",
        "not " * 500 + "x",
        "-" * 3000 + "1",
        "[" * 300 + "]" * 300,
        "x" + ".a" * 9000,
        "'inf' | float",
        "1e999",
        "get | string | length and get.__self__",
        "values['__class__']",
    ],
)
def test_what_would_grow_is_refused_at_once(source: str) -> None:
    started = perf_counter()
    with pytest.raises(ChartliftError) as caught:
        value(source, values={}, get=lambda path: path)
    assert perf_counter() - started < 5
    assert (caught.value.file, caught.value.path) == ("x.yaml", "$.values[0].expr")


@pytest.mark.parametrize(
    ("source", "wanted"),
    [
        ("range(3)", [0, 1, 2]),
        ("range(1000) | map('string') | join | length", 2890),
        ("'a b'.replace(' ', '-')", "a-b"),
        ("'a-b-c' | replace('-', '.', 1)", "a.b-c"),
        ("','.join(['a', 1])", "a,1"),
        ("[{'n': 'a'}, {'n': 'b'}] | join('+', attribute='n')", "a+b"),
        ("'a/b'.split('/')[1]", "b"),
        ("'a/b'.split('/')[7] or 'none'", "none"),
        ("'abc'[1:]", "bc"),
        ("m.items()", [["k", 1]]),
        ("m.get('k')", 1),
        ("m.keys() | list", ["k"]),
        ("2.5 | round(0, 'ceil')", 3.0),
        ("[{'g': 1, 'v': 2}, {'g': 1, 'v': 3}] | groupby('g') | map(attribute='list') | map('length') | list", [2]),
        ("m.copy or 'no method of maps'", "no method of maps"),
        ("missing.a.b[0].c or 'd'", "d"),
    ],
)
def test_plain_work_is_done(source: str, wanted: Any) -> None:
    assert value(source, m={"k": 1}) == wanted


def test_a_failure_of_values_differs_from_a_refusal() -> None:
    with pytest.raises(ExpressionFailed):
        value("a > 1", a="text")
    with pytest.raises(ChartliftError) as caught:
        value("a.__class__", a="text")
    assert not isinstance(caught.value, ExpressionFailed)


def test_the_budget_is_that_of_one_evaluation() -> None:
    for _ in range(50):
        assert value("range(1000) | map('string') | join | length") == 2890


@pytest.mark.parametrize(
    "source",
    [
        "{% for i in range(9) %}{{ i }}{% endfor %}",
        "{% set x = 1 %}{{ x }}",
        "{% macro m() %}{% endmacro %}",
        "{{ x",
        "{{ ''.__class__ }}",
    ],
)
def test_a_name_is_text_with_expressions_and_nothing_else(source: str) -> None:
    with pytest.raises(ChartliftError):
        render_text(source, {"x": "a"}, file="x.yaml", where="$.names.fullname")


def test_a_plain_name_compiles() -> None:
    compile_text_check("{{ x }}-headless", file="x.yaml", where="$.names.services")
