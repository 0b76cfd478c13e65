"""What a result makes a cluster pull: hardened images and charts, where they come from and where they are named now.

From the records of a run and the catalog: the images that values name, and those that a target chart of the
catalog pins by itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from chartlift.images.choose import Destination
from chartlift.images.reference import ImageReference, parse_reference
from chartlift.knowledge import Knowledge
from chartlift.plan.options import Options
from chartlift.records import Artefact, ChartRecord, SupplyChain, TargetChart


def list_artefacts(records: Sequence[ChartRecord], options: Options, knowledge: Knowledge) -> tuple[Artefact, ...]:
    """Every hardened artefact once: charts first, each kind in order."""
    found = {artefact for record in records for artefact in _of_record(record, options, knowledge)}
    return tuple(sorted(found, key=lambda one: (one.kind != "chart", one.home, one.at)))


def supply_chain(knowledge: Knowledge) -> SupplyChain | None:
    """What the hardened vendor says about checking its artefacts; the first vendor that says anything."""
    known = (vendor.supply_chain for vendor in knowledge.vendors.hardened.values())
    return next((one for one in known if one is not None), None)


def _of_record(record: ChartRecord, options: Options, knowledge: Knowledge) -> Iterator[Artefact]:
    destination = Destination(options.registry, options.image_prefix)
    for image in record.images:
        reference = parse_reference(image.target or (image.source if image.status == "hardened" else ""))
        if reference is not None:
            yield from _image(reference, destination, knowledge)
    if record.target is not None:
        yield from _chart(record, record.target, destination, knowledge)


def _image(reference: ImageReference, destination: Destination, knowledge: Knowledge) -> Iterator[Artefact]:
    """An image by its place now, and by its own at home."""
    name = knowledge.vendors.at_home(reference) or destination.name_of(reference)
    registry = _home(knowledge)
    if name and registry:
        home = ImageReference(registry, name, reference.tag)
        yield Artefact("image", str(home), reference.tagged, reference.digest)


def _chart(
    record: ChartRecord, target: TargetChart, destination: Destination, knowledge: Knowledge
) -> Iterator[Artefact]:
    """The target chart and the images that it pins itself."""
    registry = _home(knowledge)
    chart = knowledge.catalog.chart(target.name)
    version = chart.version(target.version) if chart is not None else None
    if not registry or version is None:
        return
    at = f"{target.repository.partition('://')[2] or target.repository}/{target.name}:{target.version}"
    yield Artefact("chart", f"{registry}/{target.name}:{target.version}", at, version.digest or "")
    for image in version.images.values():
        reference = parse_reference(image)
        name = knowledge.vendors.at_home(reference) if reference is not None else None
        if reference is not None and name is not None:
            there = ImageReference(destination.registry, f"{destination.prefix}{name}", reference.tag)
            yield Artefact("image", reference.tagged, str(there), reference.digest)


def _home(knowledge: Knowledge) -> str:
    """The registry of the hardened vendor itself."""
    prefixes = (prefix for vendor in knowledge.vendors.hardened.values() for prefix in vendor.images)
    return next(prefixes, "")
