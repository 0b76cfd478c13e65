"""The sample charts through the whole tool, as a user runs it: the design's invariants, end to end."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import pytest

from chartlift.report.as_json import read_json
from chartlift.yamltext.load import read_yaml
from chartlift.yamltext.paths import leaves
from places import SAMPLES, Ran

USER = {"kept", "moved", "changed", "dropped", "manual", "unmapped"}
ALL = ["umbrella", "forked", "images-only", "batch"]
Run = Callable[..., Ran]


def tree(root: Path) -> dict[str, bytes]:
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in sorted(root.rglob("*")) if path.is_file()}


def migrate(run: Run, tmp_path: Path, *names: str, options: tuple[str, ...] = ("--no-verify",)) -> tuple[Ran, dict]:  # type: ignore[type-arg]
    report = tmp_path / "report.json"
    ran = run(
        "migrate", *(SAMPLES / name for name in names), "-o", tmp_path / "out", "--report", report, "-q", *options
    )
    return ran, json.loads(report.read_text())


@pytest.mark.parametrize("name", ALL)
def test_every_leaf_of_every_file_has_one_fate(name: str, tmp_path: Path, chartlift: Run) -> None:
    ran, report = migrate(chartlift, tmp_path, name)
    assert ran.code in (0, 3), ran
    for path in sorted({chart["path"] for chart in report["charts"]}):
        values = [v for chart in report["charts"] if chart["path"] == path for v in chart["values"]]
        per_file = Counter(value["file"] for value in values if value["fate"] in USER)
        for file in Path(path).glob("values*.yaml"):
            written = list(leaves(read_yaml(file.read_text(), file=str(file))))
            assert per_file.get(file.name, 0) == len(written), file
    assert report["summary"]["values"]["unmapped"] == 0


@pytest.mark.parametrize("name", ALL)
def test_twice_is_once(name: str, tmp_path: Path, chartlift: Run) -> None:
    migrate(chartlift, tmp_path, name)
    first = tree(tmp_path / "out" / name)
    again = chartlift("migrate", tmp_path / "out" / name, "-o", tmp_path / "again", "--no-verify", "-q")
    assert again.code in (0, 3), again
    assert tree(tmp_path / "again" / name) == first
    assert chartlift("migrate", tmp_path / "out" / name, "--check", "--no-verify", "-q").code in (0, 3)


@pytest.mark.parametrize("name", ALL)
def test_in_place_gives_the_same_as_output(name: str, tmp_path: Path, chartlift: Run) -> None:
    migrate(chartlift, tmp_path, name)
    shutil.copytree(SAMPLES / name, tmp_path / "here" / name)
    chartlift("migrate", tmp_path / "here" / name, "--in-place", "--no-verify", "-q")
    assert tree(tmp_path / "here" / name) == tree(tmp_path / "out" / name)


def test_same_input_same_bytes_for_any_number_of_jobs(tmp_path: Path, chartlift: Run) -> None:
    _, one = migrate(chartlift, tmp_path, "batch", options=("--no-verify", "--jobs", "1"))
    trees = tree(tmp_path / "out")
    _, two = migrate(chartlift, tmp_path, "batch", options=("--no-verify", "--jobs", "2"))
    assert one == two
    assert tree(tmp_path / "out") == trees


def test_what_no_vendor_made_comes_out_byte_for_byte(tmp_path: Path, chartlift: Run) -> None:
    ran, report = migrate(chartlift, tmp_path, "batch/untouched")
    assert ran.code == 0
    assert tree(tmp_path / "out" / "untouched") == tree(SAMPLES / "batch" / "untouched")
    assert {value["fate"] for chart in report["charts"] for value in chart["values"]} == {"kept"}


def test_umbrella(tmp_path: Path, chartlift: Run) -> None:
    _, report = migrate(chartlift, tmp_path, "umbrella")
    out = tmp_path / "out" / "umbrella"
    chart = read_yaml((out / "Chart.yaml").read_text(), file="Chart.yaml")
    assert isinstance(chart, dict)
    named = [(d["name"], d.get("alias"), d["repository"]) for d in chart["dependencies"]]  # type: ignore[index,call-overload,union-attr]
    assert named == [
        ("redis-chart", "cache", "oci://dhi.io"),
        ("keycloak-chart", "keycloak", "oci://dhi.io"),
        ("grafana-chart", "grafana", "oci://dhi.io"),
        ("postgresql", None, "https://charts.bitnami.com/bitnami/"),
        ("postgresql", "keycloak-postgresql", "oci://registry-1.docker.io/bitnamicharts"),
    ]
    assert not (out / "Chart.lock").exists()
    text = (out / "values.yaml").read_text()
    assert "enabled: true\n  architecture: replication # reads are spread over the replicas" in text
    rules = {finding["rule"] for chart in report["charts"] for finding in chart["findings"]}
    assert {"bundled-dependency-kept", "stale-lock-removed", "pull-secret-needed", "value-held"} <= rules


def test_the_kept_database_keeps_its_values(tmp_path: Path, chartlift: Run) -> None:
    migrate(chartlift, tmp_path, "umbrella")
    values = read_yaml((tmp_path / "out/umbrella/values.yaml").read_text(), file="values.yaml")
    assert isinstance(values, dict)
    kept = values["keycloak-postgresql"]
    assert kept["nameOverride"] == "keycloak-db"  # type: ignore[index,call-overload]
    assert kept["auth"]["database"] == "keycloak"  # type: ignore[index,call-overload]
    assert "postgresql" not in values["keycloak"]  # type: ignore[operator]


def test_images_only(tmp_path: Path, chartlift: Run) -> None:
    migrate(chartlift, tmp_path, "images-only", options=("--accept", "image-contract"))
    text = (tmp_path / "out/images-only/values.yaml").read_text()
    for untouched in (
        "https://git.example.com/platform/toolbox.git",
        "oci://registry.example.com/charts",
        "restic-main",
    ):
        assert untouched in text
    assert "own:7" in text
    assert "sha256:3f0a5f0f" not in text
    assert "crictl pull dhi.io/git:" in text
    assert "docker.io/bitnami/os-shell" not in (tmp_path / "out/images-only/templates/pod.yaml").read_text()


def test_secrets_are_in_no_report(tmp_path: Path, chartlift: Run) -> None:
    chart = tmp_path / "shop"
    shutil.copytree(SAMPLES / "umbrella", chart)
    text = (
        (chart / "values.yaml").read_text().replace("existingSecret: storefront-cache\n", "password: hunter2secret\n")
    )
    (chart / "values.yaml").write_text(text)
    reports = [tmp_path / f"r{ending}" for ending in (".md", ".json", ".txt")]
    options = [option for report in reports for option in ("--report", report)]
    ran = chartlift("migrate", chart, "-o", tmp_path / "out", "--no-verify", "-v", *options)
    for shown in (ran.out, ran.err, *(report.read_text() for report in reports)):
        assert "hunter2secret" not in shown
    assert "hunter2secret" in (tmp_path / "out/shop/values.yaml").read_text()


def test_forked_chart_is_verified_by_rendering(tmp_path: Path, chartlift: Run) -> None:
    if find_spec("helm_python") is None:
        pytest.skip("Helm in process is not installed here")
    ran, report = migrate(chartlift, tmp_path, "forked", options=("--accept", "image-contract"))
    (record,) = report["charts"]
    assert record["verification"]["status"] == "passed", record["verification"]
    assert ran.code == 0, ran
    assert all(image.startswith("dhi.io/") for image in record["verification"]["images"])


def test_blocked_until_accepted(tmp_path: Path, chartlift: Run) -> None:
    blocked, _ = migrate(chartlift, tmp_path, "batch/queue")
    assert blocked.code == 3
    rules = {f["rule"] for c in _["charts"] for f in c["findings"] if f["level"] == "error"}
    accept = [option for rule in sorted(rules) for option in ("--accept", rule)]
    ran, report = migrate(chartlift, tmp_path, "batch/queue", options=("--no-verify", *accept))
    assert ran.code == 0, ran
    assert report["summary"]["findings"]["error"] == 0


def test_report_is_read_back(tmp_path: Path, chartlift: Run) -> None:
    migrate(chartlift, tmp_path, "umbrella")
    saved = tmp_path / "report.json"
    read_json(saved.read_text(), file="report.json")
    ran = chartlift("report", saved, "-f", "markdown")
    assert ran.code == 0
    assert ran.out.startswith("<!-- chartlift report -->\n# chartlift report\n")


def test_packed_chart_stays_packed(tmp_path: Path, chartlift: Run) -> None:
    from chartlift.chart.archive import write_archive
    from chartlift.chart.load import load_chart

    packed = tmp_path / "forked-5.2.0.tgz"
    packed.write_bytes(write_archive(load_chart(SAMPLES / "forked").tree, "sessions"))
    ran = chartlift("migrate", packed, "-o", tmp_path / "out", "--no-verify", "-q", "--accept", "image-contract")
    assert ran.code in (0, 3), ran
    after = load_chart(tmp_path / "out" / "forked-5.2.0.tgz")
    assert after.values["metrics"]["image"]["repository"] == "redis-exporter"  # type: ignore[index,call-overload]


@pytest.mark.parametrize("name", ["scan", "migrate", "verify", "report", "explain", "mappings", "catalog"])
def test_help(name: str, chartlift: Run) -> None:
    ran = chartlift(name, "--help")
    assert ran.code == 0
    assert "Usage:" in ran.out


def test_scan_writes_nothing(tmp_path: Path, chartlift: Run) -> None:
    shutil.copytree(SAMPLES / "umbrella", tmp_path / "umbrella")
    before = tree(tmp_path)
    ran = chartlift("scan", tmp_path / "umbrella")
    assert ran.code == 0, ran
    assert "redis-chart 23.0.7" in ran.out
    assert tree(tmp_path) == before
    assert chartlift("scan", tmp_path / "umbrella", "--check", "-q").code == 1
    assert chartlift("scan", SAMPLES / "batch" / "untouched", "--check", "-q").code == 0
