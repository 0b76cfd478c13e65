"""Random documents under random edits: the text says what the plan says, or the edit is refused."""

from __future__ import annotations

from typing import Any

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from chartlift.errors import BrokenInvariant, ChartliftError, EditRefused
from chartlift.records import YamlPath
from chartlift.yamltext.edit import Delete, Edit, Move, Rename, Set, apply_edits, apply_to_data, same_yaml
from chartlift.yamltext.load import read_yaml
from chartlift.yamltext.paths import get_in

FEW = settings(max_examples=150, deadline=None, database=None, suppress_health_check=list(HealthCheck))
NAMES = st.sampled_from(["a", "b", "c-d", "e f", "1", "yes", "g.h", "é"])
VALUES = st.sampled_from(
    [None, True, 1, 1.5, "", "x", "1.10", "yes", "a: b", "# no", "it's", 'q"q', "two\nlines", "end\n", "😀", "~", "\t"]
)
NESTED = st.one_of(VALUES, st.lists(VALUES, max_size=2), st.dictionaries(NAMES, VALUES, max_size=2))
SCALARS = ["1", "1.10", "'x'", '"y"', "yes", "~", "", "plain text", "'it''s'", '"a\\tb"', "[]", "{}", "!!str 1", "&k v"]
QUOTED = {"e f": "'e f'", "1": '"1"', "yes": "'yes'"}


@st.composite
def blocks(draw: st.DrawFn, depth: int = 0) -> list[str]:
    """Lines of a block map with comments everywhere, flow collections, block scalars, lists and aliases."""
    lines: list[str] = []
    for name in draw(st.lists(NAMES, min_size=1, max_size=4, unique=True)):
        lines += draw(st.sampled_from([[], [], [], ["# above"], ["", "# two", "# above"], [""], ["  # deeper"]]))
        kinds = ["scalar", "scalar", "flow", "lines", "text", "list", "items", "map", "tight", "folded"]
        kind = draw(st.sampled_from(kinds))
        shown, beside = QUOTED.get(name, name), draw(st.sampled_from(["", "", " # beside", "  #\tbeside"]))
        inner = draw(blocks(depth + 1)) if kind in ("map", "items") and depth < 2 else ["z: 1"]
        match kind:
            case "scalar":
                lines.append(f"{shown}: {draw(st.sampled_from(SCALARS))}".rstrip() + beside)
            case "flow":
                lines.append(f"{shown}: " + draw(st.sampled_from(["[1, x]", "{a: 1, b: {a: 2}}", "[{a: 1}]"])) + beside)
            case "lines":
                lines += [
                    f"{shown}: {{" + beside,
                    "    a: 1," + beside,
                    "    b: [2," + beside,
                    "      3]",
                    "  }" + beside,
                ]
            case "text":
                lines += [f"{shown}: |" + beside, "  one", "", "  # two", *draw(st.sampled_from([[], [""]]))]
            case "folded":
                lines += [f"{shown}: >-" + beside, "  one", "  two"]
            case "list":
                lines += [f"{shown}:" + beside, "  - 1" + beside, "  # on it", "  - 'x'", "  -", "  # end"]
            case "tight":
                lines += [f"{shown}:" + beside, "- a: 1" + beside, "  b: 2", "- - 1", "  - 2"]
            case "items":
                first, *rest = [line for line in inner if line.strip() and not line.lstrip().startswith("#")]
                lines += [f"{shown}:" + beside, f"- {first}", *("  " + line for line in rest)]
            case _:
                lines += [f"{shown}:" + beside, *("  " + line if line else "" for line in inner)]
    return [*lines, *draw(st.sampled_from([[], [], ["# last"]]))]


@st.composite
def documents(draw: st.DrawFn) -> str:
    lines = draw(blocks())
    end = draw(st.sampled_from(["\n", "\n", "\n", "\r\n"]))
    return draw(st.sampled_from(["", "", "\ufeff"])) + end.join(lines) + draw(st.sampled_from([end, end, ""]))


