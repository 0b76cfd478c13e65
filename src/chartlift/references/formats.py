"""The formats that are known, in the order in which they are looked for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from chartlift.references import argo, commands, flux, helmfile, kustomize, rancher, skaffold, terraform
from chartlift.references.records import AnyChange, NewTarget, PairChanges, Reference, Sources, Values
from chartlift.references.sources import Source


class Format(Protocol):
    """What a module knows of one format."""

    NAME: str

    def find(self, sources: Sources) -> Iterator[Reference]:
        """Every reference of this format."""

    def retarget(self, reference: Reference, target: NewTarget, sources: Sources) -> Iterator[AnyChange]:
        """The changes that make it name another chart."""

    def write_pairs(self, values: Values, changes: PairChanges, source: Source) -> Iterator[AnyChange]:
        """The changes of a list of pairs."""


FORMATS: dict[str, Format] = {
    module.NAME: module for module in (argo, flux, helmfile, kustomize, rancher, skaffold, terraform, commands)
}


def find_references(sources: Sources) -> list[Reference]:
    """Every reference of every format, by file and line."""
    return [reference for reference in _found(sources) if not reference.local]


def find_local(sources: Sources) -> list[Reference]:
    """Every reference to a chart that lies in the repository itself, by file and line."""
    return [reference for reference in _found(sources) if reference.local]


def _found(sources: Sources) -> list[Reference]:
    found = [reference for module in FORMATS.values() for reference in module.find(sources)]
    return sorted(found, key=lambda one: (one.file, one.line, one.format, one.name))
