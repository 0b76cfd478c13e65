"""Lint a mapping against the values surfaces of the versions it was made for.

Checked: every source value of every tested version has a fate; rules speak of values that exist; target
paths exist in the target's values or schema; no two rules write the same place; expressions compile;
every image of the source has a slot; pins exist.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from chartlift.chart.versions import in_range
from chartlift.errors import ChartliftError
from chartlift.mapping.chain import matches
from chartlift.mapping.expressions import compile_check
from chartlift.mapping.model import Mapping, Rule
from chartlift.mapping.surfaces import Surface, exact_surface, target_surface
from chartlift.records import Finding, Place, YamlPath, format_path
from chartlift.yamltext.paths import get_in, parse_path


def lint_mapping(mapping: Mapping) -> list[Finding]:
    """Everything that is wrong with one mapping, with file, line and path."""
    lines = _Lines(mapping)
    findings = list(_expressions(mapping, lines))
    surfaces = []
    for version in mapping.source.tested:
        try:
            surfaces.append((version, exact_surface(mapping, version)))
        except ChartliftError as error:
            findings.append(lines.finding("no-surface", "$.source.tested", error.message))
    findings += _sources(mapping, surfaces, lines)
    if mapping.target is not None:
        findings += _covered(mapping, surfaces, lines)
        findings += _targets(mapping, lines)
        findings += _fights(mapping, surfaces, lines)
    findings += _slots(mapping, surfaces, lines)
    return findings


class _Lines:
    """Turns ``$.values[3]`` into a line of the mapping file."""

    def __init__(self, mapping: Mapping) -> None:
        from pathlib import Path

        from chartlift.yamltext.document import Document

        self.mapping = mapping
        self.document = Document.parse(Path(mapping.file).read_text("utf-8"), file=mapping.file)

    def finding(self, rule: str, where: str, message: str) -> Finding:
        path = parse_path(where.removeprefix("$").removeprefix("."))
        line = None
        while path and line is None:
            line, path = self.document.line_of(path), path[:-1]
        return Finding(rule, "error", message, Place(self.mapping.file, line, where))


def _expressions(mapping: Mapping, lines: _Lines) -> Iterator[Finding]:
    for where, source in _all_expressions(mapping):
        try:
            compile_check(source, file=mapping.file, where=where)
        except ChartliftError as error:
            yield lines.finding("expression", where.split(".to.")[0], error.message)


def _all_expressions(mapping: Mapping) -> Iterator[tuple[str, str]]:
    for rule in mapping.rules:
        if rule.when:
            yield f"{rule.where}.when", rule.when
        for target, expression in rule.targets.items():
            if expression:
                yield f"{rule.where}.to.{target}", expression
    sets = mapping.images.set if mapping.images else ()
    for addition in (*mapping.additions, *sets, *(a for b in mapping.bundled for a in b.wiring)):
        for name, expression in (("when", addition.when), ("expr", addition.expression)):
            if expression:
                yield f"{addition.where}.{name}", expression
    for condition in mapping.findings:
        if condition.when:
            yield f"{condition.where}.when", condition.when


def _applies(rule: Rule, version: str) -> bool:
    return rule.versions is None or in_range(version, rule.versions)


def _covered(mapping: Mapping, surfaces: Sequence[tuple[str, Surface]], lines: _Lines) -> Iterator[Finding]:
    """Rule ``value-without-fate``: a source value that no rule speaks of."""
    assert mapping.target is not None  # noqa: S101 - checked by the caller
    target = target_surface(mapping)
    hoisted = [parse_path(bundled.values) for bundled in mapping.bundled]
    missing: dict[YamlPath, list[str]] = {}
    for version, surface in surfaces:
        rules = [source for rule in mapping.rules if _applies(rule, version) for source in rule.sources]
        for path in surface.defaults:
            if any(matches(source, path) for source in (*rules, *hoisted)):
                continue
            if mapping.target.same_values and target.has(path):
                continue
            missing.setdefault(path, []).append(version)
    for path, versions in missing.items():
        message = f"{format_path(path)} of {', '.join(versions)} has no fate"
        yield lines.finding("value-without-fate", "$.values", message)


def _sources(mapping: Mapping, surfaces: Sequence[tuple[str, Surface]], lines: _Lines) -> Iterator[Finding]:
    """Rule ``unknown-source``: a rule or pin about a value that no tested version has."""
    if not surfaces:
        return
    for rule in mapping.rules:
        known = [surface for version, surface in surfaces if _applies(rule, version)]
        for source in rule.sources:
            plain = source[: source.index("*")] if "*" in source else source
            if source[0] != "global" and not any(surface.has(plain) for surface in known):
                yield lines.finding("unknown-source", rule.where, f"no tested version has {format_path(source)}")
    for index, pin in enumerate(mapping.pins):
        if not any(surface.has(pin) for _, surface in surfaces):
            yield lines.finding("unknown-source", f"$.pins[{index}]", f"no tested version has {format_path(pin)}")


def _targets(mapping: Mapping, lines: _Lines) -> Iterator[Finding]:
    """Rule ``unknown-target``: the target chart has no such value."""
    assert mapping.target is not None  # noqa: S101 - checked by the caller
    target = target_surface(mapping)
    opened = mapping.target.open

    def known(path: YamlPath) -> bool:
        return target.has(path) or any(matches(whole, path) for whole in opened)

    for rule in mapping.rules:
        paths = list(map(parse_path, rule.targets)) if rule.action == "to" else []
        paths += list(rule.sources) if rule.action == "keep" else []
        for path in [] if rule.custom else paths:
            if not known(path):
                yield lines.finding("unknown-target", rule.where, f"the target has no value {format_path(path)}")
    for addition in (*mapping.additions, *(a for b in mapping.bundled for a in b.wiring)):
        if not known(parse_path(addition.to)):
            yield lines.finding("unknown-target", addition.where, f"the target has no value {addition.to}")
    for index, slot in enumerate(mapping.images.slots if mapping.images else ()):
        if slot.to and not known(parse_path(slot.to)):
            yield lines.finding("unknown-target", f"$.images.slots[{index}]", f"the target has no value {slot.to}")


def _fights(mapping: Mapping, surfaces: Sequence[tuple[str, Surface]], lines: _Lines) -> Iterator[Finding]:
    """Rule ``rules-fight``: two unconditional one-to-one rules that hold for one version write one place."""
    told: set[tuple[str, str]] = set()
    for version, _ in surfaces:
        seen: dict[YamlPath, Rule] = {}
        for rule in mapping.rules:
            if not _applies(rule, version) or rule.append or not rule.plain or rule.when:
                continue
            for path in map(parse_path, rule.targets) if rule.action == "to" else rule.sources:
                other = seen.setdefault(path, rule)
                if other is not rule and (other.where, rule.where) not in told:
                    told.add((other.where, rule.where))
                    message = f"{format_path(path)} is also written by {other.where}"
                    yield lines.finding("rules-fight", rule.where, message)


def _slots(mapping: Mapping, surfaces: Sequence[tuple[str, Surface]], lines: _Lines) -> Iterator[Finding]:
    """Rule ``image-without-slot``: a map with repository and tag that ``images.slots`` does not name."""
    if mapping.images is None:
        return
    slots = {parse_path(slot.path) for slot in mapping.images.slots}
    hoisted = [parse_path(bundled.values) for bundled in mapping.bundled]
    missing: dict[YamlPath, str] = {}
    for version, surface in surfaces:
        for path in surface.defaults:
            holder = path[:-1]
            if path[-1] != "repository" or holder in slots or any(matches(h, path) for h in hoisted):
                continue
            if get_in(surface.data, (*holder, "tag"), None) is not None:
                missing.setdefault(holder, version)
    for holder, version in missing.items():
        yield lines.finding("image-without-slot", "$.images.slots", f"{format_path(holder)} of {version} has no slot")
