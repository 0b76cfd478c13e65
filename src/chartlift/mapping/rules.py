"""Which rules speak of a value: the most specific ones that hold for a version of the source chart.

Longer paths are more specific than shorter ones, and of equally long ones those with fewer ``*``.
"""

from __future__ import annotations

from collections.abc import Mapping as MappingABC
from dataclasses import dataclass, field
from functools import lru_cache

from chartlift.chart.versions import in_range
from chartlift.mapping.model import Mapping, Rule
from chartlift.mapping.surfaces import Surface
from chartlift.records import Yaml, YamlPath, format_path
from chartlift.redact import is_secret
from chartlift.yamltext.paths import leaves, parse_path

Found = tuple[YamlPath, Rule]


@dataclass(slots=True)
class RuleBook:
    """The rules of a mapping that hold for one version, by their source paths."""

    literal: dict[YamlPath, list[Found]] = field(default_factory=dict)
    starred: dict[int, list[Found]] = field(default_factory=dict)
    """Those with a ``*``, by length."""
    _known: dict[YamlPath, list[Found]] = field(default_factory=dict)

    def rules_for(self, path: YamlPath) -> list[Found]:
        """The most specific rules for a path, each with its source that matched."""
        found = self._known.get(path)
        if found is None:
            found = self._known[path] = self._search(path)
        return found

    def _search(self, path: YamlPath) -> list[Found]:
        for end in range(len(path), 0, -1):
            if found := self.literal.get(path[:end]):
                return found
            fitting = [entry for entry in self.starred.get(end, ()) if matches(entry[0], path)]
            if fitting:
                fewest = min(entry[0].count("*") for entry in fitting)
                return [entry for entry in fitting if entry[0].count("*") == fewest]
        return []


def rule_book(mapping: Mapping, version: str) -> RuleBook:
    """The book of a mapping for a version; made once."""
    book = mapping.books.get(version)
    if book is None:
        book = mapping.books[version] = _fill(mapping, version)
    return book


def _fill(mapping: Mapping, version: str) -> RuleBook:
    book = RuleBook()
    for rule in mapping.rules:
        if rule.versions is not None and not in_range(version, rule.versions):
            continue
        for source in rule.sources:
            if "*" in source:
                book.starred.setdefault(len(source), []).append((source, rule))
            else:
                book.literal.setdefault(source, []).append((source, rule))
    return book


def matches(source: YamlPath, path: YamlPath) -> bool:
    """Is ``path`` the source or below it? ``*`` stands for one key."""
    if len(source) > len(path):
        return False
    return all(wanted in ("*", step) for wanted, step in zip(source, path, strict=False))


def is_same(mapping: Mapping, surface: Surface, path: YamlPath) -> bool:
    """Does a value stay in place without a rule, since the target takes it as the source does?"""
    target = mapping.target
    if target is None or not target.same_values:
        return False
    return surface.has(path) or any(matches(whole, path) for whole in target.open)


@dataclass(frozen=True, slots=True)
class OwnLeaves:
    """The leaves that one values file sets."""

    paths: frozenset[YamlPath]
    inner: frozenset[YamlPath]

    @classmethod
    def of(cls, values: MappingABC[str, Yaml]) -> OwnLeaves:
        paths = frozenset(path for path, _ in leaves(dict(values)))
        return cls(paths, frozenset(path[:end] for path in paths for end in range(1, len(path))))

    def touch(self, source: YamlPath) -> bool:
        """Is the source among them, or something below or above it?"""
        if "*" in source:
            return any(matches(source, path) for path in self.paths)
        return source in self.inner or any(source[:end] in self.paths for end in range(1, len(source) + 1))


def keys_of(source: YamlPath, path: YamlPath) -> tuple[str | int, ...]:
    """The keys that the ``*`` of a source stand for in a path that it matches."""
    return tuple(step for wanted, step in zip(source, path, strict=False) if wanted == "*")


def bind(path: YamlPath, keys: tuple[str | int, ...]) -> YamlPath:
    """A path with its ``*`` replaced by keys, in their order; those left over stay."""
    left = iter(keys)
    return tuple(next(left, step) if step == "*" else step for step in path)


def firing_keys(rule: Rule, source: YamlPath, path: YamlPath) -> tuple[str | int, ...]:
    """The keys behind ``*``, where the rule's targets name them; else it fires once for all."""
    return keys_of(source, path) if any("*" in parse_path(target) for target in rule.targets) else ()


def plain_target(rule: Rule, source: YamlPath, path: YamlPath) -> YamlPath:
    """Where a one-to-one rule puts a leaf at or below its source."""
    if rule.action != "to":
        return path
    return bind(parse_path(next(iter(rule.targets))), keys_of(source, path)) + path[len(source) :]


def is_secret_rule(rule: Rule) -> bool:
    """The rule says so, or one of its sources speaks of a password, token, key or certificate."""
    return rule.secret or _speak_of_secrets(rule.sources)


@lru_cache(maxsize=4096)
def _speak_of_secrets(sources: tuple[YamlPath, ...]) -> bool:
    return any(is_secret(format_path(source)) for source in sources)
