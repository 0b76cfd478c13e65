"""Which hardened image replaces which image: ``mappings/images.yaml``, overlaid by the user's.

An image without an entry has no replacement: there is no fallback by base name (shared design,
invariant 2; chainguard-dev/dfc emits one and is wrong with it).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

from chartlift.images.datafile import load_layers
from chartlift.images.reference import ImageReference
from chartlift.images.vendors import Vendors, load_vendors

Kind = Literal["equivalent", "helper", "none"]
BY_FULL_NAME = "*"
"""The section of the file that is keyed by registry and repository."""


@dataclass(frozen=True, slots=True)
class MajorEntry:
    """What differs for one major version of the source."""

    flavour: str | None = None
    qualifier: str | None = None


@dataclass(frozen=True, slots=True)
class ImageEntry:
    """One image of a vendor and its replacement; field meanings are at the top of ``images.yaml``."""

    vendor: str
    name: str
    image: str | None
    reason: str
    kind: Kind = "equivalent"
    flavour: str | None = None
    qualifier: str | None = None
    ignore_version: bool = False
    two_part: bool = False
    data: bool = False
    stepwise: bool = False
    vendor_contract: bool = False
    shell: bool = False
    alternative: str = ""
    evidence: str = ""
    majors: Mapping[str, MajorEntry] = field(default_factory=dict)

    def for_major(self, major: str) -> ImageEntry:
        """The entry as it is for one major version of the source."""
        own = self.majors.get(major)
        if own is None:
            return self
        return replace(self, flavour=own.flavour or self.flavour, qualifier=own.qualifier or self.qualifier)


@dataclass(frozen=True, slots=True)
class ImageMappings:
    """All entries, the vendors they belong to, and the user's mirrors of those vendors."""

    entries: Mapping[str, Mapping[str, ImageEntry]]
    vendors: Vendors
    source_prefixes: tuple[str, ...] = ()

    def find(self, reference: ImageReference) -> ImageEntry | None:
        """The entry of an image, by its vendor and short name, else by its full name."""
        owner = self.vendors.vendor_image(reference, self.source_prefixes)
        if owner is not None:
            found = self.entries.get(owner[0], {}).get(owner[1])
            if found is not None:
                return found
        return self.entries.get(BY_FULL_NAME, {}).get(reference.normalised().name)

    def knows(self, reference: ImageReference) -> bool:
        """Whether the image is a vendor's or a mapping's: the proof that a word in text is an image."""
        return (
            self.vendors.vendor_image(reference, self.source_prefixes) is not None
            or self.vendors.hardened_name(reference) is not None
            or self.find(reference) is not None
        )

    def with_source_prefixes(self, prefixes: Sequence[str]) -> ImageMappings:
        """The same mappings for someone who mirrors the vendors under these prefixes."""
        return replace(self, source_prefixes=tuple(prefixes))


def load_image_mappings(extra: Sequence[Path] = ()) -> ImageMappings:
    """Load ``images.yaml``, overlaid by those in the user's directories (a later entry replaces).

    Errors (``ChartliftError``): a file that does not fit ``mappings/schema/images.schema.json``.
    """
    entries: dict[str, dict[str, ImageEntry]] = {}
    for layer in load_layers("images.yaml", "images.schema.json", extra):
        for vendor, images in layer["images"].items():
            section = entries.setdefault(vendor, {})
            section.update({name: _entry(vendor, name, raw) for name, raw in images.items()})
    return ImageMappings(entries, load_vendors(extra))


def _entry(vendor: str, name: str, raw: Mapping[str, Any]) -> ImageEntry:
    image = raw["image"]
    return ImageEntry(
        vendor=vendor,
        name=name,
        image=image,
        reason=raw["reason"],
        kind="none" if image is None else raw.get("kind", "equivalent"),
        flavour=raw.get("flavour"),
        qualifier=raw.get("qualifier"),
        ignore_version=raw.get("version") == "ignore" or raw.get("kind") == "helper",
        two_part=raw.get("version") == "two-part",
        data=raw.get("data", False),
        stepwise=raw.get("stepwise", False),
        vendor_contract=raw.get("contract") == "vendor",
        shell=raw.get("shell", False),
        alternative=raw.get("alternative", ""),
        evidence=raw.get("evidence", ""),
        majors={major: MajorEntry(**own) for major, own in raw.get("majors", {}).items()},
    )
