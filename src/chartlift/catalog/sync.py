"""Rebuild the snapshot from a checkout of the public catalog, and say what changed.

The catalog is github.com/docker-hardened-images/catalog. The former snapshot stays until the new one is
whole; a file that cannot be read stops everything, since a snapshot with gaps would mislead.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from chartlift.catalog.charts import references_of, stated_digests
from chartlift.catalog.checkout import HELP, Charts, read_charts, read_images
from chartlift.catalog.revision import stamp
from chartlift.catalog.snapshot import Catalog, packaged_data
from chartlift.catalog.write import Content, as_texts, replace_snapshot
from chartlift.errors import ChartliftError

__all__ = ["SyncSummary", "packaged_data", "summary_lines", "sync"]

_MOST_LINES = 100


@dataclass(frozen=True, slots=True)
class SyncSummary:
    """What a new snapshot holds, and how it differs from the one before; tags read ``image:tag``."""

    revision: str
    date: str
    images: int
    definitions: int
    charts: int
    images_added: tuple[str, ...]
    images_removed: tuple[str, ...]
    charts_added: tuple[str, ...]
    charts_removed: tuple[str, ...]
    tags_added: tuple[str, ...]
    tags_removed: tuple[str, ...]


def sync(checkout: Path, target: Path, *, revision: str | None = None, date: str | None = None) -> SyncSummary:
    """Write a snapshot of ``checkout`` to ``target``; the former one stays until the new one is whole.

    Errors (``ChartliftError``): no catalog there, a definition that cannot be read, a tag that two
    definitions make, neither a git checkout nor ``revision`` and ``date``, a ``target`` that is something else.
    """
    if not (checkout / "image").is_dir() or not (checkout / "chart").is_dir():
        raise ChartliftError("holds no image/ or no chart/", file=str(checkout), help=HELP)
    commit, day = stamp(checkout, revision, date)
    images = read_images(checkout)
    charts = read_charts(checkout)
    stated = stated_digests(pin for _, versions in charts.values() for one in versions for pin in references_of(one))
    content = Content(commit, day, images, _with_digests(charts, stated), stated)
    before = _former_tags(target)
    replace_snapshot(target, as_texts(content))
    return _compare(content, before, _Tags.of(Catalog(target)))


def _with_digests(charts: Charts, stated: Mapping[str, Mapping[str, str]]) -> Charts:
    return {
        name: (about, tuple(replace(one, digest=stated.get(name, {}).get(one.version)) for one in versions))
        for name, (about, versions) in charts.items()
    }


@dataclass(frozen=True, slots=True)
class _Tags:
    """Names and tags of a snapshot; ``name:tag``."""

    images: frozenset[str]
    charts: frozenset[str]
    tags: frozenset[str]

    @classmethod
    def of(cls, catalog: Catalog) -> _Tags:
        names = frozenset(catalog.image_names()), frozenset(catalog.chart_names())
        return cls(*names, frozenset(_tags(catalog)))


def _former_tags(target: Path) -> _Tags:
    """None where there is no snapshot yet, or one that is broken and to be replaced."""
    try:
        return _Tags.of(Catalog(target))
    except ChartliftError:
        return _Tags(frozenset(), frozenset(), frozenset())


def _tags(catalog: Catalog) -> Iterator[str]:
    for name in catalog.image_names():
        image = catalog.image(name)
        yield from (f"{name}:{tag}" for tag in (image.tags() if image else ()))
    for name in catalog.chart_names():
        chart = catalog.chart(name)
        yield from (f"{name}:{version.version}" for version in (chart.versions if chart else ()))


def _compare(content: Content, before: _Tags, after: _Tags) -> SyncSummary:
    return SyncSummary(
        revision=content.revision,
        date=content.date,
        images=len(content.images),
        definitions=sum(len(definitions) for _, definitions in content.images.values()),
        charts=len(content.charts),
        images_added=tuple(sorted(after.images - before.images)),
        images_removed=tuple(sorted(before.images - after.images)),
        charts_added=tuple(sorted(after.charts - before.charts)),
        charts_removed=tuple(sorted(before.charts - after.charts)),
        tags_added=tuple(sorted(after.tags - before.tags)),
        tags_removed=tuple(sorted(before.tags - after.tags)),
    )


def summary_lines(summary: SyncSummary) -> list[str]:
    """The summary as the command prints it."""
    lines = [
        f"catalog {summary.revision[:12]} of {summary.date[:10]}",
        f"{summary.images} images, {summary.definitions} definitions, {summary.charts} charts",
    ]
    lines += _listed("image added", summary.images_added) + _listed("image removed", summary.images_removed)
    lines += _listed("chart added", summary.charts_added) + _listed("chart removed", summary.charts_removed)
    lines += _listed("tag added", summary.tags_added) + _listed("tag removed", summary.tags_removed)
    return lines if len(lines) > 2 else [*lines, "nothing changed"]


def _listed(word: str, names: tuple[str, ...]) -> list[str]:
    more = len(names) - _MOST_LINES
    lines = [f"{word}: {name}" for name in names[:_MOST_LINES]]
    return [*lines, f"{word}: and {more} more"] if more > 0 else lines
