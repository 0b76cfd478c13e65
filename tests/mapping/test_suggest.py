"""Drafts: what is equal is kept, what is near is suggested once, and nothing else is."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from chartlift.mapping.suggest import descriptions, draft_lines, suggest
from chartlift.mapping.surfaces import build_surface
from chartlift.records import format_path
from chartlift.yamltext.load import read_yaml
from places import Ran

OURS = """\
## @param replicaCount Number of replicas
replicaCount: 1
podLabels: {}
service:
  ports:
    http: 80
extraEnvVars: []
legacyMode: false
"""
THEIRS = """\
# -- Number of replicas to run
replicas: 1
podLabels: {}
service:
  httpPort: 80
extraEnv: []
colour: blue
"""


def found(ours: str, theirs: str) -> dict[str, tuple[str, str]]:
    source, target = build_surface(ours, None, "a/a/1"), build_surface(theirs, None, "b/b/1")
    suggestions = suggest(source, target, descriptions(ours), descriptions(theirs))
    return {format_path(one.source): (one.kind, format_path(one.target or ())) for one in suggestions}


def test_equal_near_and_unknown() -> None:
    assert found(OURS, THEIRS) == {
        "replicaCount": ("near", "replicas"),
        "podLabels": ("keep", "podLabels"),
        "service.ports.http": ("near", "service.httpPort"),
        "extraEnvVars": ("near", "extraEnv"),
        "legacyMode": ("unmapped", ""),
    }


def test_a_path_of_another_type_is_not_kept() -> None:
    assert found("affinity: {}\n", "affinity: ''\n")["affinity"][0] != "keep"


def test_a_target_is_suggested_once() -> None:
    result = found("env: []\nextraEnv: []\nextraEnvVars: []\n", "environmentEnv: []\n")
    assert [target for kind, target in result.values() if kind == "near"].count("environmentEnv") <= 1


def test_nothing_is_suggested_where_nothing_is_near() -> None:
    assert set(found("alpha: 1\n", "omega: x\n").values()) == {("unmapped", "")}


def test_the_draft_is_yaml_and_marks_what_to_review() -> None:
    source, target = build_surface(OURS, None, "a/a/1"), build_surface(THEIRS, None, "b/b/1")
    text = "\n".join(draft_lines(suggest(source, target)))
    data = read_yaml(text, file="draft.yaml")
    assert isinstance(data, dict)
    assert {"keep": "podLabels"} in data["values"]  # type: ignore[operator]
    assert text.count("# review: ") == 3
    assert "# - {from: legacyMode, to: }" in text


def test_the_command_writes_what_the_lint_reads(tmp_path: Path, chartlift: Callable[..., Ran]) -> None:
    for name, values in (("cache", OURS), ("cache-chart", THEIRS)):
        (tmp_path / name).mkdir()
        (tmp_path / name / "Chart.yaml").write_text(f"apiVersion: v2\nname: {name}\nversion: 1.2.3\n")
        (tmp_path / name / "values.yaml").write_text(values)
    mine = tmp_path / "mine"
    command = ("mappings", "new", tmp_path / "cache", tmp_path / "cache-chart", "-o", mine)
    assert chartlift(*command).code == 0
    again = chartlift(*command)
    assert again.code == 2
    assert "is there already" in again.err
    ran = chartlift("mappings", "lint", "cache", "--mappings", mine)
    assert ran.code == 1
    assert ran.out.count("\n") == 1
    assert "legacyMode" in ran.out
