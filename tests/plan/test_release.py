"""Bare values files of one release: there is no parent that a bundled database could live on in."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from places import Ran


@pytest.mark.parametrize(
    ("text", "lost"),
    [
        ("postgresql: {auth: {password: x}}\n", True),
        ("replicaCount: 2\n", True),
        ("postgresql: {enabled: false}\nexternalDatabase: {host: db}\n", False),
    ],
)
def test_a_bundled_database_is_never_dropped_without_a_word(
    text: str, lost: bool, tmp_path: Path, chartlift: Callable[..., Ran]
) -> None:
    values, report = tmp_path / "values.yaml", tmp_path / "report.json"
    values.write_text(text)
    chart = ("--chart", "keycloak", "--chart-version", "25.4.0")
    ran = chartlift("migrate", values, *chart, "-o", tmp_path / "out", "--no-verify", "-q", "--report", report)
    assert ran.code == 3, ran
    found = {f["rule"]: f["level"] for c in json.loads(report.read_text())["charts"] for f in c["findings"]}
    assert (found.get("bundled-dependency-lost") == "error") is lost
