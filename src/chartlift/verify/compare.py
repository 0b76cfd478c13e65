"""Before against after: which object became which, and what changed in it.

Objects are matched by kind and name; what is left by likeness (a rename), then by name across the
kinds of workload (a StatefulSet that became a Deployment). Everything else is lost or new.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal

from chartlift.errors import BrokenInvariant
from chartlift.verify.fields import Difference, differences
from chartlift.verify.mask import Unstable, explains
from chartlift.verify.objects import Identity, RenderedObject
from chartlift.verify.similar import pair_renamed

Status = Literal["same", "changed", "renamed", "replaced", "added", "removed"]
STATUSES: tuple[Status, ...] = ("same", "changed", "renamed", "replaced", "added", "removed")
"""replaced: another kind of workload under the same name."""
_SAID_BY_IDENTITY = frozenset({"kind", "metadata.name", "metadata.namespace"})
_LONG_RUNNING = frozenset({"Deployment", "StatefulSet", "DaemonSet", "ReplicaSet"})


@dataclass(frozen=True, slots=True)
class Pair:
    """One object on both sides; either may be missing, never both."""

    status: Status
    before: RenderedObject | None
    after: RenderedObject | None
    changes: tuple[Difference, ...] = ()
    """Without noise and without what differs at every rendering."""
    noise: int = 0
    """How many differences were folded."""

    @property
    def item(self) -> RenderedObject:
        """The object as it is after, or as it was if it is gone."""
        found = self.after or self.before
        if found is None:
            raise BrokenInvariant("a pair of objects without an object")
        return found

    @property
    def both(self) -> tuple[RenderedObject, RenderedObject] | None:
        return (self.before, self.after) if self.before and self.after else None


@dataclass(frozen=True, slots=True)
class Comparison:
    """All pairs, sorted by kind and name. ``duplicates``: rendered twice after, but not before."""

    pairs: tuple[Pair, ...]
    duplicates: tuple[RenderedObject, ...] = ()
    unstable_before: Unstable = field(default_factory=dict)

    def count(self, status: Status) -> int:
        return sum(pair.status == status for pair in self.pairs)

    def in_place(self, *kinds: str) -> Iterator[tuple[RenderedObject, RenderedObject]]:
        """Objects that an upgrade would patch: same kind, same name."""
        for pair in self.pairs:
            if pair.status == "changed" and pair.before and pair.after and pair.after.kind in kinds:
                yield pair.before, pair.after

    def matched(self, *kinds: str) -> Iterator[tuple[RenderedObject, RenderedObject]]:
        """Objects there on both sides, renamed ones too; ``kinds`` are those after."""
        for pair in self.pairs:
            if pair.both and pair.status != "same" and pair.item.kind in kinds:
                yield pair.both

    def lost(self, *kinds: str) -> Iterator[RenderedObject]:
        for pair in self.pairs:
            if pair.status == "removed" and pair.before and pair.before.kind in kinds:
                yield pair.before


def compare(
    before: Sequence[RenderedObject],
    after: Sequence[RenderedObject],
    unstable_before: Unstable | None = None,
    unstable_after: Unstable | None = None,
) -> Comparison:
    """Match the objects of two renderings and list what changed in each."""
    masks = (unstable_before or {}, unstable_after or {})
    pairs = [_pair(old, new, *masks) for old, new in _match(before, after)]
    pairs.sort(key=lambda pair: (pair.item.identity, pair.status))
    return Comparison(tuple(pairs), _duplicates(before, after), masks[0])


def _match(
    before: Sequence[RenderedObject], after: Sequence[RenderedObject]
) -> Iterator[tuple[RenderedObject | None, RenderedObject | None]]:
    # Of objects rendered twice the last one is what the cluster ends up with.
    old, new = ({item.identity: item for item in side} for side in (before, after))
    yield from ((old.pop(key), new.pop(key)) for key in [key for key in old if key in new])
    renamed = pair_renamed([*old.values()], [*new.values()])
    for one, other in [*renamed, *_replaced(_without(old, renamed), _without(new, renamed))]:
        yield old.pop(one.identity), new.pop(other.identity)
    yield from ((item, None) for item in old.values())
    yield from ((None, item) for item in new.values())


def _without(
    items: dict[Identity, RenderedObject], pairs: Iterable[tuple[RenderedObject, RenderedObject]]
) -> list[RenderedObject]:
    taken = {item.identity for pair in pairs for item in pair}
    return [item for key, item in items.items() if key not in taken]


def _replaced(
    old: Sequence[RenderedObject], new: Sequence[RenderedObject]
) -> Iterator[tuple[RenderedObject, RenderedObject]]:
    """Workloads of another kind under the same name, or under one that only adds a word (``-primary``)."""
    lost = {item.name: item for item in old if item.kind in _LONG_RUNNING}
    for item in sorted((item for item in new if item.kind in _LONG_RUNNING), key=lambda item: item.name):
        near = [name for name in lost if name == item.name or _adds_word(name, item.name)]
        if near:
            yield lost.pop(min(near, key=lambda name: (len(name) - len(item.name), name))), item


def _adds_word(one: str, other: str) -> bool:
    return one.startswith(f"{other}-") or other.startswith(f"{one}-")


def _pair(
    old: RenderedObject | None, new: RenderedObject | None, unstable_before: Unstable, unstable_after: Unstable
) -> Pair:
    if old is None or new is None:
        return Pair("added" if old is None else "removed", old, new)
    found = [] if old.data == new.data else list(differences(old.data, new.data))
    masked = unstable_before.get(old.identity, frozenset()) & unstable_after.get(new.identity, frozenset())
    changes = tuple(d for d in found if not d.is_noise and d.path not in _SAID_BY_IDENTITY and not explains(masked, d))
    status: Status = "changed" if changes else "same"
    if old.kind != new.kind:
        status = "replaced"
    elif old.identity != new.identity:
        status = "renamed"
    return Pair(status, old, new, changes, len(found) - len(changes))


def _duplicates(before: Sequence[RenderedObject], after: Sequence[RenderedObject]) -> tuple[RenderedObject, ...]:
    known = Counter((item.api_version, item.identity) for item in before)
    seen = Counter((item.api_version, item.identity) for item in after)
    twice = {key for key, count in seen.items() if count > 1 and known[key] < 2}
    return tuple({item.identity: item for item in after if (item.api_version, item.identity) in twice}.values())
