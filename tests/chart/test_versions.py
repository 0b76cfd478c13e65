"""Version ranges against Helm: a dependency whose range holds is rendered under its alias."""

from __future__ import annotations

import json
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from chartlift.chart.versions import in_range, is_range, parse_version

VERSIONS = [
    "0.0.0",
    "0.0.3",
    "0.2.3",
    "1.0.0",
    "1.2.3",
    "1.2.10",
    "2.0.0",
    "2.1.0-rc.1",
    "10.4.1+build.5",
    "v3",
]
RANGES = """
*|x|X.x|1|1.2|1.2.3|1.x|1.x.x|1.X.*|v1.2.3|=1.2.3|= 1.2|==1.2.3|!=1.2.3|!=1.2|!=1.x|!=*|>1|>1.2|>1.2.3
>=1.2|<2|<1.2.3|>*|>=*|<*|<=*|<=1.2|<=1.2.3|=<1.2|=>1.2|~1|~1.2|~1.2.3|~>1.2|~0.0.0|~0|~*|^1|^1.2.3|^0
^0.0|^0.2|^0.2.3|^0.0.3|^0.0.0|^*|>=1.0.0 <2.0.0|>=1.0.0, <2.0.0|>=1.0.0,<2.0.0|>= 1.0 , < 3|1.0 - 2.0
0.2.3 - 1.2.3|>=2.0.0-0|>=2.1.0-alpha <3|^2.1.0-0|~2.1-0|2.1.0-rc.1|<2.1.0-rc.2 >2.0.0|>=1 >=2.0.0-0
^1 OR ^2|latest|1.2.3.4|>=|,1|1,|1, |1 2|>1<3| 1.x |""".replace("\n", "|").split("|")
EITHER = ["^1 || ^2", "^0.2||>=3", "1.x || latest"]


def test_ranges_are_read_as_helm_reads_them(tmp_path: Path, helm: Callable[..., list[dict[str, Any]]]) -> None:
    questions = [(r, v) for r in [*RANGES, *EITHER] for v in VERSIONS]
    cases = []
    for index, (constraint, version) in enumerate(questions):
        root = tmp_path / str(index)
        (root / "charts/sub/templates").mkdir(parents=True)
        dependency = {"name": "sub", "version": constraint, "repository": "", "alias": "hit"}
        chart = {"apiVersion": "v2", "name": "top", "version": "1.0.0", "dependencies": [dependency]}
        (root / "Chart.yaml").write_text(json.dumps(chart))
        sub = {"apiVersion": "v2", "name": "sub", "version": version}
        (root / "charts/sub/Chart.yaml").write_text(json.dumps(sub))
        (root / "charts/sub/templates/x.yaml").write_text("x: 1")
        cases.append((root, {}))
    wrong = []
    for (constraint, version), answer in zip(questions, helm(cases), strict=True):
        theirs = any("charts/hit/" in path for path in answer["rendered"])
        if in_range(version, constraint) is not theirs:
            wrong.append((constraint, version, "Helm: " + str(theirs)))
    assert not wrong, " ; ".join(map(str, wrong))


@pytest.mark.parametrize("text", ["", "latest", "1.2.3.4", "1..2", "-1", " 1.2.3", "1.2.3 ", "1.2.x", "1" * 30])
def test_what_is_no_version(text: str) -> None:
    assert parse_version(text) is None
    assert not in_range(text, "*")


@pytest.mark.parametrize("text", ["latest", "^", ">= one", "1.2.3.4", "1 ||| 2"])
def test_what_is_no_range(text: str) -> None:
    assert not is_range(text)
    assert not in_range("1.0.0", text)


def test_precedence_is_semvers() -> None:
    texts = [
        "1.0.0-1",
        "1.0.0-2",
        "1.0.0-10",
        "1.0.0-alpha",
        "1.0.0-alpha.1",
        "1.0.0-beta",
        "1.0.0",
        "1.0.1",
        "2",
    ]
    for lower, higher in pairwise(texts):
        left, right = parse_version(lower), parse_version(higher)
        assert left is not None and right is not None and left < right and not right < left
