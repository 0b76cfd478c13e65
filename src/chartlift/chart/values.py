"""The values a chart and its subcharts really get, and the overlay files that lie beside a chart.

This is what ``.Values`` holds in a template: a chain of files merged over the defaults of all charts
that are switched on (https://helm.sh/docs/chart_template_guide/values_files/).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from typing import TypeVar

from chartlift.chart.coalesce import GLOBAL, Node, Values, coalesce, merge_layers, merge_values
from chartlift.chart.dependencies import LiveChart, is_enabled, live_charts
from chartlift.chart.load import Chart
from chartlift.chart.metadata import Dependency
from chartlift.chart.overlays import find_values_files
from chartlift.errors import ChartliftError
from chartlift.records import Yaml

__all__ = [
    "EnabledSubchart",
    "Values",
    "effective_values",
    "enabled_subcharts",
    "find_values_files",
    "is_enabled",
    "merge_layers",
    "merge_values",
    "subchart_values",
]

Layers = Sequence[Mapping[str, Yaml]]
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class EnabledSubchart:
    """A subchart that Helm renders: where its values are, and the dependency (if any) it answers."""

    keys: tuple[str, ...]
    chart: Chart
    dependency: Dependency | None
    """``None`` for a chart in charts/ that no dependency names."""


def effective_values(chart: Chart, layers: Layers = ()) -> Values:
    """``.Values`` of the chart under a chain of values files (Helm's order: later wins).

    Subcharts that are switched on have their whole effective values below their key. Errors
    (``ChartliftError``): values of a subchart that are not a map.
    """
    values = merge_layers(layers)
    return _placed(chart, lambda: coalesce(live_charts(chart, values), deepcopy(values), keep_nulls=False))


def subchart_values(chart: Chart, keys: str | Sequence[str], layers: Layers = ()) -> Values | None:
    """``.Values`` of a subchart by its key (or keys, from the top); ``None`` if it is not rendered.

    A dependency that is switched on but not vendored has what its parent says, and the globals.
    """
    path = (keys,) if isinstance(keys, str) else tuple(keys)
    values = merge_layers(layers)
    live = _placed(chart, lambda: live_charts(chart, values))
    found: Yaml = _placed(chart, lambda: coalesce(live, deepcopy(values), keep_nulls=False))
    node: Node | None = live
    for key in path:
        if not isinstance(node, LiveChart) or not isinstance(found, dict):
            return None
        child = next((c for c in node.children if c.name == key), None)
        if child is None and key not in dict(node.kept):
            return None
        found = _below(found, key, vendored=child is not None)
        node = child
    return found if isinstance(found, dict) else None


def enabled_subcharts(chart: Chart, layers: Layers = ()) -> tuple[EnabledSubchart, ...]:
    """Every vendored subchart, at any depth, that Helm would render with these values."""
    values = merge_layers(layers)
    return tuple(_walk(_placed(chart, lambda: live_charts(chart, values)), ()))


def _walk(node: Node, above: tuple[str, ...]) -> Iterator[EnabledSubchart]:
    for child in node.children:
        if isinstance(child, LiveChart) and child.chart is not None:
            keys = (*above, child.name)
            yield EnabledSubchart(keys, child.chart, child.dependency)
            yield from _walk(child, keys)


def _below(values: Mapping[str, Yaml], key: str, *, vendored: bool) -> Yaml:
    """A subchart's values; without its chart nobody has merged the globals into them yet."""
    found = values.get(key)
    if vendored:
        return found
    placeholder: Values = {GLOBAL: values.get(GLOBAL)} if isinstance(values.get(GLOBAL), dict) else {}
    placeholder[key] = found if isinstance(found, dict) else {}
    return coalesce(Node("", {}, [Node(key, {})]), deepcopy(placeholder), keep_nulls=False)[key]


def _placed(chart: Chart, compute: Callable[[], T]) -> T:
    """Name the chart in an error about its values."""
    try:
        return compute()
    except ChartliftError as error:
        raise ChartliftError(error.message, file=error.file or chart.path, path=error.path, help=error.help) from error
