"""The packaged image mappings: complete for what Bitnami shipped, and true to the packaged catalog."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from chartlift.catalog.snapshot import Catalog, load_catalog
from chartlift.errors import ChartliftError
from chartlift.images.datafile import check_data, packaged_directory, read_data
from chartlift.images.mapping import ImageEntry, ImageMappings, load_image_mappings
from chartlift.images.reference import parse_reference
from chartlift.images.select import RUNTIME

SHARED = Path(__file__).resolve().parents[3] / "shared"


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return load_catalog()


@pytest.fixture(scope="module")
def mapping() -> ImageMappings:
    return load_image_mappings()


def entries() -> Iterator[ImageEntry]:
    for section in load_image_mappings().entries.values():
        yield from section.values()


@pytest.mark.parametrize("name", ["images", "vendors"])
def test_the_packaged_files_fit_their_schema(name: str) -> None:
    path = packaged_directory() / f"{name}.yaml"
    check_data(read_data(path), f"{name}.schema.json", file=str(path))


def test_every_target_is_in_the_catalog(catalog: Catalog) -> None:
    missing = [f"{e.vendor}/{e.name} -> {e.image}" for e in entries() if e.image and not catalog.image(e.image)]
    assert missing == []


def test_every_flavour_and_qualifier_is_in_the_catalog(catalog: Catalog) -> None:
    for entry in entries():
        image = catalog.image(entry.image) if entry.image else None
        if image is None:
            continue
        runtime = [d for d in image.definitions if d.variant == RUNTIME]
        assert runtime, f"{entry.image} has no runtime image"
        flavours = {d.flavour or None for d in runtime}
        wanted = {entry.flavour, *(own.flavour for own in entry.majors.values() if own.flavour)}
        assert wanted <= flavours or entry.majors, f"{entry.name}: {wanted - flavours}"
        tags = [tag for d in runtime for tag in d.tags]
        assert entry.qualifier is None or any(entry.qualifier in tag.split("-") for tag in tags), entry.name


def test_every_section_is_a_vendor(mapping: ImageMappings) -> None:
    assert set(mapping.entries) - set(mapping.vendors.sources) == {"*"}


def test_full_names_are_found_by_themselves(mapping: ImageMappings) -> None:
    for name, entry in mapping.entries["*"].items():
        reference = parse_reference(f"{name}:1.0")
        assert reference is not None
        assert mapping.find(reference) is entry, name


def test_entries_are_sorted_and_say_why() -> None:
    raw = read_data(packaged_directory() / "images.yaml")["images"]
    for vendor, section in raw.items():
        assert list(section) == sorted(section), vendor
    assert all(re.match(r"[A-Z`a-z]", e.reason) and not e.reason.endswith(".") for e in entries())


def _bitnami_images() -> set[str]:
    if not SHARED.is_dir():
        pytest.skip(f"no corpus at {SHARED}: the completeness of the mapping is NOT checked")
    images = {i for chart in json.loads((SHARED / "facts/bitnami-charts.json").read_text()) for i in chart["images"]}
    for chart in SHARED.glob("corpus/bitnami/*/*/Chart.yaml"):
        images.update(re.findall(r"image: *(docker\.io/bitnami/\S+)", chart.read_text(encoding="utf-8")))
    return images


def test_every_image_that_bitnami_shipped_is_classified(mapping: ImageMappings) -> None:
    images = _bitnami_images()
    assert len(images) >= 300
    references = {image: parse_reference(image) for image in images}
    assert [i for i, r in references.items() if r is None or mapping.find(r) is None] == []


@pytest.mark.parametrize(
    "text", ["acme/redis:7", "ghcr.io/acme/redis", "docker.io/bitnamicharts/redis", "bitnami/unheard-of:1"]
)
def test_what_no_mapping_knows(mapping: ImageMappings, text: str) -> None:
    reference = parse_reference(text)
    assert reference is not None
    assert mapping.find(reference) is None


@pytest.mark.parametrize(("text", "known"), [("bitnami/x:1", True), ("dhi.io/redis:1", True), ("acme/x:1", False)])
def test_what_proves_an_image(mapping: ImageMappings, text: str, known: bool) -> None:
    reference = parse_reference(text)
    assert reference is not None
    assert mapping.knows(reference) is known


def test_a_mirror_is_known_once_it_is_named(mapping: ImageMappings) -> None:
    reference = parse_reference("registry.acme.com/bitnami/redis:7")
    assert reference is not None
    assert mapping.find(reference) is None
    found = mapping.with_source_prefixes(["registry.acme.com"]).find(reference)
    assert found is not None
    assert found.image == "redis"


class TestOverlay:
    def write(self, directory: Path, images: str) -> Path:
        directory.mkdir(exist_ok=True)
        (directory / "images.yaml").write_text(f"schema: chartlift.images/v1\nimages:\n{images}")
        return directory

    def test_a_later_entry_replaces_the_whole_earlier_one(self, tmp_path: Path) -> None:
        first = self.write(tmp_path / "a", "  bitnami:\n    redis: {image: valkey, reason: ours}\n")
        second = self.write(tmp_path / "b", "  bitnami:\n    redis: {image: null, reason: not yet}\n")
        mapping = load_image_mappings([first])
        assert mapping.entries["bitnami"]["redis"].image == "valkey"
        assert mapping.entries["bitnami"]["redis"].flavour is None
        assert mapping.entries["bitnami"]["kubectl"].image == "kubectl"
        assert load_image_mappings([first, second]).entries["bitnami"]["redis"].image is None
        assert load_image_mappings([second, first]).entries["bitnami"]["redis"].image == "valkey"

    @pytest.mark.parametrize(
        ("images", "where"),
        [
            ("  bitnami:\n    redis: {image: redis}\n", "$.images.bitnami.redis"),
            ("  bitnami:\n    redis: {image: redis, reason: ours, flavor: x}\n", "$.images.bitnami.redis"),
            ("  bitnami:\n    redis: {image: null, flavour: compat, reason: ours}\n", "$.images.bitnami.redis"),
            ("  bitnami:\n    redis: {image: Redis, reason: ours}\n", "$.images.bitnami.redis.image"),
        ],
    )
    def test_a_mistake_is_named(self, tmp_path: Path, images: str, where: str) -> None:
        with pytest.raises(ChartliftError) as raised:
            load_image_mappings([self.write(tmp_path, images)])
        assert f"images.yaml: {where}" in str(raised.value)

    def test_a_directory_without_the_file_changes_nothing(self, tmp_path: Path, mapping: ImageMappings) -> None:
        assert load_image_mappings([tmp_path]).entries == mapping.entries
