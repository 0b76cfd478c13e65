"""What the paths on the command line are: charts, packed charts, values files, or trees that hold them."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from chartlift.chart.archive import SUFFIXES, looks_like_chart
from chartlift.chart.files import VERSION_CONTROL
from chartlift.chart.metadata import CHART_FILE
from chartlift.errors import ChartliftError

Kind = Literal["chart", "archive", "values", "manifest", "tree"]
_YAML = (".yaml", ".yml")
_OTHERS = (".gotmpl", ".tf", ".sh", ".bash", ".mk")
_NAMED = frozenset({"Makefile", "Kustomization", "Tiltfile"})
_CACHES = frozenset({"node_modules", "__pycache__", ".venv", ".tox", ".terraform", ".idea", ".vscode"})
_OBJECT = re.compile(rb"^apiVersion:.*?^kind:|^kind:.*?^apiVersion:", re.MULTILINE | re.DOTALL)
_HEAD = 1024 * 1024
_MOST_DIRECTORIES = 200_000
_HELP = "Give a chart directory (with a Chart.yaml), a .tgz, a values file, or a directory that holds charts."


@dataclass(frozen=True, slots=True)
class Input:
    """One thing to work on; a ``tree`` is a directory whose references to charts are looked for.

    ``base`` is the path as given, ``relative`` where below it (posix, ``.``).
    """

    path: Path
    kind: Kind
    base: Path
    relative: str

    @property
    def label(self) -> str:
        """How reports call it: the given path and what is below it, posix, never made absolute."""
        shown = self.base.as_posix()
        return shown if self.relative == "." else f"{shown.rstrip('/')}/{self.relative}"


def discover(paths: Iterable[Path]) -> list[Input]:
    """Find everything that the paths mean, in the order given, each tree sorted, nothing twice.

    Errors (``ChartliftError``): a path that is not there, cannot be read, or holds no chart.
    """
    found: dict[str, Input] = {}
    for path in paths:
        for entry in _inputs(path):
            found.setdefault(os.path.realpath(entry.path), entry)
    return list(found.values())


def _inputs(path: Path) -> list[Input]:
    try:
        if path.is_dir():
            entries = list(_walk(path))
            if not (path / CHART_FILE).is_file() and _holds_text(path):
                entries.append(Input(path, "tree", path, "."))
        elif path.is_file():
            entries = [Input(path, _file_kind(path), path, ".")]
        else:
            what = "not a chart: not a regular file" if path.exists() else "not a chart: no such file or directory"
            raise ChartliftError(what, file=str(path), help=_HELP)
    except OSError as error:
        raise _unreadable(error.filename or path, error) from error
    if not entries:
        raise ChartliftError(f"not a chart: no {CHART_FILE} here or below", file=str(path), help=_HELP)
    return entries


def _file_kind(path: Path) -> Kind:
    if path.name.endswith(SUFFIXES):
        return "archive"
    if path.name == CHART_FILE:
        raise ChartliftError(
            f"not a chart: this is only its {CHART_FILE}", file=str(path), help=f"Give {path.parent} instead."
        )
    if path.name.endswith(_OTHERS) or path.name in _NAMED:
        return "manifest"
    if not path.name.endswith(_YAML):
        raise ChartliftError("not a chart: neither YAML nor a .tgz", file=str(path), help=_HELP)
    with path.open("rb") as stream:
        return "manifest" if _OBJECT.search(stream.read(_HEAD)) else "values"


def _walk(root: Path) -> Iterator[Input]:
    """Charts and packed charts below ``root``; links are not followed, so that no tree is endless."""
    walk = os.walk(root, onerror=_refuse, followlinks=False)
    for seen, (directory, subdirectories, names) in enumerate(walk, start=1):
        if seen > _MOST_DIRECTORIES:
            raise ChartliftError(
                f"more than {_MOST_DIRECTORIES} directories", file=str(root), help="Give a smaller tree."
            )
        here = Path(directory)
        is_chart = CHART_FILE in names
        # What lies in a chart's charts/ belongs to that chart, and its templates are not charts.
        own = {"charts", "templates"} if is_chart else set()
        subdirectories[:] = sorted(name for name in subdirectories if not skipped(name) and name not in own)
        if is_chart:
            yield Input(here, "chart", root, here.relative_to(root).as_posix())
        for name in sorted(names):
            packed = here / name
            if name.endswith(SUFFIXES) and not packed.is_symlink() and looks_like_chart(packed):
                yield Input(packed, "archive", root, packed.relative_to(root).as_posix())


def _holds_text(root: Path) -> bool:
    """Is there any file that could name a chart? Told by names alone."""
    for _, subdirectories, names in os.walk(root, onerror=_refuse, followlinks=False):
        subdirectories[:] = [name for name in subdirectories if not skipped(name)]
        if any(name.endswith((*_YAML, *_OTHERS)) or name in _NAMED for name in names):
            return True
    return False


def skipped(name: str) -> bool:
    """Directories that hold nothing of the user's: version control and caches."""
    return name in VERSION_CONTROL or name in _CACHES or (name.startswith(".") and name.endswith("cache"))


def _refuse(error: OSError) -> None:
    raise _unreadable(error.filename, error) from error


def _unreadable(path: str | Path, error: OSError) -> ChartliftError:
    reason = (error.strerror or type(error).__name__).lower()
    return ChartliftError(f"cannot be read: {reason}", file=str(path), help="Make it readable, or leave it out.")
