"""Every chart of the corpus loads, and the versions its lock names fit the ranges it asks for."""

from __future__ import annotations

from pathlib import Path

import pytest

from chartlift.chart.load import load_chart
from chartlift.chart.values import effective_values, find_values_files, is_enabled
from chartlift.chart.versions import in_range

CORPUS = Path(__file__).parents[3] / "shared" / "corpus"


def test_the_whole_corpus_loads() -> None:
    if not CORPUS.is_dir():
        pytest.skip("../shared/corpus is absent: NO real chart was loaded")
    charts = sorted(path.parent for path in CORPUS.glob("*/*/*/Chart.yaml"))
    assert len(charts) > 250
    for path in charts:
        chart = load_chart(path, label=path.relative_to(CORPUS).as_posix())
        locked = {(lock.name, lock.version) for lock in chart.lock}
        for dependency in chart.metadata.dependencies:
            versions = [version for name, version in locked if name == dependency.name]
            assert not versions or any(in_range(v, dependency.version) for v in versions), chart.path
            is_enabled(dependency, effective_values(chart))
        assert find_values_files(chart) == []
