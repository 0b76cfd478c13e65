"""Convert one group of references: its layers through the mapping, its references to the new chart.

Pure: sources in, changes and records out. What is not certain is refused whole, with the reason: a reference that
names the new chart over values of the old one would lose them without a word.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from chartlift.errors import ChartliftError, EditRefused
from chartlift.knowledge import Knowledge
from chartlift.plan.layers import Layer
from chartlift.plan.options import Options
from chartlift.plan.release_plan import PlannedValues, plan_values
from chartlift.plan.units import Unit
from chartlift.records import Yaml
from chartlift.references.carriers import changes_of, layer_of, text_of_values
from chartlift.references.formats import FORMATS
from chartlift.references.grouping import Group
from chartlift.references.records import AnyChange, NewTarget, Reference, Sources, Values
from chartlift.references.sources import has_template, lone_templates, with_templates_as
from chartlift.yamltext.document import Document
from chartlift.yamltext.edit import same_yaml

UNREAD = "values-not-read"
_NEVER_WRITTEN = ("bundled-dependency-lost",)
"""What a controller would carry out at the next sync, and nothing brings back."""
_RENDERED = ("helmfile release", "Argo CD ApplicationSet", "Skaffold release")
"""Their files may be rendered as templates although they hold none so far."""


@dataclass(frozen=True, slots=True)
class Converted:
    """A group with what became of it; ``changes`` are per layer and per reference."""

    group: Group
    layers: tuple[Layer, ...]
    planned: PlannedValues
    values: tuple[tuple[AnyChange, ...], ...]
    """Of each layer."""
    names: tuple[tuple[AnyChange, ...], ...]
    """Of each reference."""

    @property
    def changes(self) -> list[AnyChange]:
        return [change for some in (*self.values, *self.names) for change in some]


@dataclass(frozen=True, slots=True)
class Refused:
    """A group that stays as it is, and why."""

    group: Group
    reason: str
    help: str = ""


def convert(group: Group, sources: Sources, options: Options, knowledge: Knowledge) -> Converted | Refused:
    """Plan a group; nothing is written."""
    reason = _out_of_reach(group, options)
    if reason:
        return Refused(group, reason)
    try:
        return _convert(group, sources, replace(options, release=group.release or options.release), knowledge)
    except ChartliftError as error:
        return Refused(group, str(error), error.help or "")


def _out_of_reach(group: Group, options: Options) -> str:
    for reference in group.references:
        if reference.fixed:
            return reference.fixed
        if reference.unread and group.unit.strategy == "chart" and UNREAD not in options.accepted:
            told = "; ".join(one.message for one in reference.unread)
            return f"{told} (--accept {UNREAD} to go on without them)"
    return ""


def _convert(group: Group, sources: Sources, options: Options, knowledge: Knowledge) -> Converted:
    layers = _layers(group, sources)
    planned = plan_values(group.unit, layers, options, knowledge)
    lost = next((one for one in planned.findings if one.rule in _NEVER_WRITTEN and one.blocks), None)
    if lost is not None:
        raise EditRefused(f"{lost.message} [{lost.rule}]", help=lost.help)
    terraform = [node.values.terraform for node in group.nodes] or [False]
    if any(has_template(one.document.data, terraform=tf) for one, tf in zip(layers, terraform, strict=True)):
        _check_certain(group, layers, sources, options, knowledge)
    _check_braces(group, layers, sources)
    target = target_of(group.unit, options)
    values = tuple(tuple(_layer_changes(group, index, layers[index], sources)) for index in range(len(group.nodes)))
    if not group.nodes and layers[0].edits:
        raise EditRefused("it needs values, and there is no place for them that it has for itself")
    names = tuple(tuple(_renamed(one, target, sources)) for one in group.references)
    return Converted(group, tuple(layers), planned, values, names)


def _layers(group: Group, sources: Sources) -> list[Layer]:
    layers = [layer_of(node.values, sources, node.below) for node in group.nodes]
    for node in group.nodes:
        if lone_templates(text_of_values(node.values, sources)):
            raise EditRefused("its values hold template expressions on lines of their own", file=node.values.file)
    file = group.references[0].file
    return layers or [Layer(Document("", file, {}, None), file=file)]


def _layer_changes(group: Group, index: int, layer: Layer, sources: Sources) -> list[AnyChange]:
    user = next(one for one, paths in zip(group.references, group.paths, strict=True) if any(index in p for p in paths))
    node = group.nodes[index]
    return changes_of(node.values, layer, sources, FORMATS[user.format], None if node.below else user.fresh)


def _renamed(reference: Reference, target: NewTarget | None, sources: Sources) -> Iterator[AnyChange]:
    if target is not None:
        yield from FORMATS[reference.format].retarget(reference, target, sources)


def target_of(unit: Unit, options: Options) -> NewTarget | None:
    """The chart that takes over, at the mirror that the user named if it is a hardened one."""
    target = unit.target
    if target is None or unit.mapping is None or unit.mapping.target is None:
        return None
    mirrored = options.chart_repository is not None and not unit.mapping.target.harden
    repository = options.chart_repository if mirrored and options.chart_repository else target.repository
    return NewTarget(target.name, target.version, repository, options.pull_secret, unit.vendor or "")


def _check_braces(group: Group, layers: Sequence[Layer], sources: Sources) -> None:
    """Templates of the chart inside a text that another tool renders first would be taken for that tool's own."""
    rendered = any(reference.kind in _RENDERED for reference in group.references)
    for node, layer in zip(group.nodes, layers, strict=False):
        if not rendered or node.values.kind == "file" or sources[node.values.file].is_template:
            continue
        if "{{" in str(layer.data) and "{{" not in str(layer.document.data):
            kind = group.references[0].kind
            raise EditRefused(
                f"the new values hold templates of the chart, which the {kind} could take for its own",
                file=layer.file, help="Put the values of this release into a file of their own, then run again.",
            )  # fmt: skip


_STAND_INS: tuple[Yaml, ...] = ("x", False, 7)
"""What a template may give: a word, something that is not so, a number."""


def _check_certain(
    group: Group, layers: Sequence[Layer], sources: Sources, options: Options, knowledge: Knowledge
) -> None:
    """Does what is written hang on what a template gives? Plan again with other things in its place, and compare."""
    for stand_in in _STAND_INS:
        others = [_stand_in(node.values, stand_in, sources, node.below) for node in group.nodes]
        plan_values(group.unit, others, options, knowledge)
        for node, layer, other in zip(group.nodes, layers, others, strict=True):
            mine = with_templates_as(layer.data, stand_in, terraform=node.values.terraform)
            if not same_yaml(mine, other.data):
                raise EditRefused("what its values become hangs on template expressions", file=layer.file)


def _stand_in(values: Values, stand_in: Yaml, sources: Sources, below: tuple[int, ...]) -> Layer:
    layer = layer_of(values, sources, below)
    data = with_templates_as(layer.document.data, stand_in, terraform=values.terraform)
    return Layer(Document("", values.file, data, None), file=values.file, below=below)
