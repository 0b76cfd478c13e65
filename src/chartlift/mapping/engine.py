"""Convert the values of a chain: what to write for the base and each overlay, and the fate of every leaf.

The promise (checked here at run time): for each chain, the target's defaults with the written base and
overlay merged over them are what the mapping makes of that chain's effective source values.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from copy import deepcopy
from dataclasses import dataclass, replace
from typing import Any

from chartlift.chart.values import merge_layers, merge_values
from chartlift.chart.versions import in_range
from chartlift.errors import BrokenInvariant
from chartlift.mapping.chain import Chain
from chartlift.mapping.difference import difference, without_nulls
from chartlift.mapping.expressions import OMIT, ExpressionFailed, evaluate
from chartlift.mapping.model import Addition, Condition
from chartlift.mapping.model import Mapping as MappingFile
from chartlift.mapping.rules import OwnLeaves
from chartlift.mapping.surfaces import Surface
from chartlift.mapping.verdicts import judge_leaf
from chartlift.mapping.written import Written
from chartlift.records import Fate, Level, Yaml, YamlPath, format_path
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
    below: tuple[int, ...] = (0,)
    """The files under it in its chain, by index, lowest first; the first file of all has none."""


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
    """Convert the base (first) and each overlay, which is a chain of its own with the files below it.

    ``extra`` are further additions (wiring of a kept database), ``context_values`` what expressions see
    besides, layer by layer (the values of that database). Errors: ``ChartliftError`` of an expression.
    """
    shared: dict[str, Any] = {"version": version, "name": name, "release": release, "source": source, "target": target}
    chains = [_chain(mapping, layers, index, extra, context_values, shared) for index in range(len(layers))]
    base = chains[0].wanted()
    converted = [_base(chains[0], layers[0], base)]
    for chain, given in zip(chains[1:], layers[1:], strict=True):
        under = merge_layers([converted[index].values for index in given.below])
        converted.append(_overlay(chain, given, target, under, merge_values(under, target.data)))
    return Conversion(tuple(converted), tuple(_conditions(mapping, chains, "chart")), tuple(chains))


def _files_of(layers: Sequence[Given], index: int) -> list[int]:
    """The chain that a file stands at the top of, lowest first."""
    return [*layers[index].below, index] if index else [0]


def _chain(
    mapping: MappingFile,
    layers: Sequence[Given],
    index: int,
    extra: Sequence[Addition],
    more: Sequence[Mapping[str, Yaml]],
    shared: Mapping[str, Any],
) -> Chain:
    chosen = _files_of(layers, index)
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
    reached, own = {outcome.target for outcome in outcomes}, OwnLeaves.of(given.values)
    for written in chain.written.values():
        if _is_addition(written, own):
            outcomes.append(_addition(written, written.reason))
        elif not _is_reached(written.target, reached):
            outcomes.append(_addition(written, written.reason or _together(written)))
    return LayerConversion(wanted, tuple(outcomes))


def _is_addition(written: Written, own: OwnLeaves) -> bool:
    """Nothing that the user set under the chart stands behind it."""
    if written.cause in ("added", "pinned"):
        return True
    return not any(map(own.touch, written.sources))


def _is_reached(path: YamlPath, targets: Set[YamlPath | None]) -> bool:
    """Is it, or something above it, what became of a value of the user's?"""
    return any(path[:end] in targets for end in range(1, len(path) + 1))


def _addition(written: Written, reason: str) -> Outcome:
    fate: Fate = "pinned" if written.cause == "pinned" else "added"
    return Outcome(fate, None, written.target, None, written.value, reason, written.rule, secret=written.secret)


def _together(written: Written) -> str:
    return f"also follows from {', '.join(map(format_path, written.sources))}"


