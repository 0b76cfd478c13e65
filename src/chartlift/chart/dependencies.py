"""Which dependencies a chart's values switch on, and what they export to their parent.

``condition`` wins over ``tags``; ``import-values`` copies from child to parent, below the parent's own
defaults (https://helm.sh/docs/topics/charts/#tags-and-condition-fields-in-dependencies). Helm prunes the
tree of charts first and then merges values over what is left; so does this.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field

from chartlift.chart.coalesce import Node, Values, coalesce, merge_tables
from chartlift.chart.load import Chart
from chartlift.chart.metadata import Dependency, scalar_text
from chartlift.chart.versions import in_range
from chartlift.records import Yaml


@dataclass(slots=True)
class LiveChart(Node):
    """A chart that Helm would render, under the name it has there; made anew for each question."""

    chart: Chart | None = None
    dependency: Dependency | None = None
    kept: list[tuple[str, Dependency]] = field(default_factory=list)
    """The chart's own dependencies that are switched on, by key."""


def live_charts(chart: Chart, values: Values) -> LiveChart:
    """The tree of charts that ``values`` leave, with imported values in the defaults of each parent."""
    top = _node(chart, chart.name, None)
    _prune(top, values, "")
    _import_all(top)
    return top


def is_enabled(dependency: Dependency, values: Mapping[str, Yaml], prefix: str = "") -> bool:
    """Whether merged ``values`` switch a dependency on.

    ``values`` are those of the top chart, merged over its defaults; ``prefix`` is the dotted path, with
    a dot at its end, of the chart that has the dependency (empty for the top chart). The first condition
    that holds a boolean decides; else tags, of which one true is enough; else it is on.
    """
    for path in dependency.condition.strip().split(","):
        found = _lookup(values, (prefix + path).split(".")) if path else None
        if isinstance(found, bool):
            return found
    tags = values.get("tags")
    states = [tags[tag] for tag in dependency.tags if tag in tags] if isinstance(tags, dict) else []
    booleans = [state for state in states if isinstance(state, bool)]
    return not booleans or any(booleans)


def _node(chart: Chart, name: str, dependency: Dependency | None) -> LiveChart:
    children: list[Node] = [_node(subchart, subchart.name, None) for subchart in chart.subcharts]
    # By name: below a chart that lists no dependencies Helm puts neither conditions nor aliases to work.
    kept = [(d.name, d) for d in chart.metadata.dependencies]
    return LiveChart(name, chart.values, children, chart, dependency, kept)


def _prune(node: LiveChart, values: Values, prefix: str) -> None:
    """Helm's order: give each dependency its chart under its key, merge, drop what is off, go down."""
    chart = node.chart
    if chart is None or not chart.metadata.lists_dependencies:
        return
    dependencies = chart.metadata.dependencies
    node.children = [*_undeclared(node, dependencies), *_declared(chart, dependencies)]
    merged = coalesce(node, deepcopy(values), keep_nulls=False)
    off = {d.key for d in dependencies if not is_enabled(d, merged, prefix)}
    node.kept = [(d.key, d) for d in dependencies if d.key not in off]
    node.children = [child for child in node.children if child.name not in off]
    for child in node.children:
        if isinstance(child, LiveChart):
            _prune(child, merged, f"{prefix}{child.name}.")


def _undeclared(node: LiveChart, dependencies: Sequence[Dependency]) -> list[Node]:
    """Charts in charts/ that no dependency means: Helm renders them, whatever the values say."""
    return [child for child in node.children if not _is_declared(child, dependencies)]


def _is_declared(child: Node, dependencies: Sequence[Dependency]) -> bool:
    if not isinstance(child, LiveChart) or child.chart is None:
        return False
    version = child.chart.metadata.version
    return any(d.name == child.name and in_range(version, d.version) for d in dependencies)


def _declared(chart: Chart, dependencies: Sequence[Dependency]) -> list[Node]:
    found = ((d, chart.vendored(d)) for d in dependencies)
    return [_node(subchart, d.key, d) for d, subchart in found if subchart is not None]


def _import_all(node: LiveChart) -> None:
    for child in node.children:
        if isinstance(child, LiveChart):
            _import_all(child)
    if not node.kept:
        return
    merged = coalesce(node, {}, keep_nulls=True)
    # Not copied: in Helm a later import into the same table shows in the child it came from.
    imported: Values = {}
    for key, dependency in node.kept:
        for item in dependency.import_values:
            merge_tables(imported, _imported(merged, key, item), keep_nulls=True)
    node.values = deepcopy(merged)
    merge_tables(node.values, imported, keep_nulls=True)


def _imported(merged: Values, key: str, item: Yaml) -> Values:
    """One ``import-values`` entry as a map for the parent; empty where the child has no such table."""
    if isinstance(item, dict):
        child, parent = _path_text(item.get("child")), _path_text(item.get("parent"))
    elif isinstance(item, str):
        child, parent = f"exports.{item}", "."
    else:
        return {}
    table = _lookup(merged, f"{key}.{child}".split("."))
    if not isinstance(table, dict):
        return {}
    result: Values = table or {}
    for part in reversed([] if parent == "." else parent.split(".")):
        result = {part: result}
    return result


def _path_text(value: Yaml) -> str:
    """A path as Go prints it: a missing one is the key ``<nil>``, which Helm really writes."""
    return "<nil>" if value is None else scalar_text(value)


def _lookup(values: Mapping[str, Yaml], path: Sequence[str]) -> Yaml:
    found: Yaml = dict(values)
    for part in path:
        if not isinstance(found, dict):
            return None
        found = found.get(part)
    return found
