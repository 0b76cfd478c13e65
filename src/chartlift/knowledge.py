"""What is known: mapping files, image mappings, vendors and the catalog, loaded once a run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from chartlift.catalog.snapshot import Catalog, load_catalog
from chartlift.images.mapping import ImageMappings, load_image_mappings
from chartlift.images.programs import Programs, load_programs
from chartlift.images.vendors import Vendors, load_vendors
from chartlift.mapping.load import Mappings, load_mappings


@dataclass(frozen=True, slots=True)
class Knowledge:
    """The data that decisions are made from; nothing of it is written in Python."""

    mappings: Mappings
    images: ImageMappings
    vendors: Vendors
    catalog: Catalog
    programs: Programs


def load_knowledge(extra: Sequence[Path] = ()) -> Knowledge:
    """Load the packaged data, overlaid by the user's ``--mappings`` directories in the order given."""
    return Knowledge(
        load_mappings(extra), load_image_mappings(extra), load_vendors(extra), load_catalog(), load_programs(extra)
    )
