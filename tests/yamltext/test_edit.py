"""Edits before and after: what changes, and above all what does not."""

from __future__ import annotations

import pytest

from chartlift.errors import EditRefused
from chartlift.yamltext.edit import Delete, Edit, Move, Rename, Set, apply_edits
from chartlift.yamltext.load import read_yaml

A, B = ("a",), ("b",)
CHANGES: dict[str, tuple[str, list[Edit], str]] = {
    "single quotes stay": ("a: 'x' # c\n", [Set(A, "it's")], "a: 'it''s' # c\n"),
    "double quotes stay": ('a: "x"\n', [Set(A, "y")], 'a: "y"\n'),
    "a version is quoted": ("a: x\n", [Set(A, "1.10")], "a: '1.10'\n"),
    "a word is quoted": ("a: x\n", [Set(A, "yes")], "a: 'yes'\n"),
    "an empty value": ("a: # c\nb:\n", [Set(A, 1), Set(B, "x")], "a: 1 # c\nb: x\n"),
    "an empty value at the end": ("a:", [Set(A, 1)], "a: 1"),
    "a block scalar to a plain one": ("a: | # c\n  x\n  y\nb: 1\n", [Set(A, "z")], "a: z # c\nb: 1\n"),
    "a plain one to a block scalar": ("a: x # c\nb: 1\n", [Set(A, "y\nz\n")], "a: | # c\n  y\n  z\nb: 1\n"),
    "a block to a scalar": ("a: # c\n  x: 1\nb: 1\n", [Set(A, "z")], "a: z # c\nb: 1\n"),
    "a scalar to a block": ("a: 1 # c\nb: 1\n", [Set(A, {"x": 1})], "a: # c\n  x: 1\nb: 1\n"),
    "flow map": ("a: {x: 1, y: 2} # c\n", [Set(("a", "x"), 3)], "a: {x: 3, y: 2} # c\n"),
    "flow map grows": ("a: {x: 1}\n", [Set(("a", "w"), "z")], "a: {x: 1, w: z}\n"),
    "flow list grows": ("a: [1]\n", [Set(("a", 1), "1")], "a: [1, '1']\n"),
    "flow list shrinks": ("a: [1, 2, 3]\n", [Delete(("a", 1))], "a: [1, 3]\n"),
    "flow map of lines grows": ("a: {\n  x: 1, # c\n}\n", [Set(("a", "w"), 2)], "a: {\n  x: 1, w: 2, # c\n}\n"),
    "Windows line ends": ("a: 1\r\nb: 2\r\n", [Set(("c",), {"d": 1})], "a: 1\r\nb: 2\r\nc:\r\n  d: 1\r\n"),
    "byte order mark": ("\ufeffa: 1\n", [Set(A, 2)], "\ufeffa: 2\n"),
    "emoji": ("# 😀\na: 😀 # é\n", [Set(A, "🎉")], "# 😀\na: 🎉 # é\n"),
    "tab before a comment": ("a: 1\t#\tc\n", [Set(A, 2)], "a: 2\t#\tc\n"),
    "no final newline": ("a: 1", [Set(B, 2)], "a: 1\nb: 2"),
    "an empty file": ("", [Set(("a", "b"), 1)], "a:\n  b: 1\n"),
    "only a comment": ("# c\n", [Set(A, 1)], "# c\na: 1\n"),
    "an inserted comment": ("a: 1\n", [Set(B, 2, "why")], "a: 1\n# why\nb: 2\n"),
    "insert into an empty map": ("a: {} # c\n", [Set(("a", "b"), 1)], "a: # c\n  b: 1\n"),
    "insert at the file's indent": ("a:\n    b: 1\n", [Set(("c", "d"), 1)], "a:\n    b: 1\nc:\n    d: 1\n"),
    "append": ("a:\n  - 1\n  # end\nb: 1\n", [Set(("a", 1), 2)], "a:\n  - 1\n  - 2\n  # end\nb: 1\n"),
    "append to a flush list": ("a:\n- x: 1\nb: 1\n", [Set(("a", 1), {"x": 2})], "a:\n- x: 1\n- x: 2\nb: 1\n"),
    "append behind an empty item": ("a:\n  -\nb: 1\n", [Set(("a", 1), 2)], "a:\n  -\n  - 2\nb: 1\n"),
    "delete with its comment": ("a: 1\n# on b\nb: 2\n# on c\nc: 3\n", [Delete(B)], "a: 1\n# on c\nc: 3\n"),
    "delete with deeper comments": ("a: 1\nb:\n  c: 1\n  # end\nd: 1\n", [Delete(B)], "a: 1\nd: 1\n"),
    "a licence stays": ("# Copyright\na: 1\nb: 2\n", [Delete(A)], "# Copyright\nb: 2\n"),
    "a licence is not moved": (
        "# Copyright\na: 1\nb:\n  c: 1\n",
        [Move(A, ("b", "d"))],
        "# Copyright\nb:\n  c: 1\n  d: 1\n",
    ),
    "delete the last key": ("a: 1\nb: 2", [Delete(B)], "a: 1"),
    "delete leaves an empty map": ("a: # c\n  b: 1\n", [Delete(("a", "b"))], "a: {} # c\n"),
    "prune": ("a:\n  b:\n    c: 1\nd: 1\n", [Delete(("a", "b", "c"), prune=True)], "d: 1\n"),
    "rename": ("a: 1 # c\n", [Rename(A, "yes")], "'yes': 1 # c\n"),
    "move with comments and indent": (
        "x: 1\n# on a\na: # c\n  # in\n  b: 1\nd:\n  e: 1\n",
        [Move(A, ("d", "f"))],
        "x: 1\nd:\n  e: 1\n  # on a\n  f: # c\n    # in\n    b: 1\n",
    ),
    "an alias itself may change": ("a: &x 1\nb: *x\n", [Set(B, 2)], "a: &x 1\nb: 2\n"),
    "an alias may go": ("a: &x 1\nb: *x\n", [Delete(B)], "a: &x 1\n"),
    "merged value is set beside": (
        "x: &x {a: 1}\nb:\n  <<: *x\n",
        [Set(("b", "a"), 2)],
        "x: &x {a: 1}\nb:\n  <<: *x\n  a: 2\n",
    ),
}
NOTHING: dict[str, tuple[str, list[Edit]]] = {
    "no edits": ("a:   1   # c \n\n\n", []),
    "the same text": ("a: 'x' # c\n", [Set(A, "x")]),
    "the same number": ("a: 1\n", [Set(A, 1)]),
    "delete what is absent": ("a: 1\n", [Delete(B)]),
    "delete below a scalar": ("a: 1\n", [Delete(("a", "b"))]),
    "delete beyond a list": ("a: [1]\n", [Delete(("a", 1))]),
    "delete in an empty file": ("", [Delete(A)]),
    "delete in a comment": ("# a: 1\n", [Delete(A, prune=True)]),
    "prune what is empty already": ("a: {}\n", [Delete(("a", "b"), prune=True)]),
    "rename to itself": ("a: 1\n", [Rename(A, "a")]),
    "no edits, Windows and byte order mark": ("\ufeffa: 1\r\n", []),
}
REFUSED: dict[str, tuple[str, list[Edit]]] = {
    "in an alias": ("a: &x {b: 1}\nc: *x\n", [Set(("c", "b"), 2)]),
    "into an alias": ("a: &x {b: 1}\nc: *x\n", [Set(("c", "d"), 2)]),
    "behind an anchor": ("a: &x {b: 1}\nc: *x\n", [Set(("a", "b"), 2)]),
    "an anchor in use": ("a: &x 1\nb: *x\n", [Delete(A)]),
    "an anchor in use is moved": ("a: &x 1\nb: *x\n", [Move(A, ("c",))]),
    "delete a merged key": ("x: &x {a: 1}\nb:\n  <<: *x\n  c: 1\n", [Delete(("b", "a"))]),
    "several documents": ("a: 1\n---\nb: 1\n", [Set(A, 2)]),
    "move onto a value": ("a: 1\nb: 2\n", [Move(A, B)]),
    "comments in braces": ("a: {\n  x: 1, # on x\n  y: 2\n}\n", [Delete(("a", "x"))]),
    "comments in braces, last": ("a: {\n  x: 1, # on x\n  z: 2\n}\n", [Delete(("a", "z"))]),
    "a key written twice": ("a: 1\na: 2\nb: 1\n", [Delete(A)]),
}


