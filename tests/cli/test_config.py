"""`.chartlift.yaml`: defaults that the command line beats, accepted rules for a time and a place, excluded paths."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from chartlift.config import read_config
from places import Ran

IMAGE = "image: docker.io/bitnami/kubectl:1.33.4-debian-12-r0\n"
VALKEY = "cache: {primary: {persistence: {enabled: true}}}\n"
DEPENDENCY = (
    "dependencies: [{name: valkey, alias: cache, version: 3.0.31, repository: https://charts.bitnami.com/bitnami}]\n"
)
RULE = "claim-renamed"


def make_chart(folder: Path, values: str = IMAGE, more: str = "") -> Path:
    folder.mkdir(parents=True)
    (folder / "Chart.yaml").write_text(f"apiVersion: v2\nname: {folder.name}\nversion: 1.0.0\n{more}")
    (folder / "values.yaml").write_text(values)
    return folder


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with a chart that names an image, and one whose claim would be renamed."""
    make_chart(tmp_path / "charts" / "tools")
    make_chart(tmp_path / "charts" / "shop", VALKEY, DEPENDENCY)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write(repository: Path, text: str) -> None:
    (repository / ".chartlift.yaml").write_text(text)


def scanned(chartlift: Callable[..., Ran], *arguments: object) -> dict[str, Any]:
    ran = chartlift("scan", "charts", "--json", *arguments)
    assert ran.code == 0, ran
    found = json.loads(ran.out)
    assert isinstance(found, dict)
    return found


def blockers(result: dict[str, Any]) -> list[tuple[str, str]]:
    return [
        (chart["path"], finding["rule"])
        for chart in result["charts"]
        for finding in chart["findings"]
        if finding["level"] == "error" and not finding["accepted"]
    ]


def test_nothing_is_asked_without_a_file(repository: Path, chartlift: Callable[..., Ran]) -> None:
    assert ("charts/shop", RULE) in blockers(scanned(chartlift))


def test_options_become_defaults_and_the_command_line_wins(repository: Path, chartlift: Callable[..., Ran]) -> None:
    write(repository, "options: {registry: mirror.example.com, image-prefix: dhi/}\n")
    assert "mirror.example.com/dhi/kubectl:" in json.dumps(scanned(chartlift))
    asked = json.dumps(scanned(chartlift, "--registry", "other.example.com"))
    assert "other.example.com/dhi/kubectl:" in asked
    assert "mirror.example.com" not in asked
    assert "mirror.example.com" not in json.dumps(scanned(chartlift, "--no-config"))


def test_every_option_of_the_file_is_one_of_the_command_line() -> None:
    import click

    from chartlift.cli.root import cli
    from places import ROOT

    schema = json.loads((ROOT / "mappings" / "schema" / "config.schema.json").read_text("utf-8"))
    from chartlift.config import _options

    names = _options(dict.fromkeys(schema["properties"]["options"]["properties"], ()), Path())
    for name in ("scan", "migrate"):
        command = cli.get_command(click.Context(cli), name)
        assert command is not None
        assert names.keys() <= {parameter.name for parameter in command.params}


def test_a_file_that_is_named_and_its_paths(
    tmp_path: Path, chartlift: Callable[..., Ran], monkeypatch: pytest.MonkeyPatch
) -> None:
    make_chart(tmp_path / "repository" / "charts" / "tools")
    (tmp_path / "repository" / "mine").mkdir()
    write(tmp_path / "repository", "options: {mappings: [mine], chart-store: [mine]}\nexclude: [charts/tools]\n")
    monkeypatch.chdir(tmp_path)
    given = ("--config", "repository/.chartlift.yaml")
    ran = chartlift("scan", "repository", *given, "--json")
    assert ran.code == 0, ran
    assert [chart["path"] for chart in json.loads(ran.out or '{"charts": []}')["charts"]] == []
    assert chartlift("scan", "repository", *given, "--no-config").code == 2
    assert chartlift("scan", "repository", "--no-config", *given).code == 2


@pytest.mark.parametrize(
    ("entry", "accepted"),
    [
        ("", True),
        ("paths: [charts/shop/**], ", True),
        ("paths: [charts/shop/values.yaml], ", True),
        ("paths: [charts/tools/**], ", False),
        ("paths: [charts/shop/values-prod.yaml], ", False),
    ],
)
def test_a_rule_is_accepted_where_it_is_said(
    entry: str, accepted: bool, repository: Path, chartlift: Callable[..., Ran]
) -> None:
    write(repository, f"accept: [{{rule: {RULE}, {entry}reason: restored from a dump}}]\n")
    result = scanned(chartlift)
    assert (("charts/shop", RULE) in blockers(result)) is not accepted
    reasons = [f["accepted_for"] for c in result["charts"] for f in c["findings"] if f["rule"] == RULE]
    assert reasons == ["restored from a dump" if accepted else ""]


