"""Edits of ``Chart.yaml``: the dependency that is switched, the ones that are added, the version.

Helm takes the name under which a subchart sees itself, and the key of its values, from ``alias``
(pkg/chart/common/util, ``getAliasDependency``), so an alias equal to the old key keeps object names
and values where they were although the hardened chart is called ``<name>-chart``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from chartlift.chart.load import Chart
from chartlift.chart.metadata import Dependency
from chartlift.plan.options import Bump
from chartlift.records import TargetChart, Yaml, YamlPath
from chartlift.yamltext.edit import Edit, Set


@dataclass(frozen=True, slots=True)
class Switch:
    """One dependency that becomes another chart under the same key."""

    dependency: Dependency
    target: TargetChart


@dataclass(frozen=True, slots=True)
class NewDependency:
    """A chart that the parent takes over from a subchart that is gone."""

    name: str
    version: str
    repository: str
    alias: str | None
    condition: str | None

    def as_yaml(self) -> dict[str, Yaml]:
        entry: dict[str, Yaml] = {"name": self.name}
        if self.alias:
            entry["alias"] = self.alias
        entry |= {"version": self.version, "repository": self.repository}
        if self.condition:
            entry["condition"] = self.condition
        return entry

    @property
    def key(self) -> str:
        return self.alias or self.name

    def switched(self, target: TargetChart) -> NewDependency:
        """The same key with the chart that takes over."""
        alias = self.key if self.key != target.name else None
        return replace(self, name=target.name, version=target.version, repository=target.repository, alias=alias)


def switch_edits(switch: Switch) -> Iterator[Edit]:
    """Name, version, repository and alias of one entry; condition, tags and import-values stay."""
    at: YamlPath = ("dependencies", switch.dependency.index)
    yield Set((*at, "name"), switch.target.name)
    if not switch.dependency.alias and switch.dependency.name != switch.target.name:
        yield Set((*at, "alias"), switch.dependency.name)
    yield Set((*at, "version"), switch.target.version)
    yield Set((*at, "repository"), switch.target.repository)


def added_edits(chart: Chart, added: Sequence[NewDependency]) -> Iterator[Edit]:
    """Append each new dependency to the list."""
    index = len(chart.metadata.dependencies)
    for offset, dependency in enumerate(added):
        yield Set(("dependencies", index + offset), dependency.as_yaml())


def bump_edits(chart: Chart, bump: Bump) -> Iterator[Edit]:
    """Raise the chart's own version, as a reviewer of a chart repository expects."""
    parts = chart.metadata.version.lstrip("v").split("-")[0].split("+")[0].split(".")
    if bump == "none" or len(parts) != 3 or not all(part.isdigit() for part in parts):
        return
    major, minor, patch = map(int, parts)
    raised = {
        "major": (major + 1, 0, 0),
        "minor": (major, minor + 1, 0),
        "patch": (major, minor, patch + 1),
    }[bump]
    yield Set(("version",), ".".join(map(str, raised)))
