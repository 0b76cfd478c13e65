"""Strategy ``images``: find the images a unit runs with these values, and write what they become.

Every layer is judged by what it means in its chain: an overlay that sets only ``tag`` names a whole
image once merged over the base and the chart's defaults. The target is worked out from the chain as
it *was* and written where the chain as it *is now* would still say something else, so an overlay gets
no more keys than it needs and no digest of an old image survives.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from chartlift.catalog.records import Definition
from chartlift.chart.values import merge_layers, merge_values
from chartlift.chart.versions import in_range
from chartlift.images.choose import Destination, ImageChoice, Need, choose_image
from chartlift.images.edits import plan_edits, plan_global_registry
from chartlift.images.find import FoundImage, find_images
from chartlift.images.mapping import ImageMappings
from chartlift.images.notes import hold_note
from chartlift.images.reference import ImageReference
from chartlift.knowledge import Knowledge
from chartlift.mapping.model import ImageSlot
from chartlift.plan.layers import Layer
from chartlift.plan.options import Options
from chartlift.plan.units import Unit
from chartlift.records import Finding, ImageRecord, Place, ValueRecord, Yaml, YamlPath, format_path
from chartlift.yamltext.edit import Set, same_yaml
from chartlift.yamltext.paths import get_in, parse_path

_MISSING = object()


@dataclass(slots=True)
class ImageTally:
    """The images of one unit while they are being planned; uses of the same image add up."""

    found: dict[tuple[str, str], ImageRecord] = field(default_factory=dict)
    """By image and what becomes of it: one may move at one place and stay at another."""
    findings: dict[tuple[str, Place], Finding] = field(default_factory=dict)
    slots: dict[YamlPath, Definition | None] = field(default_factory=dict)
    """Every image by its path in the values; the definition of those that moved and store no data."""
    moved: set[YamlPath] = field(default_factory=set)
    """Images that are hardened ones now, by their path in the values."""

    def note(self, source: str, choice: ImageChoice, place: Place) -> None:
        target = None if choice.target is None else str(choice.target)
        key = (source, target or choice.status)
        known = self.found.get(key)
        uses = (*known.uses, place) if known and place not in known.uses else known.uses if known else (place,)
        self.found[key] = ImageRecord(source, target, choice.status, choice.reason, uses)
        for rule, level, message, help_line in choice.findings:
            self.findings.setdefault((rule, place), Finding(rule, level, message, place, help_line))

    @property
    def changed(self) -> bool:
        return any(image.status == "mapped" for image in self.found.values())


@dataclass(frozen=True, slots=True)
class ImagePlanner:
    """What choosing images needs besides the image: knowledge, destination, the asked flavour."""

    knowledge: Knowledge
    options: Options
    staying: Mapping[YamlPath, str] = field(default_factory=dict)
    """Images of one unit that its mapping says cannot move: path in the values -> why."""
    only_hardened: bool = False
    """Only bring images that are hardened already to the mirror; leave all others."""
    only_source: bool = False
    """Only the source vendor's images: the chart is of somebody who is not known, and was written for its own."""
    slots_decide: bool = False
    """A slot without an image speaks of whatever the chart names there, whoever publishes it."""

    @property
    def images(self) -> ImageMappings:
        return self.knowledge.images.with_source_prefixes(self.options.source_prefixes)

    @property
    def destination(self) -> Destination:
        options = self.options
        return Destination(options.registry, options.image_prefix, options.pin_digests)

    def choose(self, found: FoundImage, slot: ImageSlot | None) -> ImageChoice | None:
        if found.reference is None:
            return None
        if self.only_hardened:
            hardened = self.images.vendors.at_home(found.reference) is not None
            return self.choose_for(found.reference, Need()) if hardened else None
        if self.only_source and not self.is_source(found.reference):
            return None
        if found.path in self.staying:
            return ImageChoice(None, "kept", " ".join(self.staying[found.path].split()))
        if str(found.reference.normalised()) in self.options.held:
            return self.choose_for(found.reference, Need())
        if slot is not None and slot.image is None and (self.slots_decide or self.images.knows(found.reference)):
            return ImageChoice(None, "kept", slot.reason or "no hardened equivalent", None, ())
        need = replace(
            self.need(),
            flavour=(slot.flavour if slot else None) or self.options.flavour,
            image=slot.image if slot else None,
        )
        return self.choose_for(found.reference, need)

    def is_source(self, reference: ImageReference) -> bool:
        """Is it an image of the vendor that is migrated from?"""
        vendors = self.images.vendors
        found = vendors.vendor_image(reference, self.options.source_prefixes)
        return found is not None and found[0] == vendors.mirrored

    def need(self) -> Need:
        """What the user asks of every image."""
        options = self.options
        return Need(
            flavour=options.flavour,
            distribution=options.distribution,
            platforms=options.platforms,
            accepted=options.accepted,
        )

    def choose_for(self, reference: ImageReference, need: Need) -> ImageChoice:
        """The replacement of one image."""
        why = self.options.held.get(str(reference.normalised()))
        if why is not None:
            return ImageChoice(None, "kept", why, None, (hold_note(reference, why),))
        return choose_image(reference, need, self.images, self.knowledge.catalog, self.destination)


