"""What an upgrade of the release would take, said in one word and one sentence."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Literal

from chartlift.records import Finding

Way = Literal["in-place", "recreate-statefulset", "recreate-object", "new-objects"]
_NEW = frozenset({"claim-renamed", "claim-lost"})
_TEXT: dict[Way, str] = {
    "in-place": "`helm upgrade` in place: names, selectors and claims stay.",
    "recreate-statefulset": "StatefulSets must be deleted and made again (claims stay): {names}.",
    "recreate-object": "Objects must be deleted before the upgrade: {names}.",
    "new-objects": "New objects take over: data must be moved from the old claims first: {names}.",
}


@dataclass(frozen=True, slots=True)
class Upgrade:
    """``way`` is the hardest that any object needs; ``objects`` are those that need it."""

    way: Way
    objects: tuple[str, ...] = ()

    def __str__(self) -> str:
        return _TEXT[self.way].format(names=", ".join(self.objects))


def upgrade_of(findings: Iterable[Finding]) -> Upgrade:
    """Work it out from the findings of the checks; an accepted one counts, the cluster knows nothing of it."""
    needs: dict[Way, set[str]] = {"new-objects": set(), "recreate-statefulset": set(), "recreate-object": set()}
    for finding in findings:
        name = (finding.place.path or "").partition(":")[0]
        if finding.rule in _NEW or (finding.rule == "workload-kind-changed" and finding.level == "error"):
            needs["new-objects"].add(name)
        elif finding.rule == "immutable-field-changed":
            needs["recreate-statefulset" if name.startswith("StatefulSet/") else "recreate-object"].add(name)
    return next((Upgrade(way, _sorted(names)) for way, names in needs.items() if names), Upgrade("in-place"))


def _sorted(names: Collection[str]) -> tuple[str, ...]:
    return tuple(sorted(names))