def test_places_count_from_the_file_wherever_the_command_runs(
    repository: Path, chartlift: Callable[..., Ran], monkeypatch: pytest.MonkeyPatch
) -> None:
    write(repository, f"accept: [{{rule: {RULE}, reason: agreed, paths: [charts/shop]}}]\n")
    for path in (repository / "charts", Path("charts/shop"), Path("./charts/../charts")):
        ran = chartlift("scan", path, "--json")
        assert RULE not in [rule for _, rule in blockers(json.loads(ran.out))], path
    monkeypatch.chdir(repository / "charts")
    ran = chartlift("scan", "shop", "--config", "../.chartlift.yaml", "--json")
    assert RULE not in [rule for _, rule in blockers(json.loads(ran.out))]


def test_an_acceptance_ends_after_its_last_day(repository: Path, chartlift: Callable[..., Ran]) -> None:
    write(repository, f"accept:\n  - rule: {RULE}\n    reason: until the window\n    expires: 2030-06-30\n")
    for today, holds in (("2030-06-30", True), ("2030-07-01", False)):
        ran = chartlift("scan", "charts", "--json", "--today", today)
        assert (RULE not in [rule for _, rule in blockers(json.loads(ran.out))]) is holds
        warnings = [line for line in ran.err.splitlines() if "warning" in line]
        assert warnings == (
            [] if holds else [f"chartlift: warning: .chartlift.yaml:2: accepting {RULE} ended on 2030-06-30"]
        )


