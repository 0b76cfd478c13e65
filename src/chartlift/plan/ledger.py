"""Close the books of one values file: every leaf the user wrote has exactly one fate.

What nothing else spoke of is ``kept`` and must still be there unchanged; that is checked here, so a
value cannot vanish without an entry (design, invariant 1).
"""

from __future__ import annotations

from collections.abc import Sequence

from chartlift.errors import BrokenInvariant
from chartlift.plan.layers import Layer
from chartlift.records import ValueRecord, format_path
from chartlift.yamltext.edit import same_yaml
from chartlift.yamltext.paths import get_in

_MISSING = object()
_NOT_OURS = "not under a migrated chart"


def close_ledger(layers: Sequence[Layer]) -> dict[str, list[ValueRecord]]:
    """Values by owner (a dependency's key, or empty for the chart itself), in file and line order."""
    books: dict[str, list[ValueRecord]] = {}
    for layer in layers:
        for owner, record in _entries(layer):
            books.setdefault(owner, []).append(record)
    return books


def _entries(layer: Layer) -> list[tuple[str, ValueRecord]]:
    written = layer.written_leaves()
    paths = {path for path, _ in written}
    strangers = [path for path in layer.records if path not in paths]
    if strangers:
        raise BrokenInvariant(f"{layer.file}: a fate for {format_path(strangers[0])}, which is no leaf of it")
    for path, value in written:
        if path not in layer.records:
            now = get_in(layer.data, path, _MISSING)
            if value in ({}, None) and isinstance(now, dict) and now:
                why = "was empty; what was added below is listed by itself"
                layer.record("", "changed", path, path, reason=why, rule="added-below", before=value, after=now)
                continue
            if not same_yaml(now, value):
                raise BrokenInvariant(f"{layer.file}: {format_path(path)} changed without an entry")
            layer.record("", "kept", path, path, reason=_NOT_OURS, before=value, after=value)
    entries = [layer.records[path] for path, _ in written]
    if len(entries) != len(written):
        raise BrokenInvariant(f"{layer.file}: {len(written)} values but {len(entries)} fates")
    return entries + sorted(layer.additions, key=lambda entry: entry[1].target or "")
