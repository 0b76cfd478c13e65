"""Which references have to be converted together: those of one chart that share their lowest values.

Three environments that begin with one common file are one tree of layers: each file is converted once, over what
lies below it. A file that several trees use must come out of each the same.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from chartlift.knowledge import Knowledge
from chartlift.plan.options import Options
from chartlift.plan.units import Unit, choose_strategy, exact_version
from chartlift.references.records import Reference, Values


@dataclass(frozen=True, slots=True)
class Node:
    """One layer in the tree of a group: the values, and the indices of what lies below, lowest first."""

    values: Values
    below: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """References of one chart with one lowest layer."""

    unit: Unit
    references: tuple[Reference, ...]
    nodes: tuple[Node, ...]
    paths: tuple[tuple[tuple[int, ...], ...], ...]
    """For each reference its chains, as indices of nodes."""

    @property
    def release(self) -> str | None:
        """The release's name, if all agree."""
        names = {reference.release for reference in self.references}
        return names.pop() if len(names) == 1 else None


def unit_of(reference: Reference, options: Options, knowledge: Knowledge) -> Unit | None:
    """What is known of the chart that a reference installs; None where the vendor is nobody's that is known."""
    vendor = knowledge.vendors.vendor_of_repository(reference.repository, options.source_prefixes)
    if vendor is None:
        return None
    version, exact = exact_version(reference.version)
    unit = Unit((), reference.chart, version or ">=0", exact, vendor)
    return choose_strategy(unit, options, knowledge)


def group(found: Sequence[tuple[Reference, Unit]]) -> list[Group]:
    """The groups, in the order of their first reference."""
    members: dict[tuple[object, ...], list[tuple[Reference, Unit, tuple[Values, ...]]]] = {}
    for reference, unit in found:
        for chain in chains_of(reference):
            root = chain[0].id if chain else (reference.file, reference.part, reference.path, reference.name)
            members.setdefault((unit.name, unit.version, unit.strategy, root), []).append((reference, unit, chain))
    return [_group(rows) for rows in members.values()]


def chains_of(reference: Reference) -> Iterator[tuple[Values, ...]]:
    """The chains of a reference; where one is empty, all begin with the place for new values."""
    bare = any(not chain for chain in reference.chains)
    for chain in reference.chains:
        yield (reference.fresh, *chain) if bare and reference.fresh is not None else chain


def _group(rows: Sequence[tuple[Reference, Unit, tuple[Values, ...]]]) -> Group:
    nodes: list[Node] = []
    known: dict[tuple[object, ...], int] = {}
    references: dict[int, Reference] = {}
    paths: dict[int, list[tuple[int, ...]]] = {}
    for reference, _, chain in rows:
        references[id(reference)] = reference
        below: tuple[int, ...] = ()
        for values in chain:
            key = (*below, values.id)
            if key not in known:
                known[key] = len(nodes)
                nodes.append(Node(values, below))
            below = (*below, known[key])
        paths.setdefault(id(reference), []).append(below)
    return Group(rows[0][1], tuple(references.values()), tuple(nodes), tuple(tuple(one) for one in paths.values()))


def without(found: Sequence[Group], dropped: Sequence[Group]) -> list[Group]:
    """The groups that are left, with everything that shares a reference with a dropped one gone too."""
    gone = {id(reference) for one in dropped for reference in one.references}
    left = [one for one in found if not any(id(reference) in gone for reference in one.references)]
    return left if len(left) == len(found) - len(dropped) else without(left, [one for one in found if one not in left])
