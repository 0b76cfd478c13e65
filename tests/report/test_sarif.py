"""SARIF for code scanning: what GitHub asks for, and fingerprints that outlive an edit above the line."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from chartlift.records import CatalogStamp, ChartRecord, Finding, Place, Result, Verification
from chartlift.report.as_sarif import render_sarif
from places import ROOT

CATALOG = CatalogStamp("30c3db971dff", "2026-08-22T23:05:09+00:00")


def chart(*findings: Finding, path: str = "charts/shop", **more: Any) -> ChartRecord:
    return ChartRecord(path, "redis", "1.0.0", "chart", "cache", findings=findings, **more)


def run_of(*charts: ChartRecord) -> dict[str, Any]:
    document = json.loads(render_sarif(Result("0.1.0", CATALOG, charts)))
    assert document["version"] == "2.1.0"
    (run,) = document["runs"]
    assert isinstance(run, dict)
    return run


BLOCKER = Finding("claim-lost", "error", "claim x of 3 is lost", Place("values.yaml", 12, "cache.a"), "keep it")
NOTE = Finding("floating-tag", "note", "latest moves", Place("values.yaml", 3, "image"))


def test_results_name_their_rule_and_stand_at_a_line() -> None:
    run = run_of(chart(NOTE, BLOCKER))
    rules = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    first, second = run["results"]
    assert (first["ruleId"], first["level"], second["level"]) == ("claim-lost", "error", "note")
    assert rules[first["ruleIndex"]] == "claim-lost"
    location = first["locations"][0]["physicalLocation"]
    assert location == {"artifactLocation": {"uri": "charts/shop/values.yaml"}, "region": {"startLine": 12}}
    assert first["message"]["text"].endswith("claim x of 3 is lost\n\nkeep it")


def test_a_rule_has_one_id_in_sarif_and_in_the_documentation() -> None:
    for rule in run_of(chart(NOTE, BLOCKER))["tool"]["driver"]["rules"]:
        page, _, anchor = rule["help"]["text"].partition(" ")[0].partition("#")
        assert anchor == rule["id"]
        assert f'<a id="{anchor}"></a>[`{anchor}`]({anchor}.md)' in (ROOT / page).read_text("utf-8")
        assert (ROOT / page).with_name(f"{anchor}.md").is_file()


@pytest.mark.parametrize(
    ("path", "file", "uri"),
    [
        ("charts/shop", "Chart.yaml", "charts/shop/Chart.yaml"),
        ("./charts/shop", "env/a b.yaml", "charts/shop/env/a%20b.yaml"),
        ("env/prod.yaml", "prod.yaml", "env/prod.yaml"),
        (".", "values.yaml", "values.yaml"),
        ("/srv/charts", "values.yaml", "file:///srv/charts/values.yaml"),
    ],
)
def test_files_are_named_as_the_command_was_told_of_them(path: str, file: str, uri: str) -> None:
    (result,) = run_of(chart(replace(BLOCKER, place=Place(file)), path=path))["results"]
    physical = result["locations"][0]["physicalLocation"]
    assert physical["artifactLocation"]["uri"] == uri
    assert physical["region"]["startLine"] == 1


def test_a_rendered_object_is_no_file_of_the_repository() -> None:
    place = Place("shop/charts/cache/templates/sts.yaml", None, "StatefulSet/db: spec.selector")
    (result,) = run_of(chart(replace(BLOCKER, place=place)))["results"]
    assert result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "charts/shop/Chart.yaml"
    assert place.file in result["message"]["text"]


def test_fingerprints_outlive_lines_and_tell_equals_apart() -> None:
    moved = replace(BLOCKER, place=Place("values.yaml", 99, "cache.a"), message="claim x of 4 is lost")
    marks = [
        [result["partialFingerprints"]["chartlift/v1"] for result in run_of(chart(*findings))["results"]]
        for findings in ((BLOCKER,), (moved,), (BLOCKER, BLOCKER), (replace(BLOCKER, rule="claim-renamed"),))
    ]
    assert marks[0] == marks[1]
    assert len(set(marks[2])) == 2
    assert marks[3] != marks[0]


def test_accepted_findings_are_suppressed_and_what_was_not_checked_is_said() -> None:
    unchecked = Verification("not-run", "no charts at hand")
    umbrella = ChartRecord("charts/shop", "shop", "1.0.0", "none", verification=unchecked)
    run = run_of(umbrella, chart(replace(BLOCKER, accepted=True)))
    assert run["results"][0]["suppressions"][0]["kind"] == "external"
    (said,) = run["invocations"][0]["toolExecutionNotifications"]
    assert "no charts at hand" in said["message"]["text"]


def test_a_file_holds_what_github_takes_and_drops_the_least() -> None:
    run = run_of(chart(*[NOTE] * 25_000, BLOCKER))
    assert len(run["results"]) == 25_000
    assert run["results"][0]["level"] == "error"
    assert "1 findings" in run["invocations"][0]["toolExecutionNotifications"][0]["message"]["text"]