def plan_unit_images(
    unit: Unit,
    layers: Sequence[Layer],
    defaults: Mapping[str, Yaml],
    planner: ImagePlanner,
    skip: frozenset[str] = frozenset(),
) -> ImageTally:
    """Plan the images of one unit in every layer; ``skip`` are keys that other units own."""
    tally = ImageTally()
    defaults = {name: value for name, value in defaults.items() if name not in skip}
    before = [_section(layer, unit.key, skip) for layer in layers]
    chains = [merge_layers([_section(one, unit.key, skip) for one in layer.chain(layers)]) for layer in layers]
    registries = [_global_registry(layer.chain(layers)) for layer in layers]
    for index, layer in enumerate(layers):
        was = merge_values(chains[index], defaults)
        found = find_images(
            was,
            app_version=_app_version(unit),
            known=planner.images,
            global_registry=registries[index] if unit.key else "",
        )
        mine = [image for image in found if not index or _touches(before[index], image)]
        chosen = [(image, choice) for image in mine if (choice := planner.choose(image, _slot(unit, image.path)))]
        for image, choice in chosen:
            tally.note(str(image.reference), choice, _place(unit, layer, image))
            tally.moved |= {image.path} if choice.status in ("mapped", "hardened") else set()
            tally.slots.setdefault(image.path, _moved(image, choice, planner))
        _write_all(unit, layers, index, defaults, chosen, planner)
        _rule_registry(unit, layer, chosen, planner, tally)
    return tally


Chosen = tuple[FoundImage, ImageChoice]


def _moved(found: FoundImage, choice: ImageChoice, planner: ImagePlanner) -> Definition | None:
    entry = planner.images.find(found.reference) if found.reference is not None else None
    stores_data = entry is not None and entry.data
    return choice.definition if choice.status == "mapped" and not stores_data else None


def _write_all(
    unit: Unit,
    layers: Sequence[Layer],
    index: int,
    defaults: Mapping[str, Yaml],
    chosen: Sequence[Chosen],
    planner: ImagePlanner,
) -> None:
    layer = layers[index]
    reasons = {path: choice for found, choice in chosen for path in (found.path, *found.slots.values())}
    edits = plan_edits([pair for pair in chosen if _can_write(unit, layer, pair[0])], planner.destination)
    if not edits:
        return
    now = merge_values(merge_layers([one.section(unit.key) for one in layer.chain(layers)]), defaults)
    for edit in edits:
        if isinstance(edit, Set) and not _is(now, edit.path, edit.value):
            _write(unit, layer, edit, reasons[edit.path])


def _can_write(unit: Unit, layer: Layer, found: FoundImage) -> bool:
    """A list that only the defaults have cannot be edited: Helm replaces lists, it does not merge them."""
    leaf = leaf_of(unit.key + found.path)
    if layer.in_the_way(unit.key + found.path):
        return False
    return len(leaf) == len(unit.key + found.path) or layer.has(leaf)


def _global_registry(chain: Sequence[Layer]) -> str:
    found = (layer.get(("global", "imageRegistry")) for layer in reversed(chain))
    return next((one for one in found if one and isinstance(one, str)), "")