def test_the_clock_is_not_read_where_nothing_expires(
    repository: Path, chartlift: Callable[..., Ran], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr("chartlift.cli.configured.date")
    write(repository, f"accept: [{{rule: {RULE}, reason: agreed}}]\n")
    assert ("charts/shop", RULE) not in blockers(scanned(chartlift))


def test_reports_say_why(repository: Path, chartlift: Callable[..., Ran]) -> None:
    write(repository, f"accept: [{{rule: {RULE}, reason: restored from a dump}}]\n")
    files = [f"x{ending}" for ending in (".md", ".html", ".sarif", ".xml", ".txt", ".json")]
    chartlift("scan", "charts", "-q", *[word for file in files for word in ("--report", file)])
    assert [file for file in files if "restored from a dump" not in (repository / file).read_text()] == []
    again = chartlift("report", "x.json", "-f", "text")
    assert "restored from a dump" in again.out


def test_an_image_that_a_rule_stops_moves_where_its_whole_chart_is_accepted(
    repository: Path, chartlift: Callable[..., Ran]
) -> None:
    """As with ``--accept``; an entry for single files only acknowledges."""
    (repository / "charts/tools/values.yaml").write_text("image: docker.io/bitnami/nginx:1.29.1-debian-12-r0\n")
    for paths, moves in (("[charts/tools]", True), ("[charts/tools/values.yaml]", False), ("[charts/shop]", False)):
        write(repository, f"accept: [{{rule: image-contract, reason: tried, paths: {paths}}}]\n")
        (own,) = [chart for chart in scanned(chartlift)["charts"] if chart["path"] == "charts/tools"]
        assert (own["images"][0]["status"] == "mapped") is moves, paths


@pytest.mark.parametrize("pattern", ["charts/shop", "charts/shop/**", "**/shop", "charts/s*"])
def test_excluded_paths_are_not_looked_at(pattern: str, repository: Path, chartlift: Callable[..., Ran]) -> None:
    write(repository, f"exclude: ['{pattern}']\n")
    for path in (".", "charts"):
        ran = chartlift("scan", path, "--json")
        assert {chart["path"].removeprefix("./") for chart in json.loads(ran.out)["charts"]} == {"charts/tools"}


def test_what_is_named_itself_is_looked_at(repository: Path, chartlift: Callable[..., Ran]) -> None:
    write(repository, "exclude: [charts/shop]\n")
    ran = chartlift("scan", "charts/shop", "--json")
    assert json.loads(ran.out)["charts"][0]["path"] == "charts/shop"


def test_a_manifest_that_is_named_itself_is_looked_at(repository: Path, chartlift: Callable[..., Ran]) -> None:
    pod = (
        "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {containers: [{name: a, image: 'bitnami/git:2.51.0'}]}\n"
    )
    (repository / "apps").mkdir()
    for name in ("pod.yaml", ".chartlift-pod.yaml"):
        (repository / "apps" / name).write_text(pod)
    write(repository, "exclude: [apps]\n")
    for name in ("pod.yaml", ".chartlift-pod.yaml"):
        assert "bitnami/git:2.51.0" in chartlift("scan", f"apps/{name}", "--json").out
    assert "bitnami/git" not in chartlift("scan", ".", "--json").out
    assert "bitnami/git" in chartlift("scan", ".", "--json", "--no-config").out


def test_migrate_reads_it_too_with_several_jobs(repository: Path, chartlift: Callable[..., Ran]) -> None:
    make_chart(repository / "charts" / "other")
    write(
        repository,
        f"options: {{registry: mirror.example.com}}\nexclude: [charts/other]\n"
        f"accept: [{{rule: {RULE}, reason: agreed, paths: [charts/shop]}}]\n",
    )
    ran = chartlift("migrate", "charts", "-o", "out", "--no-verify", "--report", "x.json", "--jobs", "2")
    result = json.loads((repository / "x.json").read_text())
    assert ("charts/shop", RULE) not in blockers(result)
    assert not (repository / "out/charts/other").exists()
    assert "mirror.example.com" in (repository / "out/charts/tools/values.yaml").read_text(), ran


def test_values_of_environments_are_handed_over(tmp_path: Path) -> None:
    write(tmp_path, "values:\n  prod: [values.yaml, env/prod/*.yaml]\n  dev: [values.yaml]\n")
    config = read_config(tmp_path / ".chartlift.yaml")
    assert [(one.environment, one.files, one.line) for one in config.values] == [
        ("prod", ("values.yaml", "env/prod/*.yaml"), 2),
        ("dev", ("values.yaml",), 3),
    ]


BAD = [
    ("options: {registri: x}\n", 1, "$.options: Additional properties"),
    ("options:\n  strategy: all\n", 2, "$.options.strategy: 'all' is not one of"),
    ("options:\n  platforms: linux/arm64\n", 2, "$.options.platforms: 'linux/arm64' is not of type 'array'"),
    ("accept:\n  - rule: claim-renamed\n", 2, "$.accept[0]: 'reason' is a required property"),
    ("accept:\n  - {rule: Claim, reason: x}\n", 2, "$.accept[0].rule: 'Claim' is not a rule id"),
    ("accept:\n  - rule: a\n    reason: x\n    expires: soon\n", 4, "$.accept[0].expires: 'soon' is not a day"),
    (
        "accept:\n  - rule: a\n    reason: x\n    expires: 2030-02-30\n",
        4,
        "$.accept[0].expires: '2030-02-30' is no day",
    ),
    ("exclude: [../else]\n", 1, "$.exclude[0]: '../else' is not a path below this file's folder"),
    ("exclude: [/etc]\n", 1, "$.exclude[0]: '/etc' is not a path below this file's folder"),
    ("values: {prod: []}\n", 1, "$.values.prod: []"),
    ("exclude: [a]\nexclude: [b]\n", 2, "the key 'exclude' stands twice"),
    ("- a\n", None, "$: ['a'] is not of type 'object'"),
    ("a: [1\n", 2, ""),
    ("a: 1\n---\nb: 2\n", None, "several YAML documents"),
]


@pytest.mark.parametrize(("text", "line", "said"), BAD, ids=[said or "broken" for _, _, said in BAD])
def test_a_file_that_cannot_be_used_is_one_clear_line(
    text: str, line: int | None, said: str, repository: Path, chartlift: Callable[..., Ran]
) -> None:
    write(repository, text)
    ran = chartlift("scan", "charts")
    assert ran.code == 2
    first, *rest = ran.err.splitlines()
    place = ".chartlift.yaml" + (f":{line}" if line else "")
    assert first.startswith(f"chartlift: error: {place}: "), ran.err
    assert said in first
    assert [line for line in rest if not line.startswith("  help: ")] == []
    assert ran.out == ""


def test_a_file_that_is_not_there(tmp_path: Path, chartlift: Callable[..., Ran]) -> None:
    make_chart(tmp_path / "shop")
    ran = chartlift("scan", tmp_path / "shop", "--config", tmp_path / "none.yaml")
    assert ran.code == 2
    assert "none.yaml: cannot be read" in ran.err


def test_a_day_that_is_none(repository: Path, chartlift: Callable[..., Ran]) -> None:
    assert chartlift("scan", "charts", "--today", "tomorrow").code == 2
