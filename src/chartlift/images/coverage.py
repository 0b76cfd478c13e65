"""How far the image mappings reach: a vendor's images that have an answer, hardened images whose origin is known."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from chartlift.catalog.snapshot import Catalog
from chartlift.images.inventory import Inventory, reference_of
from chartlift.images.mapping import ImageMappings


@dataclass(frozen=True, slots=True)
class VendorCoverage:
    """What becomes of one vendor's images: name -> ``equivalent``, ``helper``, ``none`` or ``unclassified``."""

    vendor: str
    charts: int
    images: dict[str, str]

    def count(self, kind: str) -> int:
        return sum(found == kind for found in self.images.values())


@dataclass(frozen=True, slots=True)
class HardenedCoverage:
    """The hardened images: how many public images each replaces, and those of which nothing is known."""

    replaced: dict[str, int]
    explained: dict[str, str]
    """Those that replace nothing, with the reason."""
    unknown: tuple[str, ...]


def cover_vendor(inventory: Inventory, mappings: ImageMappings) -> VendorCoverage:
    """Look every image of an inventory up."""
    kinds: dict[str, str] = {}
    for name in inventory.images():
        entry = mappings.find(reference_of(name))
        kinds[name] = entry.kind if entry is not None else "unclassified"
    return VendorCoverage(inventory.vendor, len(inventory.charts), kinds)


def cover_catalog(mappings: ImageMappings, catalog: Catalog) -> HardenedCoverage:
    """Count the public images behind each hardened one, whichever file says so."""
    behind = Counter(entry.image for section in mappings.entries.values() for entry in section.values() if entry.image)
    names = catalog.image_names()
    reasons = {name: mappings.upstreams[name].reason for name in names if name in mappings.upstreams}
    replaced = {name: behind[name] for name in names if behind[name]}
    explained = {name: reasons[name] for name in names if name not in replaced and reasons.get(name)}
    unknown = tuple(name for name in names if name not in replaced and name not in explained)
    return HardenedCoverage(replaced, explained, unknown)


def describe_coverage(vendors: Sequence[VendorCoverage], hardened: HardenedCoverage, *, full: bool) -> Iterator[str]:
    """Lines for a terminal; ``full`` names each image."""
    for one in vendors:
        yield (
            f"{one.vendor}: {one.charts} charts name {len(one.images)} images: "
            f"{one.count('equivalent')} have an equivalent, {one.count('helper')} a helper in their place, "
            f"{one.count('none')} none (with the reason), "
            f"{one.count('unclassified')} unclassified"
        )
        for name, kind in one.images.items():
            if full or kind == "unclassified":
                yield f"  {kind:<12} {name}"
    total = len(hardened.replaced) + len(hardened.explained) + len(hardened.unknown)
    yield (
        f"hardened: {total} images: {len(hardened.replaced)} with what they replace "
        f"({sum(hardened.replaced.values())} references), "
        f"{len(hardened.explained)} that replace nothing (with the reason), {len(hardened.unknown)} unknown"
    )
    for name in hardened.unknown:
        yield f"  unknown      {name}"
    if full:
        yield from (f"  {count:>3} replaced   {name}" for name, count in hardened.replaced.items())
        yield from (f"  nothing      {name}: {reason}" for name, reason in hardened.explained.items())
