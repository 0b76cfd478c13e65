"""Which images a vendor's charts name: ``mappings/inventory/<vendor>.json``, against which coverage is counted.

Read from the ``images`` annotation of Chart.yaml, where the vendor lists what its templates check, and from
the chart's own values.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from chartlift.chart.load import Chart
from chartlift.errors import ChartliftError
from chartlift.images.datafile import packaged_directory
from chartlift.images.find import find_chart_annotation_images, find_images
from chartlift.images.mapping import ImageMappings
from chartlift.images.reference import ImageReference, parse_reference
from chartlift.yamltext.load import read_yaml

SCHEMA = "chartlift.inventory/v1"
FOLDER = "inventory"


@dataclass(frozen=True, slots=True)
class Listed:
    """One chart and the images it names, without tags."""

    chart: str
    version: str
    images: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Inventory:
    """The charts of one vendor."""

    vendor: str
    charts: tuple[Listed, ...] = field(repr=False)

    def images(self) -> dict[str, tuple[str, ...]]:
        """Every image with the charts that name it, both in order."""
        users: dict[str, list[str]] = {}
        for listed in self.charts:
            for image in listed.images:
                users.setdefault(image, []).append(listed.chart)
        return {image: tuple(users[image]) for image in sorted(users)}


def list_images(chart: Chart, known: ImageMappings) -> Listed:
    """The images that a chart names itself; those of its subcharts are theirs."""
    named: set[str] = set()
    manifest = read_yaml(chart.tree.files[chart.file_path("Chart.yaml")].decode(), file=chart.tree.place("Chart.yaml"))
    found = find_chart_annotation_images(manifest if isinstance(manifest, dict) else {})
    named |= {_name(image.reference) for image in found if image.reference is not None}
    in_values = find_images(chart.values, app_version=chart.metadata.app_version, known=known, global_registry="")
    named |= {_name(image.reference) for image in in_values if image.reference is not None}
    return Listed(chart.name, chart.metadata.version, tuple(sorted(named)))


def _name(reference: ImageReference) -> str:
    return reference.normalised().name


def write_inventory(vendor: str, listed: Iterable[Listed]) -> str:
    """The file's text: JSON, one chart a line, so that an update reads well as a diff."""
    lines = [
        json.dumps({"chart": one.chart, "version": one.version, "images": list(one.images)})
        for one in sorted(listed, key=lambda one: (one.chart, one.version))
    ]
    head = f'{{"schema": "{SCHEMA}", "vendor": {json.dumps(vendor)}, "charts": [\n'
    return head + ",\n".join(lines) + "\n]}\n"


def load_inventories(directory: Path | None = None) -> list[Inventory]:
    """The packaged inventories, or those of a mappings directory. Errors: a file that is none."""
    files = sorted(((directory or packaged_directory()) / FOLDER).glob("*.json"))
    return [_read(file) for file in files]


def _read(file: Path) -> Inventory:
    try:
        data: Mapping[str, object] = json.loads(file.read_text("utf-8"))
        charts = data["charts"]
        if data["schema"] != SCHEMA or not isinstance(charts, list):
            raise ValueError(f"its schema is not {SCHEMA}")
        listed = tuple(Listed(one["chart"], one["version"], tuple(one["images"])) for one in charts)
    except (OSError, ValueError, KeyError, TypeError) as error:
        help_line = "Build it anew with `chartlift mappings inventory`."
        raise ChartliftError(f"no inventory: {error}", file=str(file), help=help_line) from None
    return Inventory(str(data["vendor"]), listed)


def reference_of(name: str) -> ImageReference:
    """An image of an inventory as a reference. Errors: ``ChartliftError`` for what is none."""
    reference = parse_reference(name)
    if reference is None:
        raise ChartliftError(f"{name!r} in an inventory is no image", help="Build it anew.")
    return reference