def _rule_registry(
    unit: Unit, layer: Layer, chosen: Sequence[Chosen], planner: ImagePlanner, tally: ImageTally
) -> None:
    """``global.imageRegistry`` beats the registry of each image, so it has to move with them."""
    edits, notes = plan_global_registry(chosen, planner.destination)
    for edit in edits:
        if isinstance(edit, Set) and layer.has(edit.path) and layer.get(edit.path) != edit.value:
            before = layer.get(edit.path)
            layer.set(edit.path, edit.value)
            layer.record(
                unit.owner, "changed", edit.path, edit.path, reason="the images under it moved", rule="image",
                before=before, after=edit.value,
            )  # fmt: skip
    place = layer.place(("global", "imageRegistry"))
    for rule, level, message, help_line in notes:
        tally.findings.setdefault((rule, place), Finding(rule, level, message, place, help_line))


def _is(data: Mapping[str, Yaml], path: YamlPath, value: Yaml) -> bool:
    found = get_in(data, path, _MISSING)
    return found is not _MISSING and same_yaml(found, value)


def _write(unit: Unit, layer: Layer, edit: Set, choice: ImageChoice) -> None:
    path = unit.key + edit.path
    leaf = leaf_of(path)
    written, before = layer.has(leaf), layer.get(leaf)
    layer.set(path, edit.value)
    reason = choice.reason or f"becomes {choice.target}"
    if written and layer.is_users(leaf):
        after = layer.get(leaf)
        layer.record(unit.owner, "changed", leaf, leaf, reason=reason, rule="image", before=before, after=after)
    elif not (written and layer.revise(leaf, layer.get(leaf), reason)):
        note_added(unit.owner, layer, path, edit.value, reason, "image")


def note_added(owner: str, layer: Layer, path: YamlPath, value: Yaml, reason: str, rule: str) -> None:
    """Enter a value that the tool wrote of its own accord."""
    dotted = format_path(path)
    layer.add(
        owner,
        ValueRecord("added", None, dotted, Place(layer.file, None, dotted), reason, rule, None, value),
    )


def leaf_of(path: YamlPath) -> YamlPath:
    """The ledger's leaf that holds ``path``: a list counts as one leaf."""
    for index, part in enumerate(path):
        if isinstance(part, int):
            return path[:index]
    return path


def _section(layer: Layer, key: YamlPath, skip: frozenset[str]) -> dict[str, Yaml]:
    return {name: value for name, value in layer.section(key).items() if name not in skip}


def _touches(overlay: Mapping[str, Yaml], found: FoundImage) -> bool:
    """Does the overlay itself say anything about this image?"""
    return any(get_in(overlay, path, _MISSING) is not _MISSING for path in found.slots.values())


def _slot(unit: Unit, path: YamlPath) -> ImageSlot | None:
    if unit.mapping is None or unit.mapping.images is None:
        return None
    for slot in unit.mapping.images.slots:
        if parse_path(slot.path) == path and (slot.versions is None or in_range(unit.version, slot.versions)):
            return slot
    return None


def _app_version(unit: Unit) -> str | None:
    return unit.subchart.metadata.app_version if unit.subchart is not None else None


def _place(unit: Unit, layer: Layer, found: FoundImage) -> Place:
    # Two keys side by side (`cacheImage`, `cacheImageTag`) have no map of their own: the name's key stands for them.
    path = unit.key + (found.path or found.slots.get("repository", ()))
    return layer.place(path) if layer.has(path) else Place(layer.file, None, format_path(path))


def image_records(tally: ImageTally) -> tuple[ImageRecord, ...]:
    """The images in a stable order."""
    return tuple(tally.found[key] for key in sorted(tally.found))


def left_as_they_are(tally: ImageTally) -> Iterator[Finding]:
    """One finding for each image that nothing is known of: it stays, and a person decides."""
    for image in image_records(tally):
        if image.status == "unmapped":
            yield Finding(
                "unmapped-image",
                "warning",
                f"{image.source} stays: {image.reason}",
                image.uses[0],
                "Add it to mappings/images.yaml in a directory of yours and pass --mappings, or leave it.",
            )
