"""Read all image and chart definitions of a checkout of the catalog.

``image/<name>/<distribution>/<line>.yaml`` are build definitions, ``chart/<folder>/helm/<line>.yaml`` those
of charts, ``info.yaml`` beside them the titles; other folders there hold what the builds need.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from chartlift.catalog.charts import read_chart
from chartlift.catalog.define import Read, inherit, read_definition
from chartlift.catalog.facts import read_facts
from chartlift.catalog.records import ChartVersion, Definition
from chartlift.catalog.snapshot import NAME, About
from chartlift.errors import ChartliftError

HELP = "Give a checkout of the docker-hardened-images catalog: a folder that holds image/ and chart/."
_DISTRIBUTION = re.compile(r"[a-z]+-[0-9]+(?:\.[0-9]+)*")
_MOST_FILES = 50_000

Images = dict[str, tuple[About, tuple[Definition, ...]]]
Charts = dict[str, tuple[About, tuple[ChartVersion, ...]]]


def read_images(checkout: Path) -> Images:
    """Every image with its definitions, what whole images copied into them bring along included."""
    images: dict[str, tuple[About, list[Read]]] = {}
    count = 0
    for folder in _folders(checkout / "image"):
        about = _about(folder, checkout)
        files = [
            file
            for distribution in _folders(folder)
            if _DISTRIBUTION.fullmatch(distribution.name)
            for file in sorted([*distribution.glob("*.yaml"), *distribution.glob("*.yml")])
        ]
        count += len(files)
        if count > _MOST_FILES:
            raise ChartliftError(f"more than {_MOST_FILES} definitions", file=str(checkout), help=HELP)
        reads = [read_definition(file, checkout, frozenset(about.tools)) for file in files]
        _refuse_doubles(reads)
        if reads:
            images[folder.name] = about, reads
    return _inherited(images)


def read_charts(checkout: Path) -> Charts:
    """Every chart with its versions, newest first."""
    charts: dict[str, tuple[About, list[ChartVersion]]] = {}
    for folder in _folders(checkout / "chart"):
        about = _about(folder, checkout)
        for file in sorted([*folder.glob("helm/*.yaml"), *folder.glob("helm/*.yml")]):
            name, version = read_chart(file, checkout)
            _checked_name(name, folder)
            versions = charts.setdefault(name, (about, []))[1]
            other = next((one.file for one in versions if one.version == version.version), None)
            if other is not None:
                message = f"makes the version {version.version}, and so does {other}"
                raise ChartliftError(message, file=version.file, help=HELP)
            versions.append(version)
    return {
        name: (about, tuple(sorted(versions, key=lambda one: _numbers(one.version), reverse=True)))
        for name, (about, versions) in charts.items()
    }


def _folders(root: Path) -> list[Path]:
    """Sub-folders by name; hidden ones and links are none of the catalog."""
    found = sorted(path for path in root.iterdir() if path.is_dir() and not path.is_symlink())
    return [path for path in found if not path.name.startswith(".")]


def _about(folder: Path, checkout: Path) -> About:
    _checked_name(folder.name, folder)
    if not (folder / "info.yaml").exists():
        return About(folder.name, "")
    about = read_facts(folder / "info.yaml", checkout).inside("metadata")
    tools = tuple(tool.required("name") for tool in about.each("included-tools"))
    title = about.line("display-name") or folder.name
    categories = about.texts("categories")
    # Its own sentences stay in the catalog; what kind of thing it is comes from the categories.
    return About(title, ", ".join(category.replace("-", " ") for category in categories), categories, tools)


def _checked_name(name: str, folder: Path) -> None:
    if not NAME.fullmatch(name):
        raise ChartliftError(f"{name!r} cannot be the name of an image or chart", file=str(folder), help=HELP)


def _refuse_doubles(reads: Sequence[Read]) -> None:
    """One tag is one image; two definitions of it would make the choice an accident."""
    makers: dict[str, str] = {}
    for read in reads:
        for tag in read.definition.tags:
            other = makers.setdefault(tag, read.definition.file)
            if other != read.definition.file:
                raise ChartliftError(f"makes the tag {tag}, and so does {other}", file=read.definition.file, help=HELP)


def _inherited(images: Mapping[str, tuple[About, list[Read]]]) -> Images:
    """Definitions with what the images copied into them as a whole bring along."""
    made = {
        f"{name}:{tag}": read.definition
        for name, (_, reads) in images.items()
        for read in reads
        for tag in read.definition.tags
    }
    return {name: (about, tuple(_with_copies(read, made) for read in reads)) for name, (about, reads) in images.items()}


def _with_copies(read: Read, made: Mapping[str, Definition]) -> Definition:
    definition = read.definition
    for copied in read.copies:
        if copied in made:
            definition = inherit(definition, made[copied])
    return definition


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(map(int, re.findall(r"[0-9]{1,18}", version)))
