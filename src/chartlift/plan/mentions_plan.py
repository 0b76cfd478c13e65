"""What the parent's own templates and values say of the things that were changed under it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from chartlift.chart.load import Chart
from chartlift.plan.files import FilePlan, Splice
from chartlift.plan.layers import Layer
from chartlift.plan.mentions import Mention, NameChange, PathChange, find_names, find_value_paths
from chartlift.records import Finding, Place, YamlPath, format_path
from chartlift.yamltext.load import decode
from chartlift.yamltext.paths import parse_path

Owned = tuple[str, Finding]


@dataclass(frozen=True, slots=True)
class Changes:
    """Everything of one chart that other text may speak of, by the dependency it belongs to."""

    paths: tuple[tuple[str, PathChange], ...]
    names: tuple[tuple[str, NameChange], ...]


def path_changes(layers: Sequence[Layer], held: Collection[YamlPath]) -> Iterator[tuple[str, PathChange]]:
    """What the ledger says of paths: moved ones can be read elsewhere, others only be reported."""
    seen: set[tuple[str, str]] = set()
    for layer in layers:
        for owner, record in layer.records.values():
            if record.fate in ("kept", "unmapped") or not record.source or (owner, record.source) in seen:
                continue
            if record.source == record.target or parse_path(record.source) in held:
                continue
            seen.add((owner, record.source))
            target = parse_path(record.target) if record.fate == "moved" and record.target else None
            yield owner, PathChange(_keys(parse_path(record.source)), _keys(target) if target else None, record.reason)


def _keys(path: Sequence[str | int]) -> tuple[str, ...]:
    return tuple(str(part) for part in path)


def plan_templates(chart: Chart, changes: Changes, release: str | None) -> tuple[list[FilePlan], list[Owned]]:
    """Search every template of the chart's own; rewrite what is certain, report the rest."""
    plans, findings = [], []
    for template in chart.templates:
        text = decode(template.data, file=chart.tree.place(template.path))
        splices = []
        for owner, mention in _mentions(text, changes, release):
            findings.append((owner, _template_finding(template.path, mention)))
            if mention.splice is not None and mention.splice not in splices:
                splices.append(mention.splice)
        if splices:
            plans.append(FilePlan(template.path, splices=tuple(_apart(splices))))
    return plans, findings


def _apart(splices: Sequence[Splice]) -> Iterator[Splice]:
    """Of two that overlap only the first: a longer name was looked for before a shorter one."""
    taken: list[Splice] = []
    for splice in splices:
        if all(splice.end <= other.start or splice.start >= other.end for other in taken):
            taken.append(splice)
            yield splice


def _mentions(text: str, changes: Changes, release: str | None) -> Iterator[tuple[str, Mention]]:
    for owner, path in changes.paths:
        for mention in find_value_paths(text, [path]):
            yield owner, mention
    for owner, name in sorted(changes.names, key=lambda entry: -len(entry[1].suffix)):
        for mention in find_names(text, [name], release):
            yield owner, mention


def _template_finding(file: str, mention: Mention) -> Finding:
    place = Place(file, mention.line)
    change = mention.change
    if isinstance(change, PathChange):
        return _path_finding(place, mention, change)
    if mention.splice is not None:
        message = f"{mention.text} was rewritten: the {change.kind} is called ...{change.target_suffix} now"
        return Finding("mention-rewritten", "note", message, place)
    return Finding(
        "name-mentioned",
        "error",
        f"{mention.text} names a {change.kind} that the target chart does not render. {change.reason}".strip(),
        place,
        "Point this template at what takes its place.",
    )


def _path_finding(place: Place, mention: Mention, change: PathChange) -> Finding:
    source = format_path(change.source)
    if mention.splice is not None and change.target is not None:
        message = f"{mention.text} was rewritten: {source} is {format_path(change.target)} now"
        return Finding("mention-rewritten", "note", message, place)
    return Finding(
        "value-path-mentioned",
        "error",
        f"{mention.text} reads a value that is no longer there: {source}: {change.reason}",
        place,
        "Keep the value under a key of the parent's own, and read it from there.",
    )


def value_mentions(layers: Sequence[Layer], changes: Changes, release: str | None) -> Iterator[Owned]:
    """Strings in values that name a changed object: never rewritten, since nobody says what they mean."""
    names = [(owner, change) for owner, change in changes.names]
    for layer in layers:
        for path, value in layer.written_leaves():
            if not isinstance(value, str):
                continue
            for owner, change in names:
                yield from _value_finding(layer, owner, format_path(path), value, change, release)


def _value_finding(
    layer: Layer, owner: str, path: str, value: str, change: NameChange, release: str | None
) -> Iterator[Owned]:
    suffix = change.suffix
    for mention in find_names(value, [change], release):
        place = layer.place(parse_path(path))
        now = f"...{change.target_suffix}" if change.target_suffix else "nothing in the target chart"
        yield (
            owner,
            Finding(
                "name-mentioned",
                "warning",
                f"{path} holds {mention.text}, which looks like the {change.kind} ...{suffix}; it is {now} now",
                place,
                "Change the value if it means that object.",
            ),
        )
