"""Values that name places of the old image and were carried over as they were.

Rendering finds such paths in what runs, but only where both charts are at hand. A mapping rewrites those that it
knows; scripts, arguments and mounts of the user's own are carried word for word, and what they name is not there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from chartlift.mapping.engine import LayerConversion, Outcome
from chartlift.mapping.surfaces import source_surface
from chartlift.plan.layers import Layer
from chartlift.plan.units import Unit
from chartlift.records import Finding, Yaml, YamlPath
from chartlift.yamltext.edit import same_yaml
from chartlift.yamltext.paths import get_in, leaves

_MISSING = object()


def vendor_paths_carried(
    unit: Unit, layers: Sequence[Layer], wanted: Sequence[LayerConversion], paths: Sequence[str]
) -> Iterator[Finding]:
    """Rule ``vendor-path`` for values; ``paths`` are the directories that only the old vendor's images have."""
    assert unit.mapping is not None  # noqa: S101 - strategy chart
    if not paths:
        return
    pattern = re.compile(rf"(?<![\w./-])(?:{'|'.join(map(re.escape, paths))})(?:/[\w./-]*\w|(?![\w./-]))")
    defaults = source_surface(unit.mapping, unit.version).data
    for layer, conversion in zip(layers, wanted, strict=True):
        for outcome in conversion.outcomes:
            if _is_carried(outcome, defaults):
                found = sorted({match[0] for text in _texts(outcome.after) for match in pattern.finditer(text)})
                if found:
                    yield _finding(layer, unit.key + (outcome.source or ()), found)


def _is_carried(outcome: Outcome, defaults: Yaml) -> bool:
    """Kept or moved as the user wrote it, and not just written out as the chart has it anyway."""
    if outcome.fate not in ("kept", "moved") or outcome.source is None or outcome.secret:
        return False
    return not same_yaml(get_in(defaults, outcome.source, _MISSING), outcome.after)


def _texts(value: Yaml) -> Iterator[str]:
    """The texts in a value; a list is one leaf of a values file, and holds maps."""
    if isinstance(value, list):
        yield from (text for item in value for text in _texts(item))
    elif isinstance(value, dict):
        yield from (text for _, inner in leaves(value) for text in _texts(inner))
    elif isinstance(value, str):
        yield value


def _finding(layer: Layer, path: YamlPath, found: Sequence[str]) -> Finding:
    place = layer.place(path)
    message = f"{place.path} names {', '.join(found)}: only the old vendor's images have that"
    help_line = "Name the place of the hardened image; where a volume of yours is mounted there it may stay."
    return Finding("vendor-path", "warning", message, place, help_line)
