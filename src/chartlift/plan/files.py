"""What a plan asks of the disk: per file, edits of its text, or its removal."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from chartlift.chart.load import Chart
from chartlift.plan.layers import Layer
from chartlift.plan.names import NameChange
from chartlift.records import ChartRecord, Foretold, Yaml
from chartlift.yamltext.edit import Edit


@dataclass(frozen=True, slots=True, order=True)
class Splice:
    """Replace ``text[start:end]`` (character offsets) of a file that is no YAML, such as a template."""

    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class FilePlan:
    """The changes of one file; ``path`` is relative to the chart and posix."""

    path: str
    edits: tuple[Edit, ...] = ()
    splices: tuple[Splice, ...] = ()
    expected: Yaml = None
    """What the YAML document must say once edited; only looked at where there are ``edits``."""
    delete: bool = False


@dataclass(frozen=True, slots=True)
class External:
    """Values for a chart that stand outside of it: a layer of its plan, and where it came from."""

    label: str
    layer: Layer
    index: int
    """Among all layers of the plan."""
    origin: tuple[object, str]
    """What writes it back: the values as their format has them, and the format's name."""


@dataclass(frozen=True, slots=True)
class ChartPlan:
    """Everything decided for one input chart: file changes, and the records for the reports."""

    chart: Chart
    files: tuple[FilePlan, ...]
    records: tuple[ChartRecord, ...]
    chains: Mapping[str, tuple[str, ...]]
    """Label of a values chain -> its files in Helm's order, without the chart's own ``values.yaml``."""
    foretold: tuple[Foretold, ...] = ()
    """What verification will find and need not stop at."""
    external: tuple[External, ...] = ()
    layers: tuple[Layer, ...] = ()
    """All layers as planned: the chart's own files, then the external ones."""
    names: tuple[NameChange, ...] = ()
    """Objects that are called otherwise now."""
