"""What has to be in the mirror, and that all of it and nothing else is named there."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from chartlift.yamltext.load import read_yaml
from places import SAMPLES, Ran

MIRROR = (
    "--registry",
    "registry.example.com",
    "--image-prefix",
    "hardened/",
    "--chart-repository",
    "oci://registry.example.com/charts",
)


def run(chartlift: Callable[..., Ran], out: Path, name: str, *options: str) -> str:
    file = out / name
    ran = chartlift("migrate", SAMPLES / "umbrella", "-o", out, "--no-verify", "-q", "--mirror-list", file, *options)
    assert ran.code in (0, 3), ran
    return file.read_text()


def test_regsync(tmp_path: Path, chartlift: Callable[..., Ran]) -> None:
    data = read_yaml(run(chartlift, tmp_path, "mirror.yaml", *MIRROR), file="mirror.yaml")
    assert isinstance(data, dict)
    assert data["version"] == 1
    assert data["defaults"] == {"referrers": True, "digestTags": True}
    pairs = {(entry["source"].partition("@")[0], entry["target"]) for entry in data["sync"]}  # type: ignore[index,union-attr,call-overload]
    assert ("dhi.io/redis-chart:23.0.7", "registry.example.com/charts/redis-chart:23.0.7") in pairs
    assert ("dhi.io/postgres:17.11-debian13", "registry.example.com/hardened/postgres:17.11-debian13") in pairs
    assert all(source.startswith("dhi.io/") for source, _ in pairs)
    assert all(target.startswith("registry.example.com/") for _, target in pairs)


def test_everything_that_the_values_name_is_listed(tmp_path: Path, chartlift: Callable[..., Ran]) -> None:
    listed = run(chartlift, tmp_path, "mirror.sh", *MIRROR)
    assert listed.startswith("#!/bin/sh\n")
    text = (tmp_path / "umbrella" / "values.yaml").read_text()
    assert "dhi.io" not in text
    for line in text.splitlines():
        if "repository: hardened/" in line:
            assert f"registry.example.com/{line.split('repository: ')[1].split()[0]}:" in listed


@pytest.mark.parametrize("options", [(), ("--mirror-list", "mirror.txt", *MIRROR)])
def test_what_cannot_be_listed_is_said_before_any_work(
    tmp_path: Path, chartlift: Callable[..., Ran], options: tuple[str, ...]
) -> None:
    asked = options or ("--mirror-list", str(tmp_path / "mirror.yaml"))
    ran = chartlift("migrate", SAMPLES / "umbrella", "-o", tmp_path / "out", *asked)
    assert ran.code == 2, ran
    assert list(tmp_path.iterdir()) == []


def test_nothing_to_mirror_is_an_empty_list(tmp_path: Path, chartlift: Callable[..., Ran]) -> None:
    (tmp_path / "bare").mkdir()
    (tmp_path / "bare" / "Chart.yaml").write_text("apiVersion: v2\nname: bare\nversion: 1.0.0\n")
    file = tmp_path / "mirror.yaml"
    assert chartlift("scan", tmp_path / "bare", "--mirror-list", file, *MIRROR).code == 0
    data = read_yaml(file.read_text(), file="mirror.yaml")
    assert isinstance(data, dict)
    assert data["sync"] == []


def test_what_stays_at_home_is_not_listed(tmp_path: Path, chartlift: Callable[..., Ran]) -> None:
    listed = run(chartlift, tmp_path, "mirror.sh", "--registry", "registry.example.com")
    assert "registry.example.com/postgres:" in listed
    assert "redis-chart" not in listed
