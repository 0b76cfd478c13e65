"""Strategy ``chart``: convert the values of one dependency, file by file, for the chart that takes over.

The engine says what each layer must hold (design, "Values"); here that becomes edits of the user's
text: values that merely moved are moved with their comments, and only what then still differs from
what the engine wants is set or deleted. So the text always ends where the engine says.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from chartlift.mapping.engine import Conversion, Given, LayerConversion, Outcome, convert
from chartlift.mapping.model import Addition
from chartlift.mapping.surfaces import source_surface, target_surface
from chartlift.plan.layers import Layer
from chartlift.plan.options import Options
from chartlift.plan.units import Unit
from chartlift.records import Finding, Place, ValueRecord, Yaml, YamlPath, format_path
from chartlift.yamltext.edit import Move, same_yaml
from chartlift.yamltext.paths import get_in

_USER = ("kept", "moved", "changed", "dropped", "manual", "unmapped")
_MISSING = object()


def convert_unit(
    unit: Unit,
    layers: Sequence[Layer],
    options: Options,
    own: frozenset[str],
    wiring: Sequence[Addition] = (),
    beside: Sequence[Mapping[str, Yaml]] = (),
) -> Conversion:
    """Run the mapping over what every layer says under the unit's key.

    ``own`` are keys below it that belong to the parent, such as the one its condition reads; ``beside``
    are, layer by layer, values that expressions see although they live elsewhere now.
    """
    assert unit.mapping is not None and unit.mapping.target is not None  # noqa: S101 - strategy chart
    return convert(
        unit.mapping,
        version=unit.version,
        source=source_surface(unit.mapping, unit.version),
        target=target_surface(unit.mapping),
        layers=[Given(_without(layer.section(unit.key), own), _globals(unit, layer), layer.below) for layer in layers],
        name=unit.owner or unit.name,
        release=options.release,
        extra=wiring,
        context_values=beside,
    )


def _globals(unit: Unit, layer: Layer) -> dict[str, Yaml]:
    """``global`` of the file around a dependency; a bare values file has its own among its values."""
    return layer.section(("global",)) if unit.key else {}


def _without(section: dict[str, Yaml], own: frozenset[str]) -> dict[str, Yaml]:
    return {key: value for key, value in section.items() if key not in own}


def apply_conversion(
    unit: Unit, layer: Layer, wanted: LayerConversion, own: frozenset[str], held: Mapping[YamlPath, Place] = {}
) -> Iterator[Finding]:
    """Edit one layer until its section says what the engine wants, and write the ledger.

    ``held`` are paths below the unit that the parent's templates read: they stay where the target would
    have nothing there.
    """
    theirs = {path for path, _ in layer.written_leaves()}
    for outcome in wanted.outcomes:
        if outcome.fate in _USER and layer.origin(unit.key + (outcome.source or ())) not in theirs:
            continue  # written out a moment ago, when its chart was taken out of another one, and noted then
        if outcome.fate in _USER:
            _record(unit, layer, outcome)
            yield from _finding(unit, layer, outcome)
        else:
            _note_addition(unit, layer, outcome)
    keep = {unit.key + o.source for o in wanted.outcomes if o.fate == "unmapped" and o.source}
    keep |= {(*unit.key, key) for key in own}
    holding = {unit.key + o.source for o in wanted.outcomes if o.source and is_held(o, held)}
    for path in sorted(holding, key=str):
        yield _held_finding(unit, layer, path, held)
    keep |= holding
    _move(unit, layer, wanted)
    _settle_map(layer, unit.key, wanted.values, keep)


def is_held(outcome: Outcome, held: Mapping[YamlPath, Place]) -> bool:
    """A template reads it, it would be gone, and no plain move tells where to read it instead."""
    if (
        outcome.fate not in ("changed", "dropped", "manual")
        or outcome.source is None
        or outcome.source == outcome.target
    ):
        return False
    return any(outcome.source[: len(path)] == path or path[: len(outcome.source)] == outcome.source for path in held)


def _held_finding(unit: Unit, layer: Layer, path: YamlPath, held: Mapping[YamlPath, Place]) -> Finding:
    below = path[len(unit.key) :]
    place = next(place for read, place in held.items() if below[: len(read)] == read or read[: len(below)] == below)
    return Finding(
        "value-held",
        "warning",
        f"{format_path(path)} stays although the target chart ignores it: {place.file}:{place.line} reads it",
        layer.place(path),
        "Move it to a key of the parent's own and read it from there; a later change of it reaches only the template.",
    )


def _record(unit: Unit, layer: Layer, outcome: Outcome) -> None:
    layer.record(
        unit.owner,
        outcome.fate,
        unit.key + (outcome.source or ()),
        None if outcome.target is None else unit.key + outcome.target,
        reason=outcome.reason,
        rule=outcome.rule,
        before=outcome.before,
        after=outcome.after,
        secret=outcome.secret,
    )


def _note_addition(unit: Unit, layer: Layer, outcome: Outcome) -> None:
    dotted = format_path(unit.key + (outcome.target or ()))
    record = ValueRecord(
        outcome.fate, None, dotted, Place(layer.file, None, dotted), outcome.reason, outcome.rule, None, outcome.after,
        outcome.secret,
    )  # fmt: skip
    layer.add(unit.owner, record)


def _finding(unit: Unit, layer: Layer, outcome: Outcome) -> Iterator[Finding]:
    place = layer.place(unit.key + (outcome.source or ()))
    if outcome.fate == "unmapped":
        yield Finding(
            "unmapped-value",
            "error",
            f"{place.path} is set, and the mapping of {unit.name} does not know it",
            place,
            "Remove it if it has no effect, or add a rule for it in a mapping of yours (--mappings DIR).",
        )
    elif outcome.fate == "manual":
        yield Finding("manual-value", outcome.level, f"{place.path}: {outcome.reason}", place, outcome.reason)


def _move(unit: Unit, layer: Layer, wanted: LayerConversion) -> None:
    """Move what only changed its path, so that the user's comments go along."""
    for outcome in wanted.outcomes:
        if outcome.fate != "moved" or not outcome.source or not outcome.target:
            continue
        source, target = unit.key + outcome.source, unit.key + outcome.target
        arrives = get_in(wanted.values, outcome.target, _MISSING)
        free = layer.has(source) and not layer.has(target) and _open_above(layer, target)
        if free and source != target[: len(source)] and same_yaml(layer.get(source), arrives):
            layer.edit(Move(source, target))


def _open_above(layer: Layer, target: YamlPath) -> bool:
    """No value that is not a map is in the way of the target."""
    above = (target[:end] for end in range(1, len(target)))
    return all(isinstance(layer.get(path), dict) for path in above if layer.has(path))


def _settle_map(layer: Layer, at: YamlPath, wanted: Mapping[str, Yaml], keep: set[YamlPath]) -> None:
    """Set and delete what still differs; what the mapping does not know stays where it is."""
    for key in list(layer.section(at)):
        if key not in wanted:
            _remove_unless_kept(layer, (*at, key), keep)
    for key, value in wanted.items():
        path = (*at, key)
        if isinstance(value, dict) and value and isinstance(layer.get(path), dict) and layer.get(path):
            _settle_map(layer, path, value, keep)
        else:
            layer.set(path, value)


def _remove_unless_kept(layer: Layer, path: YamlPath, keep: set[YamlPath]) -> None:
    if path in keep:
        return
    if not any(kept[: len(path)] == path for kept in keep):
        layer.delete(path)
        return
    for key in list(layer.section(path)):
        _remove_unless_kept(layer, (*path, key), keep)
