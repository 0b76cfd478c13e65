"""A chart with its subcharts, read the way Helm's loader reads it, and nothing rendered.

What counts as a template, a subchart or the lock follows ``helm/pkg/chart/v2/loader``; see also
https://helm.sh/docs/topics/charts/#chart-dependencies. Subcharts may be unpacked or packed, under
any directory name, nested; which of them a dependency means is decided by name and version range,
as Helm does it, never by the directory.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from chartlift.chart.archive import SUFFIXES, read_archive
from chartlift.chart.files import LIMITS, Budget, FileTree, Limits, SourceFile, read_tree
from chartlift.chart.ignore import IGNORE_FILE, ignored, read_rules
from chartlift.chart.metadata import (
    CHART_FILE,
    ChartMetadata,
    Dependency,
    LockedDependency,
    read_lock,
    read_metadata,
)
from chartlift.chart.versions import in_range
from chartlift.errors import ChartliftError
from chartlift.records import Yaml
from chartlift.yamltext.load import decode, read_yaml

VALUES_FILE = "values.yaml"
SCHEMA_FILE = "values.schema.json"
_LOCAL = "file://"


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart at ``prefix`` (empty, or ending in a slash) of ``tree``; file paths are the tree's.

    A packed subchart has a tree of its own, and ``archive`` says where that lies in the tree of the
    chart around it (``charts/redis-1.2.3.tgz``); for all others ``archive`` is empty.
    """

    path: str
    name: str
    metadata: ChartMetadata
    values: dict[str, Yaml]
    values_text: str | None
    tree: FileTree = field(repr=False)
    prefix: str = ""
    archive: str = ""
    subcharts: tuple[Chart, ...] = ()
    templates: tuple[SourceFile, ...] = field(default=(), repr=False)
    schema: bytes | None = field(default=None, repr=False)
    lock: tuple[LockedDependency, ...] = ()

    @property
    def is_library(self) -> bool:
        return self.metadata.is_library

    @property
    def packed(self) -> bool:
        """Read out of an archive, so that no file of it can be edited where it is."""
        return self.tree.packed

    def vendored(self, dependency: Dependency) -> Chart | None:
        """The chart in ``charts/`` that Helm takes for a dependency: same name, version in range."""
        for subchart in self.subcharts:
            if subchart.name == dependency.name and in_range(subchart.metadata.version, dependency.version):
                return subchart
        return None

    def subchart_for(self, dependency: Dependency) -> Chart | None:
        """The chart that a dependency means, or ``None`` where it is not at hand.

        Looks in ``charts/`` and, for ``file://``, at a directory inside this chart's own tree; what
        lies elsewhere on the disk is never read on a chart's word.
        """
        return self.vendored(dependency) or _local_chart(self, dependency)

    def file_path(self, relative: str) -> str:
        """A file of this chart as a path of ``tree``."""
        return self.prefix + relative

    def read(self, relative: str) -> bytes | None:
        """The bytes of a file of this chart, or ``None``."""
        return self.tree.files.get(self.prefix + relative)


def load_chart(path: Path, limits: Limits = LIMITS, *, label: str | None = None) -> Chart:
    """Load a chart directory or a packed chart. ``label`` is how messages call it (default: the path).

    Errors (``ChartliftError``): whatever ``read_tree``, ``read_archive`` and ``read_metadata`` refuse,
    values that are not a map, a broken subchart.
    """
    shown, budget = (str(path) if label is None else label), Budget(limits)
    if path.is_dir():
        tree = read_tree(path, limits, label=shown, budget=budget)
    elif path.name.endswith(SUFFIXES):
        tree = read_archive(path, shown, limits, budget=budget)
    else:
        raise ChartliftError(
            "neither a directory nor a packed chart" if path.exists() else "there is no such chart",
            file=shown,
            help="Give a chart directory or a .tgz file.",
        )
    return load_chart_tree(tree, budget=budget)


def load_chart_tree(tree: FileTree, prefix: str = "", *, budget: Budget | None = None) -> Chart:
    """The chart at ``prefix`` of a tree already read, with all subcharts below it."""
    return _Loader(tree, budget or Budget(LIMITS)).load(prefix, depth=0)


