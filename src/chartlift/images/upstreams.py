"""The other way round: for each hardened image the public images that it replaces (``mappings/upstreams/``).

One entry a hardened image, so that coverage of the catalog can be counted; here they become entries of
the images they replace, under their vendor where it is known and else under their full name.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from chartlift.errors import ChartliftError
from chartlift.images.datafile import check_data, packaged_directory, read_data
from chartlift.images.entries import ImageEntry, build_entry
from chartlift.images.reference import parse_reference
from chartlift.images.vendors import Vendors

FOLDER = "upstreams"
BY_FULL_NAME = "*"
"""The section of entries that are keyed by registry and repository."""
_HELP = "Write registry and repository in full, such as quay.io/prometheus/prometheus, without a tag."


@dataclass(frozen=True, slots=True)
class Upstream:
    """One hardened image and what it replaces; ``reason`` says why where that is nothing."""

    image: str
    replaces: tuple[str, ...]
    evidence: str
    reason: str
    file: str


def load_upstreams(vendors: Vendors, directory: Path | None = None) -> tuple[dict[str, Upstream], list[ImageEntry]]:
    """The upstreams of a mappings directory (the packaged one if None), and the entries they make.

    Errors (``ChartliftError``): a file that does not fit ``mappings/schema/upstreams.schema.json``.
    """
    found: dict[str, Upstream] = {}
    entries: list[ImageEntry] = []
    for file in sorted(((directory or packaged_directory()) / FOLDER).glob("*.yaml")):
        data = read_data(file)
        if directory is not None:
            check_data(data, "upstreams.schema.json", file=str(file))
        for image, raw in data["images"].items():
            mine = list(_entries(image, raw, vendors, str(file)))
            names = tuple(_name(item) for item in raw["replaces"])
            found[image] = Upstream(image, names, raw.get("evidence", ""), raw.get("reason", ""), file.name)
            entries += mine
    return found, entries


def _entries(image: str, raw: Mapping[str, Any], vendors: Vendors, file: str) -> Iterator[ImageEntry]:
    common = {key: value for key, value in raw.items() if key != "replaces"}
    for item in raw["replaces"]:
        own = {key: value for key, value in item.items() if key != "name"} if isinstance(item, dict) else {}
        vendor, name = _owner(_name(item), vendors, file)
        reason = own.get("reason") or common.get("reason") or "same software, built hardened"
        yield build_entry(vendor, name, {**common, **own, "image": image, "reason": reason})


def _name(item: str | Mapping[str, Any]) -> str:
    return item if isinstance(item, str) else str(item["name"])


def _owner(name: str, vendors: Vendors, file: str) -> tuple[str, str]:
    reference = parse_reference(name)
    if reference is None or reference.tag or reference.digest or not reference.registry:
        raise ChartliftError(f"{name!r} is no name of an image", file=file, help=_HELP)
    return vendors.vendor_image(reference) or (BY_FULL_NAME, reference.normalised().name)


def add_entries(sections: dict[str, dict[str, ImageEntry]], entries: Sequence[ImageEntry]) -> None:
    """Enter them under their vendors; a later entry replaces an earlier one."""
    for entry in entries:
        sections.setdefault(entry.vendor, {})[entry.name] = entry
