"""Properties of the texts that references are read from and written to."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from chartlift.records import Yaml
from chartlift.references.pairs import (
    compare_pairs,
    data_of,
    parse_name,
    parse_value,
    split_pairs,
    write_name,
    write_pairs,
)
from chartlift.references.records import Pair
from chartlift.references.sources import put_terraform_aside, read_source

KEYS = st.text(st.sampled_from("ab.c[]=,\\{} d-"), min_size=1, max_size=6)
SCALARS = st.one_of(st.booleans(), st.integers(-(10**9), 10**9), st.text(st.sampled_from("ab,1.\\{}= x"), max_size=8))
LEAVES = st.one_of(SCALARS, st.lists(SCALARS, max_size=3))
VALUES = st.recursive(LEAVES, lambda inner: st.dictionaries(KEYS, inner, min_size=1, max_size=3), max_leaves=6).filter(
    lambda value: isinstance(value, dict)
)
LINES = st.lists(
    st.sampled_from(
        ["a: 1", "b: {{ .x }}", "{{- if .y }}", "{{ end }}", "  c: '{{ z }}-d'", "# {{ e }}", "", "f: ${var.g}"]
    ),
    max_size=12,
)


@given(st.lists(st.one_of(KEYS, st.integers(0, 5)), min_size=1, max_size=4))
def test_a_name_is_read_as_it_was_written(path: list[str | int]) -> None:
    if isinstance(path[0], str):
        assert parse_name(write_name(tuple(path))) == tuple(path)


@settings(max_examples=150)
@given(VALUES)
def test_pairs_say_what_they_were_made_of(data: dict[str, Yaml]) -> None:
    assert data_of([pair for key, value in data.items() for pair in write_pairs((key,), value)]) == data


@settings(max_examples=100)
@given(VALUES, VALUES)
def test_changed_pairs_say_what_is_wanted(before: dict[str, Yaml], after: dict[str, Yaml]) -> None:
    pairs = [pair for key, value in before.items() for pair in write_pairs((key,), value)]
    pairs = [Pair(pair.name, pair.value, 1, pair.string, index) for index, pair in enumerate(pairs)]
    changes = compare_pairs(pairs, after, {})
    left = [changes.changed.get(pair.index, pair) for pair in pairs if pair.index not in changes.removed]
    assert data_of([*left, *changes.added]) == after


def test_values_are_typed_as_helm_types_them() -> None:
    """https://helm.sh/docs/intro/using_helm/#the-format-and-limitations-of---set"""
    assert [parse_value(text) for text in ("true", "null", "12", "012", "1.5", "{a,2}", "a\\,b", "")] == [
        True, None, 12, "012", "1.5", ["a", 2], "a,b", "",
    ]  # fmt: skip
    assert parse_value("12", string=True) == "12"
    assert split_pairs("a=1,b={x,y},c.d=e=f") == [("a", "1"), ("b", "{x,y}"), ("c.d", "e=f")]


def test_text_in_braces_is_no_list() -> None:
    """Helm's strvals takes a brace at the start as a list, and one behind a backslash as text."""
    assert write_pairs(("a",), "{}") == [Pair("a", "\\{}", 0)]
    assert parse_value("\\{}") == "{}"
    assert write_pairs(("a",), ["1", "b"]) == [Pair("a[0]", "1", 0, string=True), Pair("a[1]", "b", 0)]


@given(LINES)
def test_templates_come_back_word_for_word(lines: list[str]) -> None:
    text = "\n".join(lines)
    source = read_source("h.yaml", text)
    assert source.restore(source.text) == text
    assert source.text.count("\n") == text.count("\n")
    aside = put_terraform_aside("h.tf", text)
    assert aside.restore(aside.text) == text
