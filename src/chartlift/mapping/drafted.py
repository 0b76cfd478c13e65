"""``mappings new``: write the draft of a mapping and the values surfaces of its two charts."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from chartlift.chart.load import Chart, load_chart
from chartlift.errors import ChartliftError
from chartlift.images.vendors import load_vendors
from chartlift.mapping.suggest import descriptions, draft_lines, suggest
from chartlift.mapping.surfaces import Surface, build_surface, surface_file, write_surface
from chartlift.rewrite.output import replace_file


def draft_mapping(source: Path, target: Path, vendor: str, target_vendor: str, output: Path) -> Iterator[Path]:
    """Write the files and give their paths.

    Errors (``ChartliftError``): a chart that cannot be read; a mapping of that name is there already.
    """
    ours, theirs = load_chart(source), load_chart(target)
    home = _home(target_vendor)
    mapping_id = ours.name if home else f"{ours.name}-{target_vendor}"
    file = output / f"{mapping_id}.yaml"
    if file.exists():
        raise ChartliftError("is there already", file=str(file), help="Move it away, or give another directory.")
    surfaces = _surface(ours, vendor), _surface(theirs, target_vendor)
    for surface in surfaces:
        path = surface_file(output, surface.id)
        replace_file(path, write_surface(surface).encode("utf-8"))
        yield path
    lines = _lines(mapping_id, home, ours, theirs, vendor, *surfaces)
    replace_file(file, ("\n".join(lines) + "\n").encode("utf-8"))
    yield file


def _surface(chart: Chart, vendor: str) -> Surface:
    return build_surface(chart.values_text or "", chart.schema, f"{vendor}/{chart.name}/{chart.metadata.version}")


def _home(vendor: str) -> str:
    """Where a hardened vendor's charts are; empty for one that publishes no hardened charts."""
    known = load_vendors().hardened.get(vendor)
    return next(iter(known.charts), "") if known is not None else ""


def _lines(
    mapping_id: str, home: str, ours: Chart, theirs: Chart, vendor: str, source: Surface, target: Surface
) -> Iterator[str]:
    major = ours.metadata.version.split(".")[0]
    found = suggest(source, target, descriptions(ours.values_text or ""), descriptions(theirs.values_text or ""))
    yield f"# Draft: {len(found)} values, {sum(one.kind != 'unmapped' for one in found)} with a suggestion."
    yield "# docs/mappings.md describes the format; `chartlift mappings lint` says what is missing."
    yield "schema: chartlift.mapping/v1"
    yield f"id: {mapping_id}"
    yield f"title: {ours.name}"
    yield "source:"
    yield f"  chart: {ours.name}"
    yield f"  vendor: {vendor}"
    yield f'  versions: ">={major}.0.0 <{int(major) + 1}.0.0"' if major.isdigit() else '  versions: "*"'
    yield f'  tested: ["{ours.metadata.version}"]'
    yield "target:"
    yield f"  chart: {theirs.name}"
    yield f"  repository: oci://{home}" if home else "  repository: oci://registry.example.com  # review: where it is"
    yield f'  version: "{theirs.metadata.version}"'
    yield f'  app_version: "{theirs.metadata.app_version}"' if theirs.metadata.app_version else "  # app_version:"
    yield f"  surface: {target.id}"
    yield f"  values: {'same' if _is_same(source, target) else 'other'}"
    if not home:
        yield "  on_request: true  # taken with `--target` only"
        yield "  harden: true  # its own images are public ones; images.slots[].to names their places"
    yield "  naming:"
    yield "    dependency: alias"
    known = target.has(("nameOverride",))
    yield (
        f"    release: {{nameOverride: {ours.name}}}"
        if known
        else "    # release: how a direct release keeps its names"
    )
    yield from draft_lines(found)


def _is_same(source: Surface, target: Surface) -> bool:
    """Most of the source's values stand at the same place in the target."""
    shared = sum(path in target.defaults for path in source.defaults)
    return bool(source.defaults) and shared > 0.8 * len(source.defaults)
