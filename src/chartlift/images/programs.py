"""Which programs an image has, as far as its definition says: ``mappings/programs.yaml``.

A definition lists packages; what they pull in is not in it. So only a program whose package the catalog
records can be said to be missing, and of all others nothing is said.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from chartlift.catalog.records import Definition
from chartlift.images.datafile import load_layers


@dataclass(frozen=True, slots=True)
class Programs:
    """Program -> packages that bring it."""

    packages: Mapping[str, frozenset[str]]
    everything: frozenset[str]
    builtin: frozenset[str]

    def is_missing(self, program: str, definition: Definition) -> bool:
        """No package of the image brings it. False also where nothing is known of the program."""
        bringing = self.packages.get(program)
        if bringing is None or program in self.builtin or program in definition.packages:
            return False
        return (bringing | self.everything).isdisjoint(definition.packages)

    def package_of(self, program: str) -> str:
        """The package to name in a message."""
        return min(self.packages.get(program, ()), default=program)


def load_programs(extra: Sequence[Path] = ()) -> Programs:
    """Load ``programs.yaml``, added to by those in the user's directories.

    Errors (``ChartliftError``): a file that does not fit ``mappings/schema/programs.schema.json``.
    """
    packages: dict[str, frozenset[str]] = {}
    everything: set[str] = set()
    builtin: set[str] = set()
    for layer in load_layers("programs.yaml", "programs.schema.json", extra):
        for package, programs in layer.get("packages", {}).items():
            for program in programs:
                packages[program] = packages.get(program, frozenset()) | {package}
        for program, others in layer.get("also", {}).items():
            packages[program] = packages.get(program, frozenset()) | frozenset(others)
        everything |= set(layer.get("everything", ()))
        builtin |= set(layer.get("builtin", ()))
    return Programs(packages, frozenset(everything), frozenset(builtin))
