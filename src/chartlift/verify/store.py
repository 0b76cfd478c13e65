"""Charts at hand by name and version, in directories that the user names (``--chart-store``).

The names of archives are those that ``helm package`` gives (https://helm.sh/docs/helm/helm_package/);
nothing here uses a network.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from chartlift.chart.archive import SUFFIXES
from chartlift.chart.files import FileTree
from chartlift.chart.metadata import CHART_FILE, read_metadata
from chartlift.chart.versions import Version, in_range, parse_version
from chartlift.errors import ChartliftError

_MOST_ENTRIES = 5000


@dataclass(frozen=True, slots=True)
class ChartStore:
    """Directories of charts: ``<name>-<version>.tgz``, ``<name>/Chart.yaml``, ``<name>/<version>/Chart.yaml``."""

    directories: tuple[Path, ...] = ()

    def find(self, name: str, version: str = "") -> Path | None:
        """The newest chart of that name within the version range (any, if empty); None if there is none.

        Earlier directories win over later ones.
        """
        for directory in self.directories:
            found = [
                (known, str(path), path)
                for path, known in self._candidates(directory, name)
                if not version or in_range(str(known), version)
            ]
            if found:
                return max(found, key=lambda row: row[:2])[2]
        return None

    def _candidates(self, directory: Path, name: str) -> Iterator[tuple[Path, _Known]]:
        if not name or "/" in name or "\\" in name or name in {".", ".."}:
            return
        for path in sorted(directory.glob(f"{_literal(name)}-*"))[:_MOST_ENTRIES]:
            suffix = next((suffix for suffix in SUFFIXES if path.name.endswith(suffix)), None)
            if suffix and path.is_file():
                known = _Known.of(path.name.removeprefix(f"{name}-").removesuffix(suffix))
                if known:
                    yield path, known
        home = directory / name
        for place in (home, *(sorted(home.iterdir())[:_MOST_ENTRIES] if home.is_dir() else ())):
            if (place / CHART_FILE).is_file():
                metadata = read_metadata(_chart_file(place))
                known = _Known.of(metadata.version)
                if known and metadata.name == name:
                    yield place, known


@dataclass(frozen=True, slots=True, order=True)
class _Known:
    version: Version
    text: str

    def __str__(self) -> str:
        return self.text

    @classmethod
    def of(cls, text: str) -> _Known | None:
        version = parse_version(text)
        return cls(version, text) if version else None


def _chart_file(directory: Path) -> FileTree:
    return FileTree(str(directory), {CHART_FILE: (directory / CHART_FILE).read_bytes()})


def _literal(name: str) -> str:
    return "".join(f"[{char}]" if char in "*?[" else char for char in name)


def store_of(directories: Sequence[Path]) -> ChartStore:
    """A store over the directories given with ``--chart-store``. Errors: one that is not there."""
    for directory in directories:
        if not directory.is_dir():
            raise ChartliftError("there is no such directory", file=str(directory), help="Check --chart-store.")
    return ChartStore(tuple(directories))
