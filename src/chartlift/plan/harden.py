"""Strategy ``images`` for one unit: its images, what they need, and whether that can run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from chartlift.errors import ChartliftError
from chartlift.mapping.engine import Given, ImageNeeds, Outcome, needs_of_images
from chartlift.mapping.model import Condition
from chartlift.mapping.surfaces import Surface, source_surface
from chartlift.plan.images import ImagePlanner, ImageTally, leaf_of, note_added, plan_unit_images
from chartlift.plan.layers import Layer
from chartlift.plan.remarks import conditional_findings
from chartlift.plan.units import Unit
from chartlift.plan.users import set_users
from chartlift.records import Finding, Place, Yaml, YamlPath, format_path
from chartlift.yamltext.paths import parse_path

_CONTRACT = "image-contract"


def harden_unit(
    unit: Unit, layers: Sequence[Layer], planner: ImagePlanner, skip: frozenset[str]
) -> tuple[ImageTally, list[Finding], Mapping[str, Yaml]]:
    """Plan the images of a unit that keeps its chart; also gives the defaults it was planned over."""
    surface = _surface(unit)
    defaults = _defaults(unit, surface)
    contracts = _contracts(unit, layers, surface, planner, skip)
    accepted = planner.options.accepted
    staying = {parse_path(one.at or ""): one.message for one, _ in contracts if one.rule not in accepted}
    tally = plan_unit_images(unit, layers, defaults, replace(planner, staying=staying), skip)
    findings = list(_not_at_hand(unit, surface, layers))
    if tally.changed and unit.vendor and not _speaks(unit):
        conventions = planner.images.vendors.conventions(unit.vendor)
        own = {name: value for name, value in defaults.items() if name not in skip}
        findings += set_users(unit, layers, own, tally, conventions)
    if unit.mapping is not None and unit.strategy == "images":
        moved = frozenset(format_path(path) for path in tally.moved)
        needs = _needs(unit, layers, surface, planner, skip, moved)
        known = {id(one) for one, _ in contracts}
        others = [pair for pair in needs.findings if id(pair[0]) not in known] if tally.changed else []
        said = [*others, *_kept(contracts, staying)]
        findings += conditional_findings(unit, layers, said)
        for layer, outcomes in zip(layers, needs.layers if tally.changed else [()] * len(layers), strict=True):
            findings += _apply(unit, layer, outcomes)
        # What a chart's own mapping vouches for is said by its findings, not by the general rule.
        for key in [key for key in tally.findings if key[0] == _CONTRACT]:
            if unit.mapping.images is not None:
                del tally.findings[key]
    return tally, findings, defaults


def _speaks(unit: Unit) -> bool:
    return unit.mapping is not None and unit.mapping.images is not None


def _contracts(
    unit: Unit, layers: Sequence[Layer], surface: Surface | None, planner: ImagePlanner, skip: frozenset[str]
) -> list[tuple[Condition, int]]:
    """What the chart's mapping says cannot run under the chart: findings ``image-contract`` at a slot."""
    if unit.mapping is None or unit.strategy != "images":
        return []
    found = _needs(unit, layers, surface, planner, skip, None).findings
    return [(one, index) for one, index in found if one.rule == _CONTRACT and one.level == "error" and one.at]


def _kept(
    contracts: Sequence[tuple[Condition, int]], staying: Mapping[YamlPath, str]
) -> Iterator[tuple[Condition, int]]:
    """An image that stays runs as it did, so that is only said; one moved on request blocks as accepted."""
    for one, index in contracts:
        stays = parse_path(one.at or "") in staying
        yield (replace(one, level="warning", message=f"The image stays. {one.message}") if stays else one), index


def _surface(unit: Unit) -> Surface | None:
    if unit.mapping is None or (not unit.key and unit.subchart is not None):
        return None
    return source_surface(unit.mapping, unit.version)


def _defaults(unit: Unit, surface: Surface | None) -> Mapping[str, Yaml]:
    """The values below the user's: those of the vendored chart, else the surface that ships."""
    if not unit.key and unit.subchart is not None:
        return {}
    if unit.defaults is not None:
        return unit.defaults
    return surface.data if surface is not None else {}


def _not_at_hand(unit: Unit, surface: Surface | None, layers: Sequence[Layer]) -> Iterator[Finding]:
    if unit.key and unit.strategy == "images" and unit.subchart is None and surface is None:
        yield Finding(
            "chart-not-at-hand",
            "warning",
            f"{unit.name} {unit.version} is neither vendored nor mapped, so the images of its defaults are not known",
            layers[0].place(unit.key),
            "Run `helm dependency update` first, so that its values can be read from charts/.",
        )


def _needs(
    unit: Unit,
    layers: Sequence[Layer],
    surface: Surface | None,
    planner: ImagePlanner,
    skip: frozenset[str],
    moved: frozenset[str] | None,
) -> ImageNeeds:
    assert unit.mapping is not None  # noqa: S101 - checked by the caller
    own = [{k: v for k, v in layer.section(unit.key).items() if k not in skip} for layer in layers]
    given = [Given(values, {}, layer.below) for values, layer in zip(own, layers, strict=True)]
    try:
        nearest = source_surface(unit.mapping, unit.version)
    except ChartliftError:
        nearest = Surface("", {})
    return needs_of_images(
        unit.mapping,
        version=unit.version,
        source=surface or nearest,
        target=nearest,
        layers=given,
        name=unit.owner or unit.name,
        release=planner.options.release,
        moved=moved,
    )


def _apply(unit: Unit, layer: Layer, outcomes: Sequence[Outcome]) -> Iterator[Finding]:
    for outcome in outcomes:
        path = unit.key + (outcome.target or ())
        if outcome.fate == "manual" or layer.in_the_way(path):
            yield Finding(
                "user-value-in-the-way",
                "error",
                f"{format_path(path)} is set, and the hardened image needs {outcome.after!r}: {outcome.reason}",
                layer.place(path),
                "Set it by hand to what fits both, or remove it and run again.",
            )
        elif outcome.fate == "changed":
            leaf = leaf_of(path)
            before = layer.get(leaf)
            layer.set(path, outcome.after)
            after = layer.get(leaf)
            layer.record(
                unit.owner, "changed", leaf, leaf, reason=outcome.reason, rule=outcome.rule, before=before, after=after
            )
        else:
            layer.set(path, outcome.after)
            note_added(unit.owner, layer, path, outcome.after, outcome.reason, outcome.rule)


def place_of(unit: Unit, layers: Sequence[Layer]) -> Place:
    return layers[0].place(unit.key)
