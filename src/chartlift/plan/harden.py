"""Strategy ``images`` for one unit: its images, what they need, and whether that can run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from chartlift.errors import ChartliftError
from chartlift.mapping.engine import Given, ImageNeeds, Outcome, needs_of_images
from chartlift.mapping.surfaces import Surface, source_surface
from chartlift.plan.images import ImagePlanner, ImageTally, leaf_of, note_added, plan_unit_images
from chartlift.plan.layers import Layer
from chartlift.plan.remarks import conditional_findings
from chartlift.plan.units import Unit
from chartlift.records import Finding, Place, Yaml, format_path


def harden_unit(
    unit: Unit, layers: Sequence[Layer], planner: ImagePlanner, skip: frozenset[str]
) -> tuple[ImageTally, list[Finding], Mapping[str, Yaml]]:
    """Plan the images of a unit that keeps its chart; also gives the defaults it was planned over."""
    surface = _surface(unit)
    defaults = _defaults(unit, surface)
    tally = plan_unit_images(unit, layers, defaults, planner, skip)
    findings = list(_not_at_hand(unit, surface, layers))
    if unit.mapping is not None and tally.changed and unit.strategy == "images":
        needs = _needs(unit, layers, surface, planner, skip)
        findings += conditional_findings(unit, layers, needs.findings)
        for layer, outcomes in zip(layers, needs.layers, strict=True):
            findings += _apply(unit, layer, outcomes)
        # What a chart's own mapping vouches for is said by its findings, not by the general rule.
        for key in [key for key in tally.findings if key[0] == "image-contract"]:
            if unit.mapping.images is not None:
                del tally.findings[key]
    return tally, findings, defaults


def _surface(unit: Unit) -> Surface | None:
    if not unit.key or unit.mapping is None:
        return None
    return source_surface(unit.mapping, unit.version)


def _defaults(unit: Unit, surface: Surface | None) -> Mapping[str, Yaml]:
    """The values below the user's: those of the vendored chart, else the surface that ships."""
    if not unit.key:
        return {}
    if unit.subchart is not None:
        return unit.subchart.values
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
    unit: Unit, layers: Sequence[Layer], surface: Surface | None, planner: ImagePlanner, skip: frozenset[str]
) -> ImageNeeds:
    assert unit.mapping is not None  # noqa: S101 - checked by the caller
    given = [
        Given({k: v for k, v in layer.section(unit.key).items() if unit.key or k not in skip}, {}) for layer in layers
    ]
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
    )


def _apply(unit: Unit, layer: Layer, outcomes: Sequence[Outcome]) -> Iterator[Finding]:
    for outcome in outcomes:
        path = unit.key + (outcome.target or ())
        if outcome.fate == "manual":
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
