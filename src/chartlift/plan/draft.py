"""A chart while it is being planned: its layers and units, and what was found and decided so far."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from chartlift.chart.load import VALUES_FILE, Chart
from chartlift.errors import ChartliftError
from chartlift.knowledge import Knowledge
from chartlift.plan.hoist import Hoist
from chartlift.plan.images import ImagePlanner, ImageTally
from chartlift.plan.layers import Layer
from chartlift.plan.mentions import NameChange
from chartlift.plan.options import Options
from chartlift.plan.units import Unit
from chartlift.records import Finding, Foretold, TargetChart, YamlPath
from chartlift.yamltext.document import Document
from chartlift.yamltext.load import decode


@dataclass(slots=True)
class Draft:
    """Mutable while one chart is planned; never handed on."""

    chart: Chart
    options: Options
    knowledge: Knowledge
    layers: list[Layer]
    units: list[Unit]
    hoists: list[Hoist] = field(default_factory=list)
    tallies: dict[str, ImageTally] = field(default_factory=dict)
    findings: dict[str, list[Finding]] = field(default_factory=dict)
    foretold: list[Foretold] = field(default_factory=list)
    names: list[tuple[str, NameChange]] = field(default_factory=list)
    held: set[YamlPath] = field(default_factory=set)
    """User values that stay for a template although the target has no use for them."""
    switches: list[YamlPath] = field(default_factory=list)
    """Values that let kept templates render foreign images."""

    @property
    def planner(self) -> ImagePlanner:
        return ImagePlanner(self.knowledge, self.options)

    @property
    def switched(self) -> list[Unit]:
        return [unit for unit in self.units if unit.strategy == "chart"]

    def note(self, owner: str, findings: Iterable[Finding]) -> None:
        self.findings.setdefault(owner, []).extend(findings)

    def tally(self, owner: str) -> ImageTally:
        return self.tallies.setdefault(owner, ImageTally())

    def target(self, unit: Unit) -> TargetChart | None:
        """The target chart; a hardened one at the mirror that the user named."""
        target = unit.target
        foreign = unit.mapping is None or unit.mapping.target is None or unit.mapping.target.harden
        if target is None or foreign or self.options.chart_repository is None:
            return target
        return replace(target, repository=self.options.chart_repository)


def read_layers(chart: Chart, overlays: Iterable[str]) -> list[Layer]:
    """The chart's ``values.yaml`` (an empty one if it has none) and its overlays, as layers."""
    return [read_layer(chart, name) for name in (VALUES_FILE, *overlays)]


def read_layer(chart: Chart, name: str) -> Layer:
    """One values file of a chart, by its path relative to the chart."""
    path = chart.file_path(name)
    place = chart.tree.place(path)
    text = decode(chart.tree.files.get(path, b""), file=place)
    document = Document.parse(text, file=place)
    if document.count > 1:
        raise ChartliftError(
            f"{document.count} YAML documents in one values file: Helm merges them, and nobody can say which to edit",
            file=place,
            help="Join them into one document, then run again.",
        )
    return Layer(document, file=name)
