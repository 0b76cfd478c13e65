"""What each hardened image replaces, and how far the mappings reach."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from chartlift.catalog.snapshot import load_catalog
from chartlift.errors import ChartliftError
from chartlift.images.coverage import cover_catalog, cover_vendor
from chartlift.images.datafile import packaged_directory, read_data
from chartlift.images.inventory import load_inventories
from chartlift.images.mapping import load_image_mappings
from chartlift.images.reference import parse_reference
from places import Ran

FILES = sorted((packaged_directory() / "upstreams").glob("*.yaml"))


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_file_fits_its_schema_and_names_images_of_the_catalog(file: Path) -> None:
    import json

    schema = json.loads((packaged_directory() / "schema" / "upstreams.schema.json").read_text("utf-8"))
    data = read_data(file)
    assert [error.message for error in Draft202012Validator(schema).iter_errors(data)] == []
    assert set(data["images"]) <= set(load_catalog().image_names())
    assert list(data["images"]) == sorted(data["images"])


def test_no_public_image_has_two_hardened_ones() -> None:
    """Within the packaged files: which of the two would win depended on the order of files."""
    seen: dict[str, str] = {}
    for file in FILES:
        for image, entry in read_data(file)["images"].items():
            for item in entry["replaces"]:
                name = item if isinstance(item, str) else item["name"]
                assert seen.setdefault(name, image) == image, name


def test_every_hardened_image_is_accounted_for() -> None:
    coverage = cover_catalog(load_image_mappings(), load_catalog())
    assert coverage.unknown == ()


def test_every_image_of_the_vendor_has_an_answer() -> None:
    mappings = load_image_mappings()
    (bitnami,) = [one for one in load_inventories() if one.vendor == "bitnami"]
    coverage = cover_vendor(bitnami, mappings)
    assert len(coverage.images) == 200
    assert coverage.count("unclassified") == 0
    for name in coverage.images:
        entry = mappings.find(parse_reference(name) or pytest.fail(name))
        assert entry is not None
        assert entry.reason
        assert entry.image or entry.alternative, f"{name} has no replacement and no way out"


def test_an_entry_of_the_users_wins(tmp_path: Path) -> None:
    (tmp_path / "upstreams").mkdir()
    (tmp_path / "upstreams" / "mine.yaml").write_text(
        "schema: chartlift.upstreams/v1\nimages:\n  redis:\n    replaces: [registry.acme.example/store/cache]\n"
        "    evidence: our own build of it\n"
    )
    mappings = load_image_mappings([tmp_path])
    found = mappings.find(parse_reference("registry.acme.example/store/cache:8.4.1") or pytest.fail())
    assert found is not None
    assert found.image == "redis"
    assert load_image_mappings().find(parse_reference("registry.acme.example/store/cache") or pytest.fail()) is None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("images: {redis: {replaces: [redis], evidence: none}}", "redis"),
        ("images: {redis: {replaces: ['docker.io/library/redis:8'], evidence: none}}", "redis:8"),
        ("images: {redis: {replaces: []}}", "reason"),
        ("images: {redis: {replaces: [docker.io/library/redis]}}", "evidence"),
    ],
)
def test_a_file_that_is_wrong_is_refused(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "upstreams").mkdir()
    (tmp_path / "upstreams" / "mine.yaml").write_text(f"schema: chartlift.upstreams/v1\n{text}\n")
    with pytest.raises(ChartliftError) as refused:
        load_image_mappings([tmp_path])
    assert said in str(refused.value)
    assert "mine.yaml" in str(refused.value)


def test_the_command_counts_from_data(chartlift: Callable[..., Ran]) -> None:
    ran = chartlift("mappings", "coverage", "--images")
    assert ran.code == 0, ran
    assert ran.out.startswith("bitnami: 116 charts name 200 images: ")
    assert " 0 unclassified\n" in ran.out
    assert "\nhardened: 554 images: " in ran.out


def test_an_inventory_is_built_from_charts(tmp_path: Path, chartlift: Callable[..., Ran]) -> None:
    (tmp_path / "cache").mkdir()
    (tmp_path / "cache" / "Chart.yaml").write_text("apiVersion: v2\nname: cache\nversion: 1.0.0\n")
    (tmp_path / "cache" / "values.yaml").write_text("image: {registry: docker.io, repository: acme/cache, tag: '1'}\n")
    out = tmp_path / "mine"
    assert chartlift("mappings", "inventory", tmp_path / "cache", "--vendor", "acme", "-o", out).code == 0
    assert load_inventories(out)[0].images() == {"docker.io/acme/cache": ("cache",)}
    ran = chartlift("mappings", "coverage", "--images", "--mappings", out)
    assert ran.code == 1
    assert "unclassified docker.io/acme/cache" in ran.out
