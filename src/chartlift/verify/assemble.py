"""A copy of a chart with its missing dependencies put in, and theirs.

Rendering needs every dependency in ``charts/`` (https://helm.sh/docs/helm/helm_dependency/); a chart
kept in git often has none of them. They come from a store of charts at hand, never from a network.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from chartlift.chart.archive import SUFFIXES, read_archive
from chartlift.chart.files import FileTree, read_tree
from chartlift.chart.metadata import CHART_FILE, ChartMetadata, Dependency, read_metadata
from chartlift.chart.versions import in_range
from chartlift.errors import ChartliftError
from chartlift.verify.store import ChartStore

_MOST_DEPTH = 16
_CRDS = re.compile(r"^(?:charts/[^/]+/)*crds/")


@dataclass(frozen=True, slots=True)
class Assembled:
    """A chart ready to render at ``path``. ``missing``: dependencies that were found nowhere."""

    path: Path
    missing: tuple[str, ...] = ()


def assemble(chart: Path, store: ChartStore, workdir: Path, *, label: str = "", crds: bool = True) -> Assembled:
    """Put missing dependencies, and theirs, into ``charts/`` of a copy below ``workdir``.

    The chart itself is never written to; one that lacks nothing is used where it is. Without ``crds`` the
    copy has no ``crds/``: Helm does not render those, and megabytes of them are slow to load. Errors
    (``ChartliftError``): what cannot be read safely (links that leave the chart, limits).
    """
    tree = _read(chart, label or str(chart))
    files = dict(tree.files)
    missing = tuple(dict.fromkeys(_fill(tree, "", files, store, 0)))
    if not crds:
        files = {path: data for path, data in files.items() if not _CRDS.search(path)}
    if len(files) == len(tree.files) and not tree.links and files.keys() == tree.files.keys():
        return Assembled(chart, missing)
    root = workdir / read_metadata(tree).name
    for path, data in files.items():
        target = root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)
    return Assembled(root, missing)


def _fill(tree: FileTree, prefix: str, files: dict[str, bytes], store: ChartStore, depth: int) -> Iterator[str]:
    """Add to ``files`` what the chart at ``prefix`` lacks; yield the names of what is nowhere to be found."""
    if depth > _MOST_DEPTH:
        raise ChartliftError(f"dependencies are nested deeper than {_MOST_DEPTH}", file=tree.place(prefix))
    metadata = read_metadata(tree, prefix)
    present = dict(_vendored(tree, prefix))
    needed = {place for place, known in present.items() if any(_fits(other, known) for other in metadata.dependencies)}
    placed: dict[str, ChartMetadata] = {}
    for dependency in metadata.dependencies:
        if any(_fits(dependency, known) for known in (*present.values(), *placed.values())):
            continue
        found = _local(tree, prefix, dependency) or store.find(dependency.name, dependency.version)
        if found is None:
            if not any(known.name == dependency.name for known in present.values()):
                yield f"{dependency.name} {dependency.version}".strip()
            continue
        _remove_stale(files, {place: known for place, known in present.items() if place not in needed}, dependency)
        below = _free_place(f"{prefix}charts/{dependency.name}", files)
        inner = _read(found, dependency.name) if isinstance(found, Path) else found
        placed[below] = read_metadata(inner)
        files.update((below + path, data) for path, data in inner.files.items())
        grafted = FileTree(tree.label, {below + path: data for path, data in inner.files.items()})
        yield from _fill(grafted, below, files, store, depth + 1)
    for place in present:
        if place.endswith("/"):
            yield from _fill(tree, place, files, store, depth + 1)


def _free_place(wanted: str, files: Mapping[str, bytes]) -> str:
    """A directory that nothing is in yet: two versions of one chart may be needed side by side."""
    place, count = f"{wanted}/", 2
    while any(path.startswith(place) for path in files):
        place, count = f"{wanted}-{count}/", count + 1
    return place


def _vendored(tree: FileTree, prefix: str) -> Iterator[tuple[str, ChartMetadata]]:
    """What is in ``charts/``: its place in the tree (a directory ends in a slash) and metadata."""
    home = f"{prefix}charts/"
    for name in sorted({file.path[len(home) :].partition("/")[0] for file in tree.under(home)}):
        place = home + name
        if name.startswith(("_", ".")):
            continue
        if place in tree and name.endswith(SUFFIXES):
            yield place, read_metadata(read_archive(tree.files[place], tree.place(place)))
        elif f"{place}/{CHART_FILE}" in tree:
            yield f"{place}/", read_metadata(tree, f"{place}/")


def _fits(dependency: Dependency, known: ChartMetadata) -> bool:
    fits = not dependency.version or in_range(known.version, dependency.version)
    return known.name == dependency.name and fits


def _remove_stale(files: dict[str, bytes], present: dict[str, ChartMetadata], dependency: Dependency) -> None:
    """Another version of the same chart goes, as with ``helm dependency update``."""
    for place, known in present.items():
        if known.name == dependency.name:
            for path in [path for path in files if path == place or (place[-1] == "/" and path.startswith(place))]:
                del files[path]


def _local(tree: FileTree, prefix: str, dependency: Dependency) -> FileTree | None:
    """``file://`` within the same tree."""
    where = dependency.repository.removeprefix("file://")
    if where == dependency.repository or where.startswith("/"):
        return None
    parts: list[str] = []
    for part in (prefix + where).split("/"):
        if part == ".." and not parts:
            return None
        if part == "..":
            parts.pop()
        elif part not in {"", "."}:
            parts.append(part)
    home = "".join(f"{part}/" for part in parts)
    if home == prefix or home + CHART_FILE not in tree:
        return None
    return FileTree(tree.label, {file.path.removeprefix(home): file.data for file in tree.under(home)})


def _read(chart: Path, label: str) -> FileTree:
    return read_archive(chart, label) if chart.name.endswith(SUFFIXES) else read_tree(chart, label=label)
