"""What a run is asked to do, and what came of it: of one input, and of all."""

from __future__ import annotations

from dataclasses import dataclass, field
from fnmatch import fnmatch
from pathlib import Path

from chartlift.errors import ChartliftError, Fault
from chartlift.plan.options import Options
from chartlift.records import ChartRecord, Result


@dataclass(frozen=True, slots=True)
class Settings:
    """A run's settings: what to plan for, where to write, how to verify."""

    options: Options
    values: tuple[Path, ...] = ()
    chart_name: str | None = None
    chart_version: str | None = None
    mappings: tuple[Path, ...] = ()
    output: Path | None = None
    in_place: bool = False
    verify: bool = True
    stores: tuple[Path, ...] = ()
    helm: Path | None = None
    timeout: float = 30.0
    jobs: int = 1
    exclude: tuple[str, ...] = ()
    """Globs of paths, relative to a given directory, that are not looked at."""
    references: bool = True
    """Also look for the places of a directory that name charts."""
    rewrite: bool = True
    """False: plan only. Nothing is edited, not even in memory."""

    def excludes(self, path: str) -> bool:
        """Is a path, relative to a given directory, not to be looked at?"""
        return any(fnmatch(path, pattern) or fnmatch(path, f"{pattern.rstrip('/')}/*") for pattern in self.exclude)


@dataclass(frozen=True, slots=True)
class Done:
    """What came of one input: its records and its diff, or the error that ended it."""

    records: tuple[ChartRecord, ...] = ()
    diff: tuple[str, ...] = ()
    changed: bool = False
    error: ChartliftError | None = None


@dataclass(frozen=True, slots=True)
class BatchRun:
    """What came of all inputs, in the order they were found."""

    result: Result
    failures: tuple[ChartliftError, ...] = ()
    diff: tuple[str, ...] = field(default=(), repr=False)
    changed: bool = False

    @property
    def failed(self) -> int:
        """The exit code that the failures ask for: 70 for a bug of ours, 2 for input that cannot be used."""
        if any(isinstance(failure, Fault) for failure in self.failures):
            return 70
        return 2 if self.failures else 0
