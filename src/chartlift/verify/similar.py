"""Which lost object became which new one: same kind, most alike in content and name."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from difflib import SequenceMatcher

from chartlift.records import Yaml
from chartlift.verify.objects import RenderedObject, mapping

_LEAST = 0.45
"""Below this two objects of a kind are just two objects; a wrong pair would hide a loss."""
_SAME_CONTENT = 0.8
_MOST_PAIRS = 20_000
_IGNORED = frozenset({"labels", "annotations", "namespace", "matchLabels"})
_KEYED = frozenset({"Secret", "ConfigMap"})
_WORD = re.compile(r"[a-z0-9]+")


def pair_renamed(
    lost: Sequence[RenderedObject], added: Sequence[RenderedObject]
) -> list[tuple[RenderedObject, RenderedObject]]:
    """Pairs of renamed objects, best first, each object in one pair at most."""
    old, new = [_Profile(item) for item in lost], [_Profile(item) for item in added]
    scored = [
        (_score(one, other), str(one.item.identity), str(other.item.identity), one, other)
        for one in old
        for other in new[: max(1, _MOST_PAIRS // max(1, len(old)))]
        if one.shape == other.shape and _could_be(one, other)
    ]
    used: set[int] = set()
    pairs = []
    for score, _, _, one, other in sorted(scored, key=lambda row: (-row[0], row[1], row[2])):
        if score >= _LEAST and id(one) not in used and id(other) not in used:
            used |= {id(one), id(other)}
            pairs.append((one.item, other.item))
    return pairs


def _could_be(one: _Profile, other: _Profile) -> bool:
    """Secrets and ConfigMaps are what their keys are: with none in common they are just two of a kind."""
    return not one.keys or not other.keys or bool(one.keys & other.keys)


class _Profile:
    """An object as a bag of leaves, its own name taken out of them."""

    def __init__(self, item: RenderedObject) -> None:
        self.item = item
        self.leaves: Counter[tuple[str, str]] = Counter()
        self._collect({k: v for k, v in item.data.items() if k not in {"metadata", "kind"}}, "")
        held = {**mapping(item.data.get("data")), **mapping(item.data.get("stringData"))}
        self.keys = frozenset(held) if item.kind in _KEYED else frozenset()
        self.words = set(_WORD.findall(item.name))
        # A headless Service resolves to pods, any other to one address: neither stands in for the other.
        self.shape = (item.kind, item.hooks, item.spec.get("clusterIP") == "None")

    def _collect(self, value: Yaml, key: str) -> None:
        if isinstance(value, dict):
            for name, inner in value.items():
                if name not in _IGNORED:
                    self._collect(inner, name)
        elif isinstance(value, list):
            for inner in value:
                self._collect(inner, key)
        else:
            self.leaves[key, str(value).replace(self.item.name, "")] += 1


def _score(one: _Profile, other: _Profile) -> float:
    content = _overlap(one.leaves, other.leaves)
    if content >= _SAME_CONTENT and one.leaves:
        return content
    name = SequenceMatcher(None, one.item.name, other.item.name).ratio()
    words = len(one.words & other.words) / max(1, len(one.words | other.words))
    return 0.5 * content + 0.3 * name + 0.2 * words


def _overlap(one: Counter[tuple[str, str]], other: Counter[tuple[str, str]]) -> float:
    """Dice: 0 for nothing in common, 1 for the same leaves."""
    total = one.total() + other.total()
    return 2 * (one & other).total() / total if total else 0.0
