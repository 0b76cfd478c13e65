"""Which values people set: ``mappings/usage/<vendor>.json``, counted in public repositories.

Figures only: of a place where a chart of the vendor is installed, the names of the keys that it sets.
They say which values most users would miss (design, "mappings").
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from chartlift.errors import ChartliftError
from chartlift.images.datafile import packaged_directory

SCHEMA = "chartlift.usage/v1"
FOLDER = "usage"


@dataclass(frozen=True, slots=True)
class Usage:
    """One chart: in how many places it was seen, and which key is set in how many of them, most-set first."""

    vendor: str
    chart: str
    places: int
    repositories: int
    keys: Mapping[str, int] = field(repr=False)


def load_usage(directory: Path | None = None) -> list[Usage]:
    """What is known, by vendor and chart; packaged, or of a mappings directory. Errors: a file that is none."""
    files = sorted(((directory or packaged_directory()) / FOLDER).glob("*.json"))
    return [usage for file in files for usage in _read(file)]


def _read(file: Path) -> Iterator[Usage]:
    try:
        data = json.loads(file.read_text("utf-8"))
        if data["schema"] != SCHEMA:
            raise ValueError(f"its schema is not {SCHEMA}")
        for one in data["charts"]:
            counts = {str(key): int(count) for key, count in one["keys"].items()}
            yield Usage(str(data["vendor"]), str(one["chart"]), int(one["places"]), int(one["repositories"]), counts)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise ChartliftError(
            f"no usage figures: {error}", file=str(file), help="docs/mappings.md says what it holds."
        ) from None
