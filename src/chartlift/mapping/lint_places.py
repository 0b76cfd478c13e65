"""Lint the paths of a mapping: those of the source exist in a tested version, those of the target in the target."""

from __future__ import annotations

from collections.abc import Iterator

from chartlift.chart.versions import in_range
from chartlift.mapping.lint_expressions import Problem, Surfaces, any_has
from chartlift.mapping.model import Mapping
from chartlift.mapping.rules import matches
from chartlift.mapping.surfaces import target_surface
from chartlift.records import YamlPath, format_path
from chartlift.yamltext.paths import leaves, parse_path

Spoken = tuple[str, YamlPath, str | None]
"""Where a path stands in the mapping file, the path, and the source versions it is for."""


def source_problems(mapping: Mapping, surfaces: Surfaces) -> Iterator[Problem]:
    """Rule ``unknown-source``: a path that no tested version has."""
    if not surfaces:
        return
    for where, path, versions in _sources(mapping):
        known = any_has([surface for version, surface in surfaces if versions is None or in_range(version, versions)])
        if path[0] != "global" and not known(fixed(path)):
            among = f"no tested version of {versions}" if versions else "no tested version"
            yield "unknown-source", where, f"{among} has {format_path(path)}"


def _sources(mapping: Mapping) -> Iterator[Spoken]:
    for rule in mapping.rules:
        for source in rule.sources:
            yield rule.where, source, rule.versions
    for index, pin in enumerate(mapping.pins):
        yield f"$.pins[{index}]", pin, None
    for index, text in enumerate(mapping.source.fingerprint):
        yield f"$.source.fingerprint[{index}]", parse_path(text), None
    for condition in mapping.findings:
        if condition.at:
            yield f"{condition.where}.at", parse_path(condition.at), condition.versions
    for index, bundled in enumerate(mapping.bundled):
        yield f"$.bundled[{index}].condition", parse_path(bundled.condition), None
        yield f"$.bundled[{index}].values", parse_path(bundled.values), None
    for index, slot in enumerate(mapping.images.slots if mapping.images else ()):
        yield f"$.images.slots[{index}].path", parse_path(slot.path), slot.versions
    for addition in mapping.images.set if mapping.images else ():
        yield f"{addition.where}.to", parse_path(addition.to), None


def target_problems(mapping: Mapping) -> Iterator[Problem]:
    """Rule ``unknown-target``: the target chart has no such value."""
    target = target_surface(mapping)
    opened = mapping.target.open if mapping.target is not None else ()
    for where, path in _targets(mapping):
        if not target.has(fixed(path)) and not any(matches(whole, path) for whole in opened):
            yield "unknown-target", where, f"the target has no value {format_path(path)}"


def _targets(mapping: Mapping) -> Iterator[tuple[str, YamlPath]]:
    for rule in mapping.rules:
        paths = list(map(parse_path, rule.targets)) if rule.action == "to" else []
        paths += list(rule.sources) if rule.action == "keep" else []
        for path in [] if rule.custom else paths:
            yield rule.where, path
    for addition in (*mapping.additions, *(a for b in mapping.bundled for a in b.wiring)):
        yield addition.where, parse_path(addition.to)
    for index, slot in enumerate(mapping.images.slots if mapping.images else ()):
        if slot.to:
            yield f"$.images.slots[{index}]", parse_path(slot.to)
    if mapping.target is not None:
        for path, _ in leaves(dict(mapping.target.release_values)):
            yield "$.target.naming.release", path
        if mapping.target.pull_secrets is not None:
            yield "$.target.pull_secrets.path", parse_path(mapping.target.pull_secrets.path)


def fixed(path: YamlPath) -> YamlPath:
    """A path up to its first ``*``."""
    return path[: path.index("*")] if "*" in path else path
