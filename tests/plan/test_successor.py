"""The chart that takes over: a number that goes back, majors that are crossed, the key that an alias keeps."""

from __future__ import annotations

from dataclasses import replace

import pytest

from chartlift.chart.metadata import Dependency
from chartlift.knowledge import load_knowledge
from chartlift.mapping.model import Mapping
from chartlift.plan.successor import successor_findings
from chartlift.plan.units import Unit

_MAPPINGS = load_knowledge().mappings


def rules(version: str, target: str, *, mapping: str = "mongodb", alias: str = "", same: bool = True) -> set[str]:
    """What is found where a chart of ``version`` becomes one of version ``target``."""
    known = _MAPPINGS.get(mapping)
    assert isinstance(known, Mapping) and known.target is not None
    becomes = replace(known, target=replace(known.target, version=target, same_values=same))
    dependency = Dependency(known.source.chart, version, "https://charts.bitnami.com/bitnami", alias, "", index=0)
    unit = Unit(
        (alias or known.source.chart,), known.source.chart, version, True, "bitnami", becomes, "chart", dependency
    )
    return {finding.rule for finding in successor_findings(unit, "Chart.yaml")}


@pytest.mark.parametrize(
    ("version", "target", "expected"),
    [
        ("17.0.2", "17.0.1", {"chart-version-downgrade"}),
        ("17.1.0", "16.9.9", {"chart-version-downgrade"}),
        ("15.0.0", "17.0.0", {"chart-majors-crossed"}),
        ("17.0.1", "17.0.1", set()),
        ("17.0.1", "17.3.0", set()),
        ("17.x", "16.0.0", set()),
    ],
)
def test_a_fork_counts_on(version: str, target: str, expected: set[str]) -> None:
    assert rules(version, target) - {"alias-added"} == expected


def test_numbers_of_another_chart_say_nothing() -> None:
    assert rules("17.0.1", "16.0.0", same=False) - {"alias-added"} == set()
    assert rules("17.0.1", "0.6.5") - {"alias-added"} == set()


def test_what_the_mapping_says_itself_is_not_said_twice() -> None:
    assert rules("23.1.0", "23.0.7", mapping="redis") - {"alias-added"} == set()


def test_an_alias_is_added_where_there_is_none() -> None:
    assert rules("17.0.1", "17.0.1") == {"alias-added"}
    assert rules("17.0.1", "17.0.1", alias="store") == set()