def places(data: Any, path: YamlPath = ()) -> list[YamlPath]:
    """Every path of the data but the root."""
    steps = list(data.items()) if isinstance(data, dict) else list(enumerate(data)) if isinstance(data, list) else []
    found: list[YamlPath] = []
    for step, value in steps:
        found += [(*path, step), *places(value, (*path, step))]
    return found


@st.composite
def edits(draw: st.DrawFn, data: Any) -> Edit:
    """An edit at a place of the data, or beside or below one."""
    near = st.sampled_from(places(data))
    path = draw(near)
    away = draw(st.one_of(near, st.builds(lambda p, n: (*p, n), near, NAMES), st.tuples(NAMES, NAMES)))
    match draw(st.sampled_from(["set", "add", "append", "delete", "prune", "rename", "move"])):
        case "set":
            return Set(path, draw(NESTED))
        case "add":
            return Set(away, draw(NESTED), draw(st.sampled_from([None, "why"])))
        case "append":
            items = get_in(data, path)
            return Set((*path, len(items) if isinstance(items, list) else 0), draw(NESTED))
        case "delete":
            return Delete(path)
        case "prune":
            return Delete(path, prune=True)
        case "rename":
            return Rename(path, draw(NAMES))
        case _:
            return Move(path, away)


def tried(text: str, wanted: list[Edit]) -> str | None:
    """The new text, None where it is refused; our own bugs come through."""
    try:
        return apply_edits(text, wanted, file="values.yaml")
    except BrokenInvariant:
        raise
    except ChartliftError:
        return None


@FEW
@given(st.data(), documents())
def test_the_edited_text_says_what_the_plan_says(data: st.DataObject, text: str) -> None:
    before = read_yaml(text, file="values.yaml")
    wanted: list[Edit] = [data.draw(edits(before)) for _ in range(data.draw(st.integers(1, 4)))]
    after = tried(text, wanted)
    if after is not None:
        assert same_yaml(read_yaml(after, file="values.yaml"), apply_to_data(before, wanted))
        assert after.startswith("\ufeff") == text.startswith("\ufeff")


@FEW
@given(st.data(), documents())
def test_only_the_value_changes_and_a_second_time_changes_nothing(data: st.DataObject, text: str) -> None:
    before = read_yaml(text, file="values.yaml")
    scalars = [p for p in places(before) if not isinstance(get_in(before, p), dict | list)]
    assume(scalars)
    edit = Set(data.draw(st.sampled_from(scalars)), data.draw(VALUES.filter(lambda v: v is None or "\n" not in str(v))))
    after = tried(text, [edit])
    assume(after is not None)
    assert after is not None
    assert tried(after, [edit]) == after
    if "|" not in text and ">" not in text:
        assert after.count("\n") == text.count("\n")
        changed = [(a, b) for a, b in zip(text.split("\n"), after.split("\n"), strict=True) if a != b]
        assert len(changed) <= 1
    assert after.count("#\tbeside") == text.count("#\tbeside")


@FEW
@given(st.data(), documents())
def test_no_comment_is_lost_by_an_insert(data: st.DataObject, text: str) -> None:
    before = read_yaml(text, file="values.yaml")
    maps = [(), *(p for p in places(before) if isinstance(get_in(before, p), dict))]
    after = tried(text, [Set((*data.draw(st.sampled_from(maps)), "new"), data.draw(NESTED))])
    assume(after is not None)
    assert after is not None
    assert [c for c in after.splitlines() if c.lstrip().startswith("#")] == [
        c for c in text.splitlines() if c.lstrip().startswith("#")
    ]
    assert after.count("beside") == text.count("beside")


@FEW
@given(st.data(), documents())
def test_deleting_what_is_absent_changes_nothing(data: st.DataObject, text: str) -> None:
    path = (*data.draw(st.lists(NAMES, max_size=2)), "absent")
    try:
        assert apply_edits(text, [Delete(path, prune=data.draw(st.booleans()))], file="values.yaml") == text
    except EditRefused as refused:
        assert "&" in text, refused
