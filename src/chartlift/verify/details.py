"""What a verification says about objects in a report: counts, the upgrade, and each object's changes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from chartlift.records import Yaml
from chartlift.verify.compare import STATUSES, Comparison, Pair, Status
from chartlift.verify.shown import Scrubber, change_lines
from chartlift.verify.upgrade import Upgrade

_HARDEST: tuple[Status, ...] = ("removed", "replaced", "renamed", "changed", "added", "same")
_MOST_CHANGES = 200


def object_summary(comparisons: Mapping[str, Comparison], upgrade: Upgrade, scrubber: Scrubber) -> dict[str, object]:
    """Counts of distinct objects over all chains (each by the hardest thing that happens to it), the
    way to upgrade, and per chain the objects that are not the same."""
    worst = _worst(comparisons.values())
    both = [pair for comparison in comparisons.values() for pair in comparison.pairs]
    return {
        "before": len({pair.before.identity for pair in both if pair.before}),
        "after": len({pair.after.identity for pair in both if pair.after}),
        **{status: sum(found == status for found in worst.values()) for status in STATUSES},
        "upgrade": {"way": upgrade.way, "text": str(upgrade), "objects": list(upgrade.objects)},
        "chains": [
            {"values": label, "objects": _changed(comparison, scrubber)} for label, comparison in comparisons.items()
        ],
    }


def _worst(comparisons: Iterable[Comparison]) -> dict[str, Status]:
    worst: dict[str, Status] = {}
    for comparison in comparisons:
        for pair in comparison.pairs:
            name = str(pair.item.identity)
            worst[name] = min(worst.get(name, "same"), pair.status, key=_HARDEST.index)
    return worst


def _changed(comparison: Comparison, scrubber: Scrubber) -> list[Yaml]:
    return [_object(pair, scrubber) for pair in comparison.pairs if pair.status != "same"]


def _object(pair: Pair, scrubber: Scrubber) -> dict[str, Yaml]:
    item = pair.item
    changes = [change_lines(difference, item, scrubber) for difference in pair.changes[:_MOST_CHANGES]]
    shown: dict[str, Yaml] = {
        "object": str(item.identity),
        "status": pair.status,
        "template": item.template,
        "changes": [dict(change) for change in changes],
    }
    if pair.before is not None and pair.before.identity != item.identity:
        shown["from"] = str(pair.before.identity)
    if len(pair.changes) > _MOST_CHANGES:
        shown["more"] = len(pair.changes) - _MOST_CHANGES
    return shown
