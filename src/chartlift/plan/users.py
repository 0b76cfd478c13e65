"""The user that containers run as, where no mapping of the chart says more.

A vendor's charts set the user that the vendor's images know (Bitnami: 1001); a hardened image knows
another one, and what it writes belongs to that. So the container's user follows the image. ``fsGroup``
stays: volumes go on belonging to that group, which is added to the process. Images that store data are
left alone, their files belong to the old user (``mappings/vendors.yaml``, ``conventions``).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from chartlift.catalog.records import Definition
from chartlift.chart.values import merge_layers, merge_values
from chartlift.images.vendors import Conventions
from chartlift.plan.images import ImageTally, note_added
from chartlift.plan.layers import Layer
from chartlift.plan.units import Unit
from chartlift.records import Finding, Yaml, YamlPath, format_path
from chartlift.yamltext.paths import get_in

_RULE = "container-user"


def set_users(
    unit: Unit, layers: Sequence[Layer], defaults: Mapping[str, Yaml], tally: ImageTally, conventions: Conventions
) -> Iterator[Finding]:
    """Set user and group of the containers whose image moved; one finding names what was set."""
    if conventions.user is None or not conventions.security_context:
        return
    effective = merge_values(merge_layers([layers[0].section(unit.key)]), defaults)
    done: dict[int, list[str]] = {}
    for path in _contexts(effective, conventions.security_context):
        definition = _definition_at(path, tally.slots)
        if definition is None or not definition.uid or definition.uid == conventions.user:
            continue
        wanted = {"runAsUser": definition.uid, "runAsGroup": definition.gid}
        for index, layer in enumerate(layers):
            for key, value in wanted.items():
                held = get_in(effective if not index else layer.section(unit.key), (*path, key), None)
                if held == conventions.user and value is not None:
                    _write(unit, layer, (*unit.key, *path, key), value, definition)
                    done.setdefault(definition.uid, []).append(format_path(path)) if key == "runAsUser" else None
    for user, paths in sorted(done.items()):
        shown = ", ".join(sorted(set(paths)))
        message = f"{shown}: user {conventions.user}, which the hardened image does not know, became {user}"
        yield Finding(_RULE, "note", message, layers[0].place(unit.key), "fsGroup stays as it was.")


def _contexts(values: Yaml, key: str, path: YamlPath = ()) -> Iterator[YamlPath]:
    """Where the values hold security contexts of containers."""
    if not isinstance(values, dict):
        return
    for name, inner in values.items():
        if name == key and isinstance(inner, dict):
            yield (*path, name)
        else:
            yield from _contexts(inner, key, (*path, name))


def _definition_at(path: YamlPath, slots: Mapping[YamlPath, Definition | None]) -> Definition | None:
    """The image that a security context is for: the nearest slot called ``image`` beside it or above."""
    for end in range(len(path) - 1, -1, -1):
        slot = (*path[:end], "image")
        if slot in slots:
            return slots[slot]
    return None


def _write(unit: Unit, layer: Layer, path: YamlPath, value: int, definition: Definition) -> None:
    written, before = layer.has(path), layer.get(path)
    reason = f"dhi {definition.image} knows user {definition.uid}"
    layer.set(path, value)
    if written:
        layer.record(unit.owner, "changed", path, path, reason=reason, rule=_RULE, before=before, after=value)
    else:
        note_added(unit.owner, layer, path, value, reason, _RULE)
