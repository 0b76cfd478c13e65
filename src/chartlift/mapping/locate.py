"""Where the packaged mappings are: in the wheel, or at the top of a checkout."""

from __future__ import annotations

from pathlib import Path

from chartlift.errors import ChartliftError


def mappings_root() -> Path:
    """The folder with mapping files, ``schema/`` and ``surfaces/``."""
    package = Path(__file__).resolve().parent.parent
    for root in (package / "_mappings", package.parent.parent / "mappings"):
        if (root / "schema").is_dir():
            return root
    raise ChartliftError("the packaged mappings are missing", help="Install chartlift again.")
