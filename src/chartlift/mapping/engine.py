"""Convert the values of a chain: what to write for the base and each overlay, and the fate of every leaf.

The promise (checked here at run time): for each chain, the target's defaults with the written base and
overlay merged over them are what the mapping makes of that chain's effective source values.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from chartlift.chart.values import merge_layers, merge_values
from chartlift.chart.versions import in_range
from chartlift.errors import BrokenInvariant
from chartlift.mapping.chain import Chain, Written
from chartlift.mapping.expressions import OMIT, evaluate
from chartlift.mapping.model import Addition, Condition
from chartlift.mapping.model import Mapping as MappingFile
from chartlift.mapping.surfaces import Surface
from chartlift.records import Fate, Level, Yaml, YamlPath
from chartlift.yamltext.edit import same_yaml
from chartlift.yamltext.paths import get_in, leaves, parse_path, set_in

_MISSING = object()


@dataclass(frozen=True, slots=True)
class Outcome:
    """One line of the ledger; paths are relative to the chart's own values."""

    fate: Fate
    source: YamlPath | None
    target: YamlPath | None
    before: Yaml = None
    after: Yaml = None
    reason: str = ""
    rule: str = ""
    level: Level = "warning"
    secret: bool = False


@dataclass(frozen=True, slots=True)
class LayerConversion:
    """What one values file must hold for the target, and what became of its leaves."""

    values: dict[str, Yaml]
    outcomes: tuple[Outcome, ...]


@dataclass(frozen=True, slots=True)
class Conversion:
    """The base and its overlays, in the order given, and the findings that hold in some chain."""

    layers: tuple[LayerConversion, ...]
    findings: tuple[tuple[Condition, int], ...]
    """A conditional finding with the index of the first layer in whose chain it holds."""
    chains: tuple[Chain, ...]


@dataclass(frozen=True, slots=True)
class Given:
    """One values file: what it says under the chart, and what it says under ``global``."""

    values: Mapping[str, Yaml]
    globals: Mapping[str, Yaml]


def convert(
    mapping: MappingFile,
    *,
    version: str,
    source: Surface,
    target: Surface,
    layers: Sequence[Given],
    name: str,
    release: str | None = None,
    extra: Sequence[Addition] = (),
    context_values: Sequence[Mapping[str, Yaml]] = (),
) -> Conversion:
    """Convert the base (first) and each overlay, which is its own chain with the base.

    ``extra`` are further additions (wiring of a kept database), ``context_values`` what expressions see
    besides, layer by layer (the values of that database). Errors: ``ChartliftError`` of an expression.
    """
    shared: dict[str, Any] = {"version": version, "name": name, "release": release, "source": source, "target": target}
    chains = [_chain(mapping, layers, index, extra, context_values, shared) for index in range(len(layers))]
    base = chains[0].wanted()
    converted = [_base(chains[0], layers[0], base)]
    below = merge_values(base, target.data)
    for chain, given in zip(chains[1:], layers[1:], strict=True):
        converted.append(_overlay(chain, given, target, base, below))
    return Conversion(tuple(converted), tuple(_conditions(mapping, chains, "chart")), tuple(chains))


def _chain(
    mapping: MappingFile,
    layers: Sequence[Given],
    index: int,
    extra: Sequence[Addition],
    more: Sequence[Mapping[str, Yaml]],
    shared: Mapping[str, Any],
) -> Chain:
    chosen = [0] if index == 0 else [0, index]
    user = merge_layers([layers[i].values for i in chosen])
    shared_globals = merge_layers([layers[i].globals for i in chosen])
    around = {"global": shared_globals} if shared_globals else {}
    source: Surface = shared["source"]
    beside = [more[i] for i in chosen if i < len(more)]
    effective = merge_values(merge_layers([*beside, user, around]), source.data)
    seen = merge_layers([user, around])
    own_globals = any("global" in layer.values for layer in layers)
    chain = Chain(mapping, user=seen, effective=effective, parents_global=not own_globals, **shared)
    chain.run()
    for addition in extra:
        chain.add(addition)
    return chain


def _base(chain: Chain, given: Given, wanted: dict[str, Yaml]) -> LayerConversion:
    outcomes = _user_outcomes(chain, given)
    outcomes += [_addition(w) for w in chain.written.values() if _is_addition(w, given)]
    return LayerConversion(wanted, tuple(outcomes))


def _is_addition(written: Written, given: Given) -> bool:
    """Nothing that the user set under the chart stands behind it."""
    if written.cause in ("added", "pinned"):
        return True
    return all(
        source[0] == "global" or get_in(given.values, source, _MISSING) is _MISSING for source in written.sources
    )


def _addition(written: Written) -> Outcome:
    fate: Fate = "pinned" if written.cause == "pinned" else "added"
    return Outcome(fate, None, written.target, None, written.value, written.reason, written.rule, secret=written.secret)


def _user_outcomes(chain: Chain, given: Given) -> list[Outcome]:
    outcomes = []
    for path, value in leaves(dict(given.values)):
        verdict = chain.verdicts.get(path) or chain._verdict(path, value)
        after = chain.written[verdict.target].value if verdict.target in chain.written else None
        outcomes.append(
            Outcome(
                verdict.fate,
                path,
                verdict.target,
                value,
                after,
                verdict.reason,
                verdict.rule,
                verdict.level,
                verdict.secret,
            )
        )
    return outcomes


