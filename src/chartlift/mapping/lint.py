"""Lint a mapping against the values surfaces of the versions it was made for.

Checked: every source value of every tested version has a fate; rules speak of values that exist; target
paths exist in the target's values or schema; no two rules write the same place; expressions compile, name
values that exist and can take every default; every image of the source has a slot; pins do something.
"""

from __future__ import annotations

from collections.abc import Iterator

from chartlift.chart.versions import in_range, is_range
from chartlift.errors import BrokenInvariant, ChartliftError
from chartlift.mapping.lint_expressions import Problem, Surfaces, dry_run_problems, expression_problems
from chartlift.mapping.lint_places import fixed, source_problems, target_problems
from chartlift.mapping.model import Mapping, Rule
from chartlift.mapping.rules import is_same, matches, rule_book
from chartlift.mapping.surfaces import exact_surface, target_surface
from chartlift.records import Finding, Place, YamlPath, format_path
from chartlift.yamltext.paths import get_in, parse_path

RULES = frozenset(
    [
        "bad-range",
        "defaults-fail",
        "expression",
        "idle-pin",
        "image-without-slot",
        "no-surface",
        "rules-fight",
        "tested-outside",
        "unknown-name",
        "unknown-source",
        "unknown-target",
        "value-without-fate",
    ]
)
"""What the lint tells authors; none of them is a rule of a report."""


def lint_mapping(mapping: Mapping) -> list[Finding]:
    """Everything that is wrong with one mapping, with file, line and path."""
    lines = _Lines(mapping)
    problems = list(dict.fromkeys(_problems(mapping)))
    return [lines.finding(rule, where, message) for rule, where, message in problems]


def _problems(mapping: Mapping) -> Iterator[Problem]:
    yield from _ranges(mapping)
    surfaces = []
    for version in mapping.source.tested:
        try:
            surfaces.append((version, exact_surface(mapping, version)))
        except ChartliftError as error:
            yield "no-surface", "$.source.tested", error.message
    broken = list(expression_problems(mapping, surfaces))
    yield from broken
    yield from source_problems(mapping, surfaces)
    yield from _slots(mapping, surfaces)
    if mapping.target is None:
        return
    try:
        target_surface(mapping)
    except ChartliftError as error:
        yield "no-surface", "$.target.surface", error.message
        return
    yield from _covered(mapping, surfaces)
    yield from target_problems(mapping)
    yield from _fights(mapping)
    yield from _idle_pins(mapping, surfaces)
    if not any(rule == "expression" for rule, _, _ in broken):
        yield from dry_run_problems(mapping, surfaces)


class _Lines:
    """Turns ``$.values[3]`` into a line of the mapping file."""

    def __init__(self, mapping: Mapping) -> None:
        from pathlib import Path

        from chartlift.yamltext.document import Document

        self.mapping = mapping
        self.document = Document.parse(Path(mapping.file).read_text("utf-8"), file=mapping.file)

    def finding(self, rule: str, where: str, message: str) -> Finding:
        if rule not in RULES:
            raise BrokenInvariant(f"the lint has no rule {rule}")
        path = parse_path(where.removeprefix("$").removeprefix("."))
        line = None
        while path and line is None:
            line, path = self.document.line_of(path), path[:-1]
        return Finding(rule, "error", message, Place(self.mapping.file, line, where))


def _ranges(mapping: Mapping) -> Iterator[Problem]:
    """Rules ``bad-range`` and ``tested-outside``: version ranges that can be read, and hold for what was tested."""
    written = [("$.source.versions", mapping.source.versions)]
    written += [(f"{rule.where}.versions", rule.versions) for rule in mapping.rules if rule.versions]
    written += [(f"{c.where}.versions", c.versions) for c in mapping.findings if c.versions]
    slots = mapping.images.slots if mapping.images else ()
    written += [(f"$.images.slots[{i}].versions", slot.versions) for i, slot in enumerate(slots) if slot.versions]
    for index, bundled in enumerate(mapping.bundled):
        written += [(f"$.bundled[{index}].versions", version) for version in bundled.versions.values()]
    for where, text in written:
        if not is_range(text):
            yield "bad-range", where, f"{text!r} is no version range"
    for index, version in enumerate(mapping.source.tested):
        if is_range(mapping.source.versions) and not in_range(version, mapping.source.versions):
            yield "tested-outside", f"$.source.tested[{index}]", f"{version} is outside {mapping.source.versions}"


