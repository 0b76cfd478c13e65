"""``--target``: a chart of another vendor takes over only where somebody asked for it."""

from __future__ import annotations

from pathlib import Path

import pytest

from chartlift.errors import ChartliftError
from chartlift.knowledge import Knowledge, load_knowledge
from chartlift.mapping.surfaces import build_surface, surface_file, write_surface
from chartlift.plan.options import EVERY_CHART, Options
from chartlift.plan.units import check_targets, find_mapping

MAPPING = """\
schema: chartlift.mapping/v1
id: {id}
title: Cache
source: {{chart: cache, vendor: bitnami, versions: "{versions}", tested: [2.0.0]}}
target:
  chart: {chart}
  repository: oci://registry.example.com
  version: 1.0.0
  surface: {vendor}/{chart}/1.0.0
  on_request: {on_request}
"""


def write(folder: Path, name: str, vendor: str, *, on_request: bool, versions: str = ">=1.0.0") -> None:
    surface = build_surface("image: {}\n", None, f"{vendor}/{name}/1.0.0")
    path = surface_file(folder, surface.id)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(write_surface(surface))
    text = MAPPING.format(id=name, chart=name, vendor=vendor, versions=versions, on_request=str(on_request).lower())
    (folder / f"{name}.yaml").write_text(text)


@pytest.fixture
def knowledge(tmp_path: Path) -> Knowledge:
    write(tmp_path, "cache-acme", "acme", on_request=True)
    write(tmp_path, "cache-zeta", "zeta", on_request=True, versions=">=2.0.0")
    write(tmp_path, "cache-usual", "dhi", on_request=False)
    return load_knowledge([tmp_path])


def chosen(knowledge: Knowledge, targets: dict[str, str], version: str = "1.2.3") -> str | None:
    found = find_mapping(knowledge, "cache", "bitnami", version, targets)
    return found.id if found is not None else None


def test_without_a_wish_the_usual_one(knowledge: Knowledge) -> None:
    assert chosen(knowledge, {}) == "cache-usual"


@pytest.mark.parametrize("key", ["cache", EVERY_CHART])
def test_the_vendor_that_was_asked_for(knowledge: Knowledge, key: str) -> None:
    assert chosen(knowledge, {key: "acme"}) == "cache-acme"


def test_a_wish_for_another_chart_is_not_for_this_one(knowledge: Knowledge) -> None:
    assert chosen(knowledge, {"redis": "acme"}) == "cache-usual"


def test_a_wish_for_one_chart_beats_the_one_for_all(knowledge: Knowledge) -> None:
    assert chosen(knowledge, {EVERY_CHART: "acme", "cache": "zeta"}, "2.0.0") == "cache-zeta"


def test_a_version_that_the_vendor_does_not_cover_takes_the_usual_one(knowledge: Knowledge) -> None:
    assert chosen(knowledge, {"cache": "zeta"}, "1.9.0") == "cache-usual"


def test_on_request_alone_is_no_offer(tmp_path: Path) -> None:
    write(tmp_path, "cache-acme", "acme", on_request=True)
    assert chosen(load_knowledge([tmp_path]), {}) is None


@pytest.mark.parametrize("targets", [{"cache": "nobody"}, {EVERY_CHART: "nobody"}, {"redis": "acme"}])
def test_a_target_that_nobody_offers_is_refused(knowledge: Knowledge, targets: dict[str, str]) -> None:
    with pytest.raises(ChartliftError, match="--target") as caught:
        check_targets(Options(targets=targets), knowledge)
    assert "There is" in caught.value.help


def test_an_offered_target_passes(knowledge: Knowledge) -> None:
    check_targets(Options(targets={"cache": "acme", EVERY_CHART: "zeta"}), knowledge)