def _overlay(
    chain: Chain, given: Given, target: Surface, base: Mapping[str, Yaml], below: Mapping[str, Yaml]
) -> LayerConversion:
    """The smallest file that turns the converted base into what this chain needs."""
    wanted = merge_values(chain.wanted(), target.data)
    written: dict[str, Yaml] = difference(below, wanted)
    own = {path for path, _ in leaves(dict(given.values))}
    carried = {verdict.target for path, verdict in chain.verdicts.items() if path in own}
    for entry in chain.written.values():
        # Carried even where it says what the base says: the user set it in this file.
        if entry.target in carried and any(_set_here(source, own) for source in entry.sources):
            table = set_in(written, entry.target, deepcopy(entry.value))
            written = table if isinstance(table, dict) else written
    found = merge_values(merge_layers([base, written]), target.data)
    if not same_yaml(_without_nulls(found), _without_nulls(wanted)):
        raise BrokenInvariant("an overlay does not give the values that its chain needs")
    outcomes = _user_outcomes(chain, given)
    reached = {outcome.target for outcome in outcomes}
    for path, value in leaves(written):
        entry_or_none = chain.written.get(path)
        if path in reached or (entry_or_none and any(_set_here(s, own) for s in entry_or_none.sources)):
            continue
        reason = (entry_or_none.reason if entry_or_none else "") or "keeps the chain of this file as it was"
        fate: Fate = "pinned" if entry_or_none and entry_or_none.cause == "pinned" else "added"
        outcomes.append(Outcome(fate, None, path, None, value, reason, entry_or_none.rule if entry_or_none else ""))
    return LayerConversion(written, tuple(outcomes))


def _without_nulls(value: Yaml) -> Yaml:
    """Kubernetes takes a null for an absent field; Helm keeps one where the chart has no default."""
    if isinstance(value, dict):
        return {key: _without_nulls(item) for key, item in value.items() if item is not None}
    return value


def _set_here(source: YamlPath, own: set[YamlPath]) -> bool:
    return any(path[: len(source)] == source or source[: len(path)] == path for path in own)


def difference(old: Mapping[str, Yaml], new: Mapping[str, Yaml]) -> dict[str, Yaml]:
    """What to merge over ``old`` to get ``new``; a null removes a key."""
    found: dict[str, Yaml] = {key: None for key in old if key not in new and old[key] is not None}
    for key, value in new.items():
        before = old.get(key, _MISSING)
        if isinstance(before, dict) and isinstance(value, dict):
            inner = difference(before, value)
            if inner:
                found[key] = inner
        elif before is _MISSING or not same_yaml(before, value):
            found[key] = value
    return found


def _conditions(mapping: MappingFile, chains: Sequence[Chain], strategy: str) -> list[tuple[Condition, int]]:
    found = []
    for condition in mapping.findings:
        if strategy not in condition.strategies:
            continue
        if condition.versions is not None and not in_range(chains[0].version, condition.versions):
            continue
        for index, chain in enumerate(chains):
            if chain.holds(condition.when, condition.where):
                found.append((condition, index))
                break
    return found


@dataclass(frozen=True, slots=True)
class ImageNeeds:
    """What the strategy ``images`` sets besides the images, per layer, and its findings."""

    layers: tuple[tuple[Outcome, ...], ...]
    findings: tuple[tuple[Condition, int], ...]


def needs_of_images(
    mapping: MappingFile,
    *,
    version: str,
    source: Surface | None,
    target: Surface,
    layers: Sequence[Given],
    name: str,
    release: str | None = None,
) -> ImageNeeds:
    """Evaluate ``images.set`` and the findings of the strategy; values are at paths of the source chart.

    A path that the user set to something else than what the mapping knows is left alone, as a finding.
    """
    chains = []
    for index in range(len(layers)):
        chosen = [0] if index == 0 else [0, index]
        user = merge_layers([layers[i].values for i in chosen])
        effective = merge_values(user, source.data if source else {})
        chains.append(Chain(mapping, version, name, release, source, target, user, effective))
    additions = mapping.images.set if mapping.images is not None else ()
    outcomes = [
        tuple(o for addition in additions for o in _image_setting(chain, chains[0], layers[i], addition))
        for i, chain in enumerate(chains)
    ]
    return ImageNeeds(tuple(outcomes), tuple(_conditions(mapping, chains, "images")))


def _image_setting(chain: Chain, base: Chain, given: Given, addition: Addition) -> list[Outcome]:
    """What one entry of ``images.set`` writes into a layer; an overlay gets only what its chain needs otherwise."""
    path = parse_path(addition.to)
    mine = get_in(given.values, path, _MISSING)
    value = _asked(chain, addition)
    rule = chain.rule_id(path)
    if mine is _MISSING and chain is not base:
        if same_yaml(value, _asked(base, addition)):
            return []
        undo = f"not needed with this file: {addition.reason}"
        if value is OMIT:
            return [Outcome("added", None, path, None, get_in(chain.effective, path), undo, rule)]
        return [Outcome("added", None, path, None, value, addition.reason, rule)]
    present = get_in(chain.effective, path) if mine is _MISSING else mine
    if value is OMIT or same_yaml(present, value):
        return []
    if mine is _MISSING:
        return [Outcome("added", None, path, None, value, addition.reason, rule)]
    if addition.replaces is not None and not any(same_yaml(mine, old) for old in addition.replaces):
        return [Outcome("manual", path, path, mine, value, addition.reason, rule)]
    return [Outcome("changed", path, path, mine, value, addition.reason, rule)]


def _asked(chain: Chain, addition: Addition) -> Any:
    """The value that an entry asks for in a chain, ``OMIT`` where its condition does not hold."""
    if not chain.holds(addition.when, addition.where):
        return OMIT
    if addition.expression is None:
        return addition.value
    where = f"{addition.where}.expr"
    return evaluate(addition.expression, chain.context(), file=chain.mapping.file, where=where)