def _covered(mapping: Mapping, surfaces: Surfaces) -> Iterator[Problem]:
    """Rule ``value-without-fate``: a source value that no rule speaks of."""
    assert mapping.target is not None  # noqa: S101 - checked by the caller
    target = target_surface(mapping)
    hoisted = [parse_path(bundled.values) for bundled in mapping.bundled]
    missing: dict[YamlPath, list[str]] = {}
    for version, surface in surfaces:
        book = rule_book(mapping, version)
        for path in surface.defaults:
            if book.rules_for(path) or any(matches(source, path) for source in hoisted):
                continue
            if is_same(mapping, target, path):
                continue
            missing.setdefault(path, []).append(version)
    for path, versions in missing.items():
        yield "value-without-fate", "$.values", f"{format_path(path)} of {', '.join(versions)} has no fate"


def _fights(mapping: Mapping) -> Iterator[Problem]:
    """Rule ``rules-fight``: two unconditional rules that hold for one version write one place."""
    for version in mapping.source.tested:
        seen: dict[YamlPath, Rule] = {}
        for rule in mapping.rules:
            if not _always_writes(rule) or (rule.versions is not None and not in_range(version, rule.versions)):
                continue
            for path in map(parse_path, rule.targets) if rule.action == "to" else rule.sources:
                other = seen.setdefault(path, rule)
                if other is not rule:
                    yield "rules-fight", rule.where, f"{format_path(path)} is also written by {other.where}"


def _always_writes(rule: Rule) -> bool:
    """It has no condition, shares with nobody, and none of its expressions can come to nothing."""
    sometimes = any(expression is not None and "omit" in expression for expression in rule.targets.values())
    return rule.action in ("keep", "to") and not rule.when and not rule.append and not sometimes


def _idle_pins(mapping: Mapping, surfaces: Surfaces) -> Iterator[Problem]:
    """Rule ``idle-pin``: no rule carries what a pin would write, in any tested version."""
    assert mapping.target is not None  # noqa: S101 - checked by the caller
    for index, pin in enumerate(mapping.pins):
        paths = {(v, path) for v, surface in surfaces for path in surface.defaults if matches(pin, path)}
        rules = [rule for version, path in paths for _, rule in rule_book(mapping, version).rules_for(path)]
        same = mapping.target.same_values and not rules
        if paths and not same and not any(rule.action in ("keep", "to") for rule in rules):
            yield "idle-pin", f"$.pins[{index}]", f"no rule carries {format_path(pin)}, so pinning it does nothing"


def _slots(mapping: Mapping, surfaces: Surfaces) -> Iterator[Problem]:
    """Rule ``image-without-slot``: a map with repository and tag that ``images.slots`` does not name."""
    if mapping.images is None:
        return
    slots = [(fixed(parse_path(slot.path)), slot.versions) for slot in mapping.images.slots]
    hoisted = [parse_path(bundled.values) for bundled in mapping.bundled]
    missing: dict[YamlPath, str] = {}
    for version, surface in surfaces:
        named = {path for path, versions in slots if versions is None or in_range(version, versions)}
        for path in surface.defaults:
            holder = path[:-1]
            if path[-1] != "repository" or holder in named or any(matches(h, path) for h in hoisted):
                continue
            if get_in(surface.data, (*holder, "tag"), None) is not None:
                missing.setdefault(holder, version)
    for holder, version in missing.items():
        yield "image-without-slot", "$.images.slots", f"{format_path(holder)} of {version} has no slot"
