"""Which hardened image replaces which image: ``mappings/images.yaml`` and ``upstreams/``, overlaid by the user's.

An image without an entry has no replacement: there is no fallback by base name (shared design,
invariant 2; chainguard-dev/dfc emits one and is wrong with it).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from chartlift.images.datafile import load_layers
from chartlift.images.entries import ImageEntry, Kind, MajorEntry, build_entry
from chartlift.images.reference import ImageReference
from chartlift.images.upstreams import BY_FULL_NAME, Upstream, add_entries, load_upstreams
from chartlift.images.vendors import Vendors, load_vendors

__all__ = ["BY_FULL_NAME", "ImageEntry", "ImageMappings", "Kind", "MajorEntry", "load_image_mappings"]


@dataclass(frozen=True, slots=True)
class ImageMappings:
    """All entries, the vendors they belong to, and the user's mirrors of those vendors."""

    entries: Mapping[str, Mapping[str, ImageEntry]]
    vendors: Vendors
    upstreams: Mapping[str, Upstream] = field(default_factory=dict)
    """What each hardened image replaces, by its name in the catalog."""
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
    """Load ``upstreams/`` and ``images.yaml``, overlaid by the user's directories (a later entry replaces).

    Errors (``ChartliftError``): a file that does not fit its schema in ``mappings/schema/``.
    """
    vendors = load_vendors(extra)
    layers = load_layers("images.yaml", "images.schema.json", extra)
    own = dict(zip(_with_images(extra), layers[1:], strict=True))
    entries: dict[str, dict[str, ImageEntry]] = {}
    upstreams: dict[str, Upstream] = {}
    for directory in (None, *extra):
        found, replaced = load_upstreams(vendors, directory)
        upstreams.update(found)
        add_entries(entries, replaced)
        layer = layers[0] if directory is None else own.get(directory, {"images": {}})
        for vendor, images in layer["images"].items():
            add_entries(entries, [build_entry(vendor, name, raw) for name, raw in images.items()])
    return ImageMappings(entries, vendors, upstreams)


def _with_images(extra: Sequence[Path]) -> list[Path]:
    return [directory for directory in extra if (directory / "images.yaml").is_file()]