def _user_outcomes(chain: Chain, given: Given) -> list[Outcome]:
    table = chain.values.table()
    outcomes = []
    for path, value in leaves(dict(given.values)):
        verdict = judge_leaf(chain, path, value)
        outcomes.append(
            Outcome(
                verdict.fate,
                path,
                verdict.target,
                value,
                deepcopy(get_in(table, verdict.target, None)) if verdict.target is not None else None,
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
    written = _carried(chain, given, difference(below, wanted, target.data))
    found = merge_values(merge_layers([base, written]), target.data)
    if not same_yaml(without_nulls(found), without_nulls(wanted)):
        raise BrokenInvariant("an overlay does not give the values that its chain needs")
    outcomes = _user_outcomes(chain, given)
    reached = {outcome.target for outcome in outcomes}
    for path, value in leaves(written):
        if not _is_reached(path, reached):
            outcomes.append(_correction(path, value, chain.written.get(path)))
    return LayerConversion(written, tuple(outcomes))


def _carried(chain: Chain, given: Given, written: dict[str, Yaml]) -> dict[str, Yaml]:
    """With what this file set although the base says the same: the user's own words stay."""
    own = OwnLeaves.of(given.values)
    targets = {verdict.target for path, verdict in chain.verdicts.items() if path in own.paths}
    result: Yaml = written
    for entry in chain.written.values():
        if entry.target not in targets or not any(map(own.touch, entry.sources)):
            continue
        # A correction below it, such as a null that takes a key of the base away, says more than an empty map.
        if entry.value != {} or get_in(result, entry.target, _MISSING) is _MISSING:
            result = set_in(result, entry.target, deepcopy(entry.value))
    return result if isinstance(result, dict) else written


def _correction(path: YamlPath, value: Yaml, entry: Written | None) -> Outcome:
    """A key that the overlay needs so that its chain stays what it was."""
    if entry is None:
        return Outcome("added", None, path, None, value, "keeps the chain of this file as it was")
    fate: Fate = "pinned" if entry.cause == "pinned" else "added"
    reason = entry.reason or "keeps the chain of this file as it was"
    return Outcome(fate, None, path, None, value, reason, entry.rule, secret=entry.secret)


def _conditions(mapping: MappingFile, chains: Sequence[Chain], strategy: str) -> list[tuple[Condition, int]]:
    found = []
    for condition in mapping.findings:
        if strategy not in condition.strategies:
            continue
        if condition.versions is not None and not in_range(chains[0].version, condition.versions):
            continue
        for index, chain in enumerate(chains):
            held = _held(condition, chain)
            if held is not None:
                found.append((held, index))
                break
    return found


def _held(condition: Condition, chain: Chain) -> Condition | None:
    """The condition where it holds; where it cannot be decided it is said rather than skipped."""
    try:
        return condition if chain.holds(condition.when, condition.where) else None
    except ExpressionFailed as error:
        doubt = f"(whether this holds could not be worked out from the values: {error.message})"
        return replace(condition, message=f"{condition.message} {doubt}")


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
    moved: Set[str] | None = None,
) -> ImageNeeds:
    """Evaluate ``images.set`` and the findings of the strategy; values are at paths of the source chart.

    ``moved`` are the slots whose image becomes a hardened one (None: all): what is set for an image that
    stays would break it, and what is said of it would be untrue.
    A path that the user set to something else than what the mapping knows is left alone, as a finding.
    """
    chains = []
    for index in range(len(layers)):
        user = merge_layers([layers[i].values for i in _files_of(layers, index)])
        effective = merge_values(user, source.data if source else {})
        chains.append(Chain(mapping, version, name, release, source, target, user, effective))
    additions = [one for one in (mapping.images.set if mapping.images else ()) if _concerns(mapping, one.slot, moved)]
    outcomes = [
        tuple(o for one in additions for o in _image_setting(chain, _under(chains, layers, i), layers[i], one))
        for i, chain in enumerate(chains)
    ]
    held = _conditions(mapping, chains, "images")
    return ImageNeeds(tuple(outcomes), tuple(one for one in held if _concerns(mapping, one[0].slot, moved)))


def _concerns(mapping: MappingFile, slot: str | None, moved: Set[str] | None) -> bool:
    """Does it speak of an image that moves? Without a word, of the first slot: the chart's main image."""
    slots = mapping.images.slots if mapping.images is not None else ()
    if moved is None or not slots:
        return True
    return (slot or slots[0].path) in moved


def _under(chains: Sequence[Chain], layers: Sequence[Given], index: int) -> Chain:
    return chains[layers[index].below[-1]] if index else chains[0]


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
