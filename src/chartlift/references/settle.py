"""Bring the conversions of a repository to agree: what shares a file changes together or not at all."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from chartlift.errors import EditRefused
from chartlift.references.apply import apply_changes
from chartlift.references.convert import Converted, Refused
from chartlift.references.grouping import chains_of
from chartlift.references.records import AnyChange, Reference, Sources


@dataclass(frozen=True, slots=True)
class Settled:
    """What is done and what stays, and the new texts."""

    converted: tuple[Converted, ...]
    refused: tuple[Refused, ...]
    texts: Mapping[str, str]


def settle(
    found: Sequence[Converted | Refused], others: Sequence[Reference], sources: Sources, more: Sequence[AnyChange] = ()
) -> Settled:
    """Drop what cannot stand beside the rest until everything fits.

    ``others`` are references that nothing is done to; ``more`` changes that belong to no reference.
    """
    now = _together(list(found))
    while True:
        converted = [one for one in now if isinstance(one, Converted)]
        clash = _clash(converted, [*others, *_references(now, Refused)])
        if clash is None:
            try:
                texts = apply_changes(sources, [*more, *(change for one in converted for change in one.changes)])
            except EditRefused as refused:
                clash = _touching(converted, refused)
                if not clash:
                    raise
            else:
                return Settled(tuple(converted), tuple(one for one in now if isinstance(one, Refused)), texts)
        now = _together([clash.get(id(one), one) for one in now])


def _references(found: Sequence[Converted | Refused], kind: type) -> Iterator[Reference]:
    for one in found:
        if isinstance(one, kind):
            yield from one.group.references


def _together(found: list[Converted | Refused]) -> list[Converted | Refused]:
    """A reference with several chains stands in several groups: all go, or none."""
    held = {id(reference): one for one in found if isinstance(one, Refused) for reference in one.group.references}
    result: list[Converted | Refused] = []
    for one in found:
        why = next((held[id(r)] for r in one.group.references if id(r) in held), None)
        result.append(Refused(one.group, why.reason, why.help) if why and isinstance(one, Converted) else one)
    return result if [type(one) for one in result] == [type(one) for one in found] else _together(result)


def _clash(converted: Sequence[Converted], staying: Sequence[Reference]) -> dict[int, Refused] | None:
    """Groups that want a shared file to say different things, or that another release needs as it is."""
    wanted: dict[object, list[tuple[Converted, tuple[AnyChange, ...]]]] = {}
    for one in converted:
        for node, changes in zip(one.group.nodes, one.values, strict=True):
            wanted.setdefault(node.values.id, []).append((one, changes))
    needed = {values.id: other for other in staying for chain in chains_of(other) for values in chain}
    for key, asked in wanted.items():
        file = str(key[0]) if isinstance(key, tuple) else ""
        if any(changes != asked[0][1] for _, changes in asked):
            return {id(one): Refused(one.group, _SHARED.format(file), _SPLIT) for one, _ in asked}
        if key in needed and asked[0][1]:
            reason = f"{file} is also used by {needed[key].title} ({needed[key].file}), which stays as it is"
            return {id(one): Refused(one.group, reason, _SPLIT) for one, _ in asked}
    return None


_SHARED = "{} is used by several releases, which need it converted in different ways"
_SPLIT = "Give each release a values file of its own, then run again."


def _touching(converted: Sequence[Converted], refused: EditRefused) -> dict[int, Refused]:
    reason = str(refused)
    return {
        id(one): Refused(one.group, reason, refused.help or "")
        for one in converted
        if any(change.file == refused.file for change in one.changes)
    }
