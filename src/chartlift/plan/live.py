"""Does a dependency run at all? Its condition, as Helm reads it, over every chain of values.

Helm takes the first path of ``condition`` that holds a boolean; without one the dependency runs
(``pkg/chartutil/dependencies.go``, ``processDependencyConditions``). Tags are left out: a dependency
that a tag turns off is treated as running, which says more, never less.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from chartlift.chart.values import merge_layers, merge_values
from chartlift.plan.layers import Layer
from chartlift.plan.units import Unit
from chartlift.records import Yaml
from chartlift.yamltext.paths import get_in


def is_live(unit: Unit, units: Sequence[Unit], layers: Sequence[Layer]) -> bool:
    """Whether some chain of values turns the unit, and every chart around it, on."""
    around = [other for other in units if other.key and other.key == unit.key[: len(other.key)]]
    return all(_is_on(other, units, layers) for other in around)


def _is_on(unit: Unit, units: Sequence[Unit], layers: Sequence[Layer]) -> bool:
    condition = unit.dependency.condition if unit.dependency is not None else ""
    if not condition:
        return True
    parent = next((other for other in units if other.key == unit.key[:-1]), None)
    defaults = parent.defaults if parent is not None and parent.key else None
    sections = [layer.section(unit.key[:-1]) for layer in layers]
    chains = [[sections[0]], *([sections[0], section] for section in sections[1:])]
    return any(_holds(condition, merge_values(merge_layers(chain), defaults or {})) for chain in chains)


def _holds(condition: str, values: Mapping[str, Yaml]) -> bool:
    for path in condition.split(","):
        found = get_in(values, tuple(path.strip().split(".")), None)
        if isinstance(found, bool):
            return found
    return True
