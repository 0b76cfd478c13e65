"""``.helmignore`` against Helm: which of a chart's templates it still renders."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from chartlift.chart.ignore import ignored, read_rules
from chartlift.errors import ChartliftError

FILES = ["a.yaml", "b.yaml", ".hid.yaml", "sub/a.yaml", "sub/deep/c.yaml", "x[1].yaml", "tést.yaml"]
RULES = (
    """
a.yaml|*.yaml|templates/a.yaml|/templates/a.yaml|/a.yaml|sub|sub/|templates/sub|templates/sub/|a.yaml/
templates/*|templates/*.yaml|*/a.yaml|?.yaml|[ab].yaml|[^a].yaml|[a-b].yaml|x\\[1\\].yaml|!a.yaml
!templates|deep|t?st.yaml|#a.yaml|  b.yaml  |.*|templates/s*/a.yaml|*a*|templates/|templates|
""".strip()
    .replace("\n", "|")
    .split("|")
)


def test_rules_are_helms(tmp_path: Path, helm: Callable[..., list[dict[str, Any]]]) -> None:
    cases = []
    for index, rule in enumerate(RULES):
        root = tmp_path / str(index)
        for name in FILES:
            (root / "templates" / name).parent.mkdir(parents=True, exist_ok=True)
            (root / "templates" / name).write_text("x: 1")
        (root / "Chart.yaml").write_text("apiVersion: v2\nname: top\nversion: 1.0.0\n")
        (root / ".helmignore").write_text(rule + "\n")
        cases.append((root, {}))
    wrong = []
    for rule, answer in zip(RULES, helm(cases), strict=True):
        rules = read_rules(rule, ".helmignore")
        ours = sorted(f"top/templates/{name}" for name in FILES if not ignored(f"templates/{name}", rules))
        if ignored("Chart.yaml", rules):
            ours = []
        if ours != sorted(answer.get("rendered", [])):
            wrong.append((rule, ours, answer))
    assert not wrong, wrong


@pytest.mark.parametrize("rule", ["a/**", "**", "[a", "x\\"])
def test_what_helm_refuses(rule: str) -> None:
    with pytest.raises(ChartliftError) as caught:
        read_rules("ok\n" + rule, "c/.helmignore")
    assert (caught.value.file, caught.value.line) == ("c/.helmignore", 2)


@pytest.mark.parametrize("text", ["", "\n\n", "# comment\n", "\ufeff# comment\n"])
def test_no_rules_ignore_nothing(text: str) -> None:
    assert not ignored("templates/a.yaml", read_rules(text, "f"))
