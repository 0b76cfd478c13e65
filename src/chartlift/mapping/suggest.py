"""Draft a mapping from two charts: what is equal, what is near, and what a person has to look at.

Equal paths of one type are kept. Elsewhere the words of a path (``extraEnvVars`` are three), the words of
its description and its default are compared; a near one is only ever a suggestion with its score.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from chartlift.mapping.surfaces import Surface
from chartlift.records import Yaml, YamlPath, format_path
from chartlift.yamltext.edit import same_yaml

Kind = Literal["keep", "near", "unmapped"]
_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|[0-9]+")
_SAME = {
    "replicacount": "replicas", "replica": "replicas", "count": "", "envvars": "env", "vars": "", "variables": "env",
    "extra": "", "additional": "", "custom": "", "existing": "", "labels": "label", "annotations": "annotation",
    "secrets": "secret", "volumes": "volume", "mounts": "mount", "ports": "port", "hosts": "host", "hostname": "host",
    "args": "arg", "arguments": "arg", "requests": "request", "limits": "limit", "containers": "container",
    "persistent": "persistence", "pvc": "persistence", "storage": "persistence", "tolerations": "toleration",
}  # fmt: skip
"""Words that charts use for each other; what maps to nothing says little."""
_NEAR = 0.55
_COMMENT = re.compile(r"^\s*##?\s*@param\s+(?P<param>\S+)\s+(?:\[[^\]]*\]\s*)?(?P<said>.+)$", re.MULTILINE)
_DOCS = re.compile(r"^(?P<indent> *)#+ -- (?P<said>.*)\n(?:\s*#.*\n)*(?P=indent)(?P<key>[\w-]+):", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Suggestion:
    """What might become of one source value."""

    source: YamlPath
    kind: Kind
    target: YamlPath | None = None
    score: float = 0.0


_NOBODY = Suggestion((), "unmapped")


def suggest(
    source: Surface, target: Surface, said: Mapping[str, str] = {}, said_there: Mapping[str, str] = {}
) -> list[Suggestion]:
    """A suggestion for every source value, in the order of the surface. ``said``: path -> description."""
    theirs = {path: _words(path, said_there) for path in target.defaults}
    found = []
    for path, default in source.defaults.items():
        if path in target.defaults and _kind(default) == _kind(target.defaults[path]):
            found.append(Suggestion(path, "keep", path, 1.0))
            continue
        best, score = _nearest(path, default, _words(path, said), target, theirs)
        found.append(Suggestion(path, "near", best, score) if score >= _NEAR else Suggestion(path, "unmapped"))
    return _one_each(found)


def _one_each(found: list[Suggestion]) -> list[Suggestion]:
    """Each target once, for the nearest: two rules that write one place would fight."""
    best: dict[YamlPath | None, Suggestion] = {}
    for one in found:
        if one.target is not None and one.score > best.get(one.target, _NOBODY).score:
            best[one.target] = one
    return [
        one if one.target is None or best[one.target] is one else Suggestion(one.source, "unmapped") for one in found
    ]


def _nearest(
    path: YamlPath,
    default: Yaml,
    words: tuple[frozenset[str], frozenset[str]],
    target: Surface,
    theirs: Mapping[YamlPath, tuple[frozenset[str], frozenset[str]]],
) -> tuple[YamlPath | None, float]:
    best: tuple[float, str, YamlPath | None] = (0.0, "", None)
    for other, (names, description) in theirs.items():
        score = 0.7 * _likeness(words[0], names) + 0.2 * _likeness(words[1], description)
        if score <= 0.2:
            continue
        there = target.defaults[other]
        score += 0.1 if same_yaml(default, there) else 0.0 if _kind(default) == _kind(there) else -0.2
        best = max(best, (score, format_path(other), other))
    return best[2], round(best[0], 2)


def _likeness(left: frozenset[str], right: frozenset[str]) -> float:
    """Shared words by all words; nothing where one side has none."""
    return len(left & right) / len(left | right) if left and right else 0.0


def _words(path: YamlPath, said: Mapping[str, str]) -> tuple[frozenset[str], frozenset[str]]:
    names = _tokens(" ".join(map(str, path)))
    return names, _tokens(said.get(format_path(path), "")) or names


def _tokens(text: str) -> frozenset[str]:
    words = (word.lower() for word in _WORD.findall(text))
    return frozenset(shown for word in words if (shown := _SAME.get(word, word)))


def _kind(value: Yaml) -> str:
    if isinstance(value, bool):
        return "bool"
    return {int: "number", float: "number", str: "text", list: "list", dict: "map"}.get(type(value), "none")


def descriptions(values: str) -> dict[str, str]:
    """Path -> what the comments of a values file say of it: ``@param`` of Bitnami's, ``# --`` of helm-docs.

    A comment of helm-docs names no path; the key below it stands for itself.
    """
    found = {match["param"]: match["said"] for match in _COMMENT.finditer(values)}
    for match in _DOCS.finditer(values):
        found.setdefault(match["key"], match["said"])
    return found


def draft_lines(suggestions: list[Suggestion]) -> Iterator[str]:
    """The ``values`` of a mapping file; near ones are marked for review, the rest is named in comments."""
    yield "values:"
    for path in sorted(format_path(one.source) for one in suggestions if one.kind == "keep"):
        yield f"  - keep: {path}"
    near = [one for one in suggestions if one.kind == "near" and one.target is not None]
    if near:
        yield "  # --- Near, to be reviewed: the score is of names, descriptions and defaults ---"
    for one in near:
        yield f"  - {{from: {_quoted(one.source)}, to: {_quoted(one.target or ())}}} # review: {one.score}"
    rest = [one for one in suggestions if one.kind == "unmapped"]
    if rest:
        yield "  # --- Unmapped: give each a rule (to, drop or manual) ---"
    for one in rest:
        yield f"  # - {{from: {_quoted(one.source)}, to: }}"


def _quoted(path: YamlPath) -> str:
    text = format_path(path)
    return f"'{text}'" if '"' in text else text
