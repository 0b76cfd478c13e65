"""What a run is asked to do, and what came of it: of one input, and of all."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path

from chartlift.accept import acknowledge, path_below, rules_for
from chartlift.config import NO_CONFIG, Config
from chartlift.errors import ChartliftError, Fault
from chartlift.globs import covers_folder
from chartlift.plan.environments import Environments
from chartlift.plan.names import NameChange
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
    """Globs of paths that are not looked at, from where the configuration lies, or from a given directory."""
    config: Config = NO_CONFIG
    """What `.chartlift.yaml` says; its defaults for options are in the fields above."""
    prefix: str = ""
    """What goes before a path below the directory at hand, for globs: ``charts/``."""
    journal: Path | None = None
    """Where finished charts are noted, so that a run that was cut short goes on."""
    references: bool = True
    """Also look for the places of a directory that name charts."""
    rewrite: bool = True
    """False: plan only. Nothing is edited, not even in memory."""

    def excludes(self, path: str) -> bool:
        """Is a path, relative to a given directory, not to be looked at?"""
        return covers_folder(self.prefix + path, self.exclude)

    def environments(self, chart: Path) -> Environments:
        """The values files of each environment, as globs of whole paths, and where the chart is among them."""
        folder = path_below(self.config.root, str(chart)) if self.config.values else None
        if folder is None:
            return Environments()
        prefix = "" if folder == "." else f"{folder}/"
        return Environments(prefix, {one.environment: one.files for one in self.config.values})

    def below(self, directory: Path) -> Settings:
        """The settings for what lies below a given directory; a file that is given is looked at in any case."""
        if not directory.is_dir():
            return replace(self, exclude=())
        relative = path_below(self.config.root, str(directory)) if self.exclude else None
        return replace(self, prefix="" if relative in (None, ".") else f"{relative}/")

    def accepting(self, folder: str) -> Settings:
        """The settings for one input, with the rules that are accepted for everything in it."""
        rules = rules_for(self.config.accept, self.config.root, folder)
        return replace(self, options=replace(self.options, accepted=self.options.accepted | rules)) if rules else self

    def acknowledged(self, done: Done) -> Done:
        """What came of an input, with the findings accepted that the configuration covers."""
        records = tuple(acknowledge(record, self.config.accept, self.config.root) for record in done.records)
        return replace(done, records=records)


@dataclass(frozen=True, slots=True)
class Done:
    """What came of one input: its records and its diff, or the error that ended it."""

    records: tuple[ChartRecord, ...] = ()
    diff: tuple[str, ...] = ()
    changed: bool = False
    error: ChartliftError | None = None
    names: tuple[NameChange, ...] = ()
    """Objects of the chart that are called otherwise now."""


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
