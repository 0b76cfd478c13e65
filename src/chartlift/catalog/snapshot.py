"""The packaged snapshot: an index that is read at once, and one file an image that is read on demand.

JSON with one definition a line, so that an update of the snapshot reads well as a diff. Opening costs
one small file; a run looks at a few dozen images of 554.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from chartlift.catalog.records import (
    CatalogChart,
    CatalogImage,
    ChartDependency,
    ChartVersion,
    Definition,
    Hit,
    WritablePath,
)
from chartlift.catalog.search import Entry, search
from chartlift.errors import ChartliftError

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

__all__ = ["Catalog", "CatalogChart", "CatalogImage", "ChartVersion", "Definition", "Hit", "load_catalog"]

SCHEMA = "chartlift.catalog/v1"
INDEX = "index.json"
CHARTS = "charts.json"
IMAGES = "images"
NAME = re.compile(r"[a-z0-9]+(?:[._-]+[a-z0-9]+)*")
"""Names of images and charts; they are file names in a snapshot."""
_HELP = "Install chartlift again, or rebuild the snapshot with `chartlift catalog sync DIR`."


@dataclass(frozen=True, slots=True)
class About:
    """What the index says of an image or chart."""

    title: str
    description: str = ""
    categories: tuple[str, ...] = ()
    tools: tuple[str, ...] = ()


class Catalog:
    """A snapshot of the public catalog at one revision."""

    def __init__(self, root: Traversable) -> None:
        self._root = root
        index = _read(root / INDEX)
        try:
            if index["schema"] != SCHEMA:
                raise _broken(INDEX, f"its format is {index['schema']!r}, not {SCHEMA!r}")
            self.revision: str = index["revision"]
            """The commit of the catalog."""
            self.date: str = index["date"]
            """ISO time of that commit."""
            self._about = {kind: _about(index[kind]) for kind in ("images", "charts")}
        except (KeyError, TypeError, ValueError) as error:
            raise _broken(INDEX, repr(error)) from None
        self._loaded: dict[str, CatalogImage] = {}
        self._chart_data: Any = None

    def image_names(self) -> tuple[str, ...]:
        return tuple(self._about["images"])

    def chart_names(self) -> tuple[str, ...]:
        return tuple(self._about["charts"])

    def image(self, name: str) -> CatalogImage | None:
        """One image with its definitions; None where the catalog has none of that name."""
        about = self._about["images"].get(name)
        if about is None:
            return None
        if name not in self._loaded:
            file = f"{name}.json"
            data = _read(self._root / IMAGES / file)
            try:
                self._loaded[name] = _image(name, about, data)
            except (AttributeError, KeyError, TypeError) as error:
                raise _broken(f"{IMAGES}/{file}", repr(error)) from None
        return self._loaded[name]

    def chart(self, name: str) -> CatalogChart | None:
        """One chart with its versions; None where the catalog has none of that name."""
        about = self._about["charts"].get(name)
        if about is None:
            return None
        if self._chart_data is None:
            self._chart_data = _read(self._root / CHARTS)
        try:
            versions = tuple(map(_chart_version, self._chart_data[name]))
        except (KeyError, TypeError) as error:
            raise _broken(CHARTS, repr(error)) from None
        return CatalogChart(name, about.title, about.description, versions, about.categories)

    def has_tag(self, image: str, tag: str) -> bool:
        """Whether a definition of that image makes the tag today."""
        found = self.image(image)
        return found is not None and found.definition_for(tag) is not None

    def digest_for(self, image: str, tag: str) -> str | None:
        """The digest that the catalog itself states for a tag; most tags have none.

        It is stated by a chart that pins it. The tag may have moved on since.
        """
        found = self.image(image)
        return None if found is None else found.digests.get(tag)

    def search(self, term: str) -> list[Hit]:
        """Images and charts by name, title, description and tag, the best match first, then by name."""
        entries = [_entry("image", name, about, self._tags) for name, about in self._about["images"].items()]
        entries += [_entry("chart", name, about, self._versions) for name, about in self._about["charts"].items()]
        return search(entries, term)

    def _tags(self, name: str) -> tuple[str, ...]:
        image = self.image(name)
        return () if image is None else image.tags()

    def _versions(self, name: str) -> tuple[str, ...]:
        chart = self.chart(name)
        return () if chart is None else tuple(version.version for version in chart.versions)


def load_catalog(root: Traversable | Path | None = None) -> Catalog:
    """Open the packaged snapshot, or another one.

    Errors (``ChartliftError``): there is no snapshot, or it is broken; an image's file that is broken is
    found when that image is asked for.
    """
    return Catalog(root if root is not None else packaged_data())


def packaged_data() -> Path:
    """Where the packaged snapshot is."""
    return Path(__file__).parent / "data"


def _entry(kind: str, name: str, about: About, tags: Callable[[str], tuple[str, ...]]) -> Entry:
    return Entry(kind, name, about.title, about.description, about.categories, lambda: tags(name))


def _read(file: Traversable) -> Any:
    try:
        return json.loads(file.read_text("utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise _broken(file.name, str(error)) from None


def _broken(file: str, why: str) -> ChartliftError:
    return ChartliftError(f"the catalog snapshot cannot be read: {why}", file=file, help=_HELP)


def _about(entries: Mapping[str, Any]) -> dict[str, About]:
    for name in entries:
        if not NAME.fullmatch(name):
            raise ValueError(f"{name!r} is no name of an image or chart")
    return {name: About(**{key: _frozen(value) for key, value in entry.items()}) for name, entry in entries.items()}


def _image(name: str, about: About, data: Mapping[str, Any]) -> CatalogImage:
    digests: Mapping[str, str] = data["digests"]
    definitions = tuple(_definition(name, entry, digests) for entry in data["definitions"])
    return CatalogImage(name, about.title, about.description, about.categories, definitions, digests, about.tools)


def _definition(image: str, entry: Mapping[str, Any], digests: Mapping[str, str]) -> Definition:
    definition = Definition(**{key: _frozen(value) for key, value in entry.items()}, image=image)
    stated = {digests[tag] for tag in definition.tags if tag in digests}
    writable = tuple(WritablePath(*path) for path in entry.get("writable", ()))
    return replace(definition, writable=writable, digest=stated.pop() if len(stated) == 1 else None)


def _chart_version(entry: Mapping[str, Any]) -> ChartVersion:
    version = ChartVersion(**{key: _frozen(value) for key, value in entry.items()})
    return replace(version, dependencies=tuple(ChartDependency(**one) for one in entry.get("dependencies", ())))


def _frozen(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
