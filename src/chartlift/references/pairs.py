"""``--set`` pairs as Helm reads them, and back.

The grammar is Helm's ``strvals`` (https://helm.sh/docs/intro/using_helm/#the-format-and-limitations-of---set):
dots make maps, ``[0]`` lists, a backslash takes the next character as it is, ``{a,b}`` is a list.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from chartlift.errors import EditRefused
from chartlift.records import Yaml, YamlPath
from chartlift.references.records import Pair, PairChanges, Values
from chartlift.references.sources import TEMPLATE_WORD
from chartlift.yamltext.edit import same_yaml
from chartlift.yamltext.paths import get_in, leaves

_STEP = re.compile(r"((?:[^.\[\]\\=]|\\.)+)|\[(\d+)\]|\.")
_INTEGER = re.compile(r"-?(?:0|[1-9][0-9]{0,17})")
_MOST_INDEX = 1000
_MISSING = object()


def parse_name(name: str) -> YamlPath:
    """``a.b[0].c\\.d`` -> ``("a", "b", 0, "c.d")``; an empty path for what is no name."""
    path: list[str | int] = []
    position = 0
    while position < len(name):
        match = _STEP.match(name, position)
        if match is None or (match[2] and int(match[2]) > _MOST_INDEX):
            return ()
        if match[1]:
            path.append(re.sub(r"\\(.)", r"\1", match[1]))
        elif match[2]:
            path.append(int(match[2]))
        position = match.end()
    return tuple(path)


def parse_value(text: str, *, string: bool = False) -> Yaml:
    """The value as Helm types it: words for true, false and null, integers, lists in braces, else text."""
    if text.startswith("{") and text.endswith("}"):
        inner = text[1:-1]
        return [parse_value(item.strip(), string=string) for item in _split(inner)] if inner else []
    plain = re.sub(r"\\(.)", r"\1", text)
    if string:
        return plain
    if plain in ("true", "false"):
        return plain == "true"
    if plain == "null":
        return None
    return int(plain) if _INTEGER.fullmatch(plain) else plain


def _split(text: str) -> list[str]:
    return re.split(r"(?<!\\),", text)


def split_pairs(text: str) -> list[tuple[str, str]]:
    """``a=1,b={x,y}`` as pairs; what has no ``=`` is left out."""
    parts = re.split(r"(?<!\\),(?![^{}]*\})", text)
    return [(name, value) for name, sign, value in (part.partition("=") for part in parts) if sign]


def data_of(pairs: Sequence[Pair]) -> dict[str, Yaml]:
    """All pairs as one map, later over earlier."""
    data: Yaml = {}
    for pair in pairs:
        path = parse_name(pair.name)
        if path:
            data = _put(data, path, parse_value(pair.value, string=pair.string))
    return data if isinstance(data, dict) else {}


def _put(data: Yaml, path: YamlPath, value: Yaml) -> Yaml:
    """Set a value; a list grows with nulls up to the index, as Helm lets it."""
    head, rest = path[0], path[1:]
    if isinstance(head, int):
        items = list(data) if isinstance(data, list) else []
        items += [None] * (head + 1 - len(items))
        items[head] = _put(items[head], rest, value) if rest else value
        return items
    table = dict(data) if isinstance(data, dict) else {}
    table[head] = _put(table.get(head), rest, value) if rest else value
    return table


def write_name(path: YamlPath) -> str:
    """The path as ``--set`` spells it."""
    text = ""
    for step in path:
        if isinstance(step, int):
            text += f"[{step}]"
        else:
            text += ("." if text else "") + re.sub(r"([.\[\]\\,={}])", r"\\\1", step)
    return text


def write_pairs(path: YamlPath, value: Yaml) -> list[Pair]:
    """The pairs that set ``value``. Errors (``EditRefused``): an empty map, which no pair can say."""
    if isinstance(value, dict):
        if not value:
            raise EditRefused(f"{write_name(path)} is an empty map, which --set cannot say")
        return [pair for key, item in value.items() for pair in write_pairs((*path, key), item)]
    if isinstance(value, list):
        text = "{" + ",".join(map(str, value)) + "}"
        if same_yaml(parse_value(text), value):
            return [Pair(write_name(path), text, 0)]
        return [pair for index, item in enumerate(value) for pair in write_pairs((*path, index), item)]
    return [_scalar(path, value)]


def _scalar(path: YamlPath, value: Yaml) -> Pair:
    if value is None or isinstance(value, bool):
        return Pair(write_name(path), {None: "null", True: "true", False: "false"}[value], 0)
    if isinstance(value, str):
        text = re.sub(r"([\\,]|^\{)", r"\\\1", value)  # a brace at the start would begin a list
        return Pair(write_name(path), text, 0, string=not isinstance(parse_value(text), str))
    return Pair(write_name(path), str(value), 0)


def compare_pairs(pairs: Sequence[Pair], after: Yaml, moved: Mapping[YamlPath, YamlPath | None]) -> PairChanges:
    """What to change in a list of pairs so that it says ``after``.

    ``moved``: where each leaf (a list counts as one) went, None where it is gone; a pair is rewritten where it
    stands if it is the only one of its leaf.
    """
    wanted = dict(leaves(after)) if isinstance(after, dict) else {}
    own: dict[YamlPath, list[Pair]] = {}
    for pair in pairs:
        own.setdefault(_leaf(parse_name(pair.name)), []).append(pair)
    changed: dict[int, Pair] = {}
    removed: list[int] = []
    for leaf, group in own.items():
        target = moved.get(leaf, leaf)
        value = wanted.pop(target, _MISSING) if target is not None else _MISSING
        before = get_in(data_of(group), leaf, _MISSING)
        if target == leaf and value is not _MISSING and same_yaml(before, value):
            continue
        written = [] if value is _MISSING else write_pairs(target or (), value)  # type: ignore[arg-type]
        if len(written) == len(group):
            changed |= {old.index: new for old, new in zip(group, written, strict=True)}
        else:
            removed += [pair.index for pair in group]
            wanted |= {} if value is _MISSING else {target or (): value}  # type: ignore[dict-item]
    added = [pair for path, value in wanted.items() if path for pair in write_pairs(path, value)]
    return PairChanges(changed, tuple(removed), tuple(added))


def _leaf(path: YamlPath) -> YamlPath:
    for index, step in enumerate(path):
        if isinstance(step, int):
            return path[:index]
    return path


def check_kept(values: Values, changes: PairChanges) -> None:
    """A value that only another tool knows can change its name, and nothing else. Errors: ``EditRefused``."""
    new = [pair for index, pair in changes.changed.items() if pair.value != values.pairs[index].value]
    for pair in (*new, *changes.added):
        if TEMPLATE_WORD in pair.value:
            raise EditRefused(
                f"{pair.name} would be worked out from an expression", file=values.file, line=values.line,
                help="Set it by hand.",
            )  # fmt: skip
