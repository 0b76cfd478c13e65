"""Read one chart definition: ``chart/<folder>/helm/<line>.yaml`` of the catalog."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from chartlift.catalog.facts import Facts, read_facts
from chartlift.catalog.records import ChartDependency, ChartVersion
from chartlift.catalog.tags import parse_tag
from chartlift.errors import ChartliftError
from chartlift.images.reference import ImageReference, is_tag, parse_reference

_NAMESPACE = re.compile(r"^(?:dhi\.io/)?dhi/(?=[^/]+$)")
_REGISTRY = "dhi.io"


def read_chart(file: Path, root: Path) -> tuple[str, ChartVersion]:
    """Name of the chart and the version that the definition under the catalog's ``root`` builds.

    Errors (``ChartliftError``): the file is none, it states no version, an image has no digest, or
    something has the wrong type.
    """
    facts = read_facts(file, root)
    name = facts.required("image").rpartition("/")[2]
    tags = facts.texts("tags") or facts.refuse("tags", "is missing")
    version = max(tags, key=lambda tag: (len(tag), tag))
    if not is_tag(version):
        facts.refuse("tags", f"{version!r} is no version")
    images: dict[str, str] = {}
    dependencies: list[ChartDependency] = []
    app_version: str | None = None
    for chart in _prepared(facts):
        images |= {entry.required("name"): _reference(entry, "ref") for entry in chart.each("images")}
        dependencies += [_dependency(entry) for entry in chart.each("dependencies")]
        app_version = app_version or chart.text("appVersion") or _app_version(images, chart.text("appRef"))
    return name, ChartVersion(
        version=version,
        file=facts.file,
        upstream=next(_sources(facts), ""),
        images=dict(sorted(images.items())),
        platforms=facts.texts("platforms"),
        app_version=app_version,
        dependencies=tuple(dependencies),
    )


def stated_digests(references: Iterator[tuple[str, str]]) -> dict[str, dict[str, str]]:
    """Name -> tag -> digest from references and the files that state them.

    Where two files disagree the tag has moved between them, and nobody says which digest is the newer.
    """
    found: dict[tuple[str, str], set[str]] = {}
    for reference, file in references:
        parsed = _parsed(reference, file)
        found.setdefault((parsed.repository, parsed.tag), set()).add(parsed.digest)
    stated: dict[str, dict[str, str]] = {}
    for (name, tag), digests in sorted(found.items()):
        if len(digests) == 1:
            stated.setdefault(name, {})[tag] = digests.pop()
    return stated


def references_of(version: ChartVersion) -> Iterator[tuple[str, str]]:
    """Every pinned reference of a chart, images and subcharts, with the file that states it."""
    for reference in version.images.values():
        yield reference, version.file
    for dependency in version.dependencies:
        if dependency.reference:
            yield dependency.reference, version.file


def _prepared(facts: Facts) -> Iterator[Facts]:
    """What the steps that prepare a chart are told about it."""
    for build in facts.inside("contents").each("builds"):
        for step in build.each("pipeline"):
            told = step.inside("with")
            if isinstance(told.data.get("chart"), dict):
                yield told.inside("chart")


def _sources(facts: Facts) -> Iterator[str]:
    for build in facts.inside("contents").each("builds"):
        for entry in build.inside("contents").each("files"):
            address = entry.text("url") or ""
            if address.startswith("git+"):
                yield address.removeprefix("git+")


def _dependency(entry: Facts) -> ChartDependency:
    reference = _reference(entry, "ref") if "ref" in entry.data else None
    return ChartDependency(entry.required("name"), entry.text("alias"), entry.text("condition"), reference)


def _reference(entry: Facts, key: str) -> str:
    """``dhi/redis:8@sha256:...`` as it is pulled: ``dhi.io/redis:8@sha256:...``."""
    reference = _NAMESPACE.sub(f"{_REGISTRY}/", entry.required(key))
    _parsed(reference, entry.file)
    return reference


def _parsed(reference: str, file: str) -> ImageReference:
    parsed = parse_reference(reference)
    if parsed is None or not parsed.tag or not parsed.digest or parsed.registry != _REGISTRY:
        raise ChartliftError(f"{reference!r} is no reference of the catalog with tag and digest", file=file)
    return parsed


def _app_version(images: Mapping[str, str], role: str | None) -> str | None:
    """The version of the image that the chart is about, as its tag states it."""
    reference = parse_reference(images.get(role or "", ""))
    return None if reference is None else parse_tag(reference.tag).release
