"""The text files of a repository, read when they are looked at.

Only files that can hold a reference are looked at one and all (``relevant``); values files are read when a reference
names them. Links are not followed, so that nothing outside is read and no tree is endless.
"""

from __future__ import annotations

import os
import posixpath
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from chartlift.chart.discover import skipped
from chartlift.chart.metadata import CHART_FILE
from chartlift.errors import ChartliftError
from chartlift.references.sources import Source, read_source
from chartlift.yamltext.load import decode

YAML_ENDINGS = (".yaml", ".yml", ".gotmpl")
TEXT_ENDINGS = (*YAML_ENDINGS, ".tf", ".hcl", ".tfvars", ".sh", ".bash", ".zsh", ".ps1", ".mk", ".md", ".txt", ".json",
                ".toml", ".tpl", ".env", ".py", ".go", ".ts", ".js", ".jsonnet", ".libsonnet", ".cue", ".star",
                ".groovy", ".rst", ".adoc", ".rego", ".nix")  # fmt: skip
_NAMES = frozenset({"Makefile", "GNUmakefile", "makefile", "Kustomization", "Tiltfile", "Dockerfile", "Jenkinsfile",
                    "justfile", "Justfile", "Vagrantfile", "Earthfile"})  # fmt: skip
_SIGNS = re.compile(
    rb"argoproj\.io|toolkit\.fluxcd\.io|helm\.cattle\.io|^\s*helmCharts\s*:|^releases\s*:|^repositories\s*:|skaffold/|"
    rb"^configMapGenerator\s*:|kind:\s*ConfigMap|^helm\s*:",
    re.MULTILINE,
)
MOST_BYTES = 4 * 1024 * 1024
MOST_FILES = 200_000


@dataclass(frozen=True)
class Repository:
    """Files below ``root`` by their path from there; ``newer`` are what an earlier step made of some of them."""

    root: Path
    newer: Path | None = None
    only: str = ""
    """The one file that is looked at; others are read where it names them."""
    chart_directories: tuple[str, ...] = ()
    _paths: dict[str, Path] = field(default_factory=dict, repr=False)
    _texts: dict[str, bytes] = field(default_factory=dict, repr=False)
    _sources: dict[str, Source] = field(default_factory=dict, repr=False)
    _relevant: list[str] = field(default_factory=list, repr=False)

    @classmethod
    def open(cls, root: Path, newer: Path | None, excluded: Callable[[str], bool], only: str = "") -> Repository:
        """List the files and find those that can hold references. Errors: ``ChartliftError``."""
        paths, charts = _walk(root, excluded)
        repository = cls(root, newer, only, tuple(charts), paths)
        for path in paths:
            data = repository._bytes(path) if path.endswith(YAML_ENDINGS) or path.endswith("Kustomization") else b""
            if _SIGNS.search(data):
                repository._relevant.append(path)
        return repository

    def paths(self) -> Collection[str]:
        return self._paths.keys()

    def asked(self) -> Iterator[str]:
        """The files to look at, by path."""
        return iter([self.only] if self.only else self._paths)

    def __contains__(self, path: object) -> bool:
        return path in self._paths

    def __getitem__(self, path: str) -> Source:
        if path not in self._sources:
            self._sources[path] = read_source(path, decode(self._bytes(path), file=path))
        return self._sources[path]

    def relevant(self) -> Iterator[Source]:
        """The YAML files that can hold a reference, by path; one that is no text is passed over."""
        for path in self._relevant:
            source = self.try_read(path)
            if source is not None:
                yield source

    def try_read(self, path: str) -> Source | None:
        try:
            return self[path]
        except ChartliftError:
            return None

    def text(self, path: str) -> str:
        """The file as it is; empty where it is no text."""
        try:
            return decode(self._bytes(path), file=path)
        except ChartliftError:
            return ""

    def data(self, path: str) -> bytes:
        return self._bytes(path)

    def update(self, texts: Mapping[str, bytes | None]) -> None:
        """Files as a step of the same run has written them."""
        for path, data in texts.items():
            if data is not None:
                self._texts[path] = data
                self._sources.pop(path, None)

    def forget_charts(self) -> None:
        """Read the files of charts anew: they were rewritten meanwhile."""
        for path in [path for path in self._sources if self.in_chart(path)]:
            del self._sources[path]

    def in_chart(self, path: str) -> bool:
        """Does the file belong to a chart of the tree?"""
        return any(not home or path.startswith(home + "/") for home in self.chart_directories)

    def _bytes(self, path: str) -> bytes:
        if path in self._texts:
            return self._texts[path]
        # What an earlier run left there is nobody's business: only charts were written anew a moment ago.
        made = self.newer / path if self.newer is not None and self.in_chart(path) else None
        file = made if made is not None and made.is_file() else self._paths[path]
        try:
            return file.read_bytes()
        except OSError as error:
            reason = (error.strerror or type(error).__name__).lower()
            raise ChartliftError(
                f"cannot be read: {reason}", file=path, help="Make it readable, or leave it out."
            ) from None


def _walk(root: Path, excluded: Callable[[str], bool]) -> tuple[dict[str, Path], list[str]]:
    paths: dict[str, Path] = {}
    charts: list[str] = []
    for directory, below, names in os.walk(root, followlinks=False):
        here = Path(directory)
        relative = here.relative_to(root).as_posix()
        prefix = "" if relative == "." else f"{relative}/"
        if CHART_FILE in names:
            charts.append(prefix.rstrip("/"))
        below[:] = sorted(
            name
            for name in below
            if not skipped(name) and not (CHART_FILE in names and name == "charts") and not excluded(prefix + name)
        )
        for name in sorted(names):
            file = here / name
            if _is_text(name) and not excluded(prefix + name) and not file.is_symlink() and _fits(file):
                paths[prefix + name] = file
        if len(paths) > MOST_FILES:
            raise ChartliftError(f"more than {MOST_FILES} files", file=str(root), help="Give a smaller tree.")
    return paths, charts


def _is_text(name: str) -> bool:
    return name.endswith(TEXT_ENDINGS) or name in _NAMES or posixpath.splitext(name)[0] in _NAMES


def _fits(file: Path) -> bool:
    try:
        return file.is_file() and file.stat().st_size <= MOST_BYTES
    except OSError:
        return False
