"""What ``chartlift catalog show`` prints of an image or a chart."""

from __future__ import annotations

from collections.abc import Iterator

from chartlift.catalog.records import CatalogChart, CatalogImage, ChartVersion, Definition
from chartlift.catalog.snapshot import Catalog
from chartlift.catalog.tags import parse_tag


def describe(catalog: Catalog, name: str, *, every_tag: bool = False) -> list[str] | None:
    """Lines about an image, or a chart, of that name; None where there is neither."""
    image = catalog.image(name)
    if image is not None:
        return list(_image_lines(image, every_tag))
    chart = catalog.chart(name)
    return None if chart is None else list(_chart_lines(chart))


def _image_lines(image: CatalogImage, every_tag: bool) -> Iterator[str]:
    yield f"{image.name}: {image.title}"
    yield image.description
    yield ""
    shown = [definition for definition in image.definitions if every_tag or definition.variant == "runtime"]
    yield f"{'tag':<34} {'user':>11}  {'shell':<5} {'platforms':<12} end of life"
    for definition in shown:
        for tag in definition.tags if every_tag else [_fullest(definition)]:
            yield _definition_line(definition, tag)
    hidden = len(image.definitions) - len(shown)
    if hidden:
        yield f"and {hidden} development definitions, which run as root and are never chosen (--tags lists all)"


def _fullest(definition: Definition) -> str:
    """The tag that leaves least open: the longest version, the distribution named."""
    parsed = [(parse_tag(tag), tag) for tag in definition.tags]
    return max((len(t.version.parts) if t.version else 0, len(t.distribution or ""), tag) for t, tag in parsed)[2]


def _definition_line(definition: Definition, tag: str) -> str:
    user = f"{definition.uid}:{definition.gid}" if definition.uid is not None else "-"
    platforms = ",".join(platform.removeprefix("linux/") for platform in definition.platforms)
    shell = "yes" if definition.has_shell else "no"
    return f"{tag:<34} {user:>11}  {shell:<5} {platforms:<12} {definition.end_of_life or '-'}"


def _chart_lines(chart: CatalogChart) -> Iterator[str]:
    yield f"{chart.name}: {chart.title}"
    yield chart.description
    for version in chart.versions:
        yield ""
        yield from _version_lines(version)


def _version_lines(version: ChartVersion) -> Iterator[str]:
    runs = f", runs {version.app_version}" if version.app_version else ""
    yield f"{version.version}  from {version.upstream or 'an unnamed source'}{runs}"
    for role, reference in version.images.items():
        yield f"  {role}: {reference}"
    for dependency in version.dependencies:
        if dependency.reference:
            yield f"  subchart {dependency.alias or dependency.name}: {dependency.reference}"