@pytest.mark.parametrize("name", CHANGES)
def test_only_what_is_meant_changes(name: str) -> None:
    before, edits, after = CHANGES[name]
    assert apply_edits(before, edits, file="values.yaml") == after


@pytest.mark.parametrize("name", NOTHING)
def test_nothing_changes(name: str) -> None:
    before, edits = NOTHING[name]
    assert apply_edits(before, edits, file="values.yaml") == before


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_unsafe_is_refused(name: str) -> None:
    before, edits = REFUSED[name]
    with pytest.raises(EditRefused) as refused:
        apply_edits(before, edits, file="values.yaml")
    assert refused.value.file == "values.yaml"
    assert refused.value.help


def test_a_long_list_of_aliases_is_measured_once() -> None:
    before = "a: &x 1\nb: [" + "*x, " * 3000 + "2]\n"
    after = apply_edits(before, [Set(("b", 3000), 3)], file="values.yaml")
    assert after == before.replace("2]", "3]")
    assert len(read_yaml(after, file="values.yaml")["b"]) == 3001


def test_edits_together_are_the_same_as_one_by_one() -> None:
    before = "".join(f"# on k{i}\nk{i}:\n  a: 1 # x\n  # on b\n  b: 'c'\n\n" for i in range(20))
    deletes = [Delete((f"k{i}", "b")) for i in range(0, 20, 2)]
    inserts = [Set((f"k{i}", name), i, "why") for i in range(20) for name in ("m", "o")]
    together = apply_edits(before, [*deletes, *inserts], file="values.yaml")
    for edit in [*deletes, *inserts]:
        before = apply_edits(before, [edit], file="values.yaml")
    assert together == before


def test_a_move_within_a_list_is_refused_since_the_numbers_shift() -> None:
    text = "a:\n  - 1\n  - 'x'\n  -\n"
    with pytest.raises(EditRefused, match="within its list"):
        apply_edits(text, [Move(("a", 0), ("a", 1, "b"))], file="values.yaml")
