"""Every values file that Bitnami shipped: all listed images are found, every target exists, no silent jump."""

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from chartlift.catalog.snapshot import load_catalog
from chartlift.images.choose import Destination, Need, choose_image
from chartlift.images.datafile import read_data
from chartlift.images.edits import plan_edits
from chartlift.images.find import FoundImage, find_chart_annotation_images, find_images
from chartlift.images.mapping import load_image_mappings
from chartlift.images.reference import ImageReference
from chartlift.images.select import version_of
from chartlift.yamltext.edit import apply_to_data

CORPUS = Path(__file__).resolve().parents[3] / "shared" / "corpus"
EXPLAINED = {"image-major-jump", "image-downgrade"}


@cache
def charts(kind: str) -> list[tuple[str, Any, Any]]:
    """Name, Chart.yaml and values of each chart of one kind."""
    if not CORPUS.is_dir():
        pytest.skip(f"no corpus at {CORPUS}: nothing of it is checked")
    files = sorted((CORPUS / kind).glob("*/*/Chart.yaml"))
    return [
        (f"{f.parts[-3]}/{f.parts[-2]}", read_data(f), read_data(f.with_name("values.yaml")))
        for f in files
        if f.with_name("values.yaml").is_file() and f.with_name("values.yaml").stat().st_size
    ]


def images(chart: Any, values: Any) -> list[FoundImage]:
    return find_images(values, app_version=str(chart.get("appVersion", "")), known=load_image_mappings_once())


@cache
def load_image_mappings_once() -> Any:
    return load_image_mappings()


@cache
def load_catalog_once() -> Any:
    return load_catalog()


def choose(reference: ImageReference) -> Any:
    # As for charts that have a mapping: the corpus is about versions and tags.
    need = Need(accepted=frozenset({"image-contract"}))
    return choose_image(reference, need, load_image_mappings_once(), load_catalog_once(), Destination())


def names(found: list[FoundImage]) -> Iterator[str]:
    return (str(one.reference.normalised()) for one in found if one.reference is not None)


def test_every_image_of_the_annotation_is_found_in_the_values() -> None:
    listed = 0
    missing = []
    for label, chart, values in charts("bitnami"):
        annotated = set(names(find_chart_annotation_images(chart)))
        listed += len(annotated)
        missing += [f"{label}: {name}" for name in sorted(annotated - set(names(images(chart, values))))]
    assert missing == []
    assert listed >= 500


def test_what_is_found_in_bitnamis_values_is_bitnamis() -> None:
    foreign = [
        f"{label}: {one.path} {one.reference}"
        for label, chart, values in charts("bitnami")
        for one in images(chart, values)
        if one.reference is None or not one.reference.name.startswith("docker.io/bitnami/")
    ]
    assert foreign == []


def test_targets_exist_and_majors_change_with_a_finding_only() -> None:
    catalog = load_catalog_once()
    mapped = 0
    for label, chart, values in charts("bitnami"):
        for one in images(chart, values):
            assert one.reference is not None
            choice = choose(one.reference)
            if choice.target is None:
                assert choice.status == "kept", f"{label}: {one.reference} {choice.reason}"
                continue
            mapped += 1
            name = choice.target.repository
            assert catalog.has_tag(name, choice.target.tag), f"{label}: {choice.target}"
            assert choice.definition is not None and choice.definition.variant == "runtime"
            entry = load_image_mappings_once().find(one.reference)
            was, now = version_of(one.reference.tag), version_of(choice.target.tag)
            if entry.ignore_version or was is None or now is None or was[0] == now[0]:
                continue
            assert EXPLAINED & {note.rule for note in choice.findings}, f"{label}: {one.reference} {choice.target}"
            assert not entry.data, f"{label}: {one.reference} {choice.target}"
    assert mapped >= 300


def test_written_values_name_the_targets_and_a_second_run_writes_nothing() -> None:
    for label, chart, values in charts("bitnami"):
        pairs = [(one, choose(one.reference)) for one in images(chart, values) if one.reference is not None]
        after = apply_to_data(values, plan_edits(pairs, Destination()))
        wanted = [str(choice.target or one.reference) for one, choice in pairs]
        again = images(chart, after)
        assert [str(one.reference) for one in again] == wanted, label
        second = [(one, choose(one.reference)) for one in again if one.reference is not None]
        assert plan_edits(second, Destination()) == [], label


def test_hardened_charts_are_left_alone() -> None:
    seen = 0
    for label, chart, values in charts("dhi"):
        for one in images(chart, values):
            if one.reference is not None and one.reference.registry == "dhi.io":
                seen += 1
                assert choose(one.reference).status == "hardened", f"{label}: {one.reference}"
    assert seen >= 100