class _Loader:
    """Loads charts out of one tree; a packed subchart gets a loader of its own, same budget."""

    def __init__(self, tree: FileTree, budget: Budget) -> None:
        self.tree, self.budget = tree, budget
        self.visible = tuple(_visible(tree))

    def load(self, prefix: str, depth: int, archive: str = "") -> Chart:
        if depth > self.budget.limits.depth:
            raise ChartliftError(
                f"subcharts are nested deeper than {self.budget.limits.depth}",
                file=self.tree.place(prefix.rstrip("/")),
                help="Unpack the chart and look at what it holds.",
            )
        metadata = read_metadata(self.tree, prefix)
        text = self._values_text(prefix)
        return Chart(
            path=self.tree.place(prefix.rstrip("/")).rstrip("/"),
            name=metadata.name,
            metadata=metadata,
            values=self._values(prefix, text),
            values_text=text,
            tree=self.tree,
            prefix=prefix,
            archive=archive,
            subcharts=tuple(self._subcharts(prefix, depth)),
            templates=tuple(SourceFile(p, self.tree.files[p]) for p in self._below(prefix + "templates/")),
            schema=self.tree.files.get(prefix + SCHEMA_FILE),
            lock=read_lock(self.tree, prefix, metadata),
        )

    def _values_text(self, prefix: str) -> str | None:
        path = prefix + VALUES_FILE
        return decode(self.tree.files[path], file=self.tree.place(path)) if path in self.visible else None

    def _values(self, prefix: str, text: str | None) -> dict[str, Yaml]:
        return {} if text is None else values_map(text, self.tree.place(prefix + VALUES_FILE))

    def _below(self, prefix: str) -> list[str]:
        return [path for path in self.visible if path.startswith(prefix)]

    def _subcharts(self, prefix: str, depth: int) -> Iterator[Chart]:
        """Helm's rule: directories and ``.tgz`` files in charts/, except names that start with _ or a dot."""
        home = prefix + "charts/"
        entries = {path[len(home) :].split("/")[0]: None for path in self._below(home)}
        for name in entries:
            if name.startswith(("_", ".")) or name.endswith(".prov"):
                continue
            if name.endswith(".tgz") and home + name in self.tree:
                yield self._packed(home + name, depth + 1)
            elif home + name not in self.tree:
                yield self.load(f"{home}{name}/", depth + 1)

    def _packed(self, path: str, depth: int) -> Chart:
        tree = read_archive(self.tree.files[path], self.tree.place(path), budget=self.budget)
        return _Loader(tree, self.budget).load("", depth, archive=path)


def values_map(text: str, file: str) -> dict[str, Yaml]:
    """Values text as the map Helm makes of it; ``{}`` for an empty file."""
    data = read_yaml(text, file=file)
    if data is None:
        return {}
    if not isinstance(data, dict):
        raise ChartliftError("values must be a map of keys", file=file, line=1, help="Start with `key: value` lines.")
    return data


def _visible(tree: FileTree) -> Iterator[str]:
    """The files Helm would load: for a directory, those that ``.helmignore`` leaves."""
    if tree.packed:
        return iter(tree.files)
    place = tree.place(IGNORE_FILE)
    rules = read_rules(decode(tree.files.get(IGNORE_FILE, b""), file=place), place)
    return (path for path in tree.files if not ignored(path, rules))


def _local_chart(chart: Chart, dependency: Dependency) -> Chart | None:
    """``file://./path`` relative to the chart, if that is inside the chart's own tree."""
    if not dependency.repository.startswith(_LOCAL):
        return None
    parts: list[str] = []
    relative = dependency.repository.removeprefix(_LOCAL)
    if relative.startswith("/"):
        return None
    for part in PurePosixPath(chart.prefix, relative).parts:
        if part == ".." and not parts:
            return None
        if part == "..":
            parts.pop()
        else:
            parts.append(part)
    prefix = "".join(f"{part}/" for part in parts)
    if prefix == chart.prefix or prefix + CHART_FILE not in chart.tree:
        return None
    found = load_chart_tree(chart.tree, prefix)
    fits = not dependency.version or in_range(found.metadata.version, dependency.version)
    return found if found.name == dependency.name and fits else None
