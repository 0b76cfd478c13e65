"""Charts that have nothing to do with the vendor: what the tool says of them is true, and little of them changes.

The values of CloudPirates' and of the hardened charts themselves, read in place.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import pytest

from chartlift.chart.discover import discover
from chartlift.chart.load import load_chart_tree
from chartlift.images.find import find_images
from chartlift.images.reference import parse_reference
from chartlift.knowledge import Knowledge, load_knowledge
from chartlift.migration import Migrated, migrate_input
from chartlift.plan.chart_plan import plan_chart
from chartlift.plan.options import Options
from chartlift.rewrite.output import changed_tree
from places import CORPUS

OPTIONS = Options(strategy="images")
OF_IMAGES = {
    "allow-foreign-images", "container-user", "floating-tag", "global-registry", "image-contract", "image-downgrade",
    "image-end-of-life", "image-held", "image-libc", "image-major-jump", "image-minor-jump", "image-no-shell",
    "image-not-in-catalog", "image-note", "image-version-unknown", "no-hardened-chart", "pull-secret-needed",
    "unmapped-image",
}  # fmt: skip
"""A chart of somebody else's gets findings about its images, and no other."""


def charts(of: str) -> list[str]:
    root = CORPUS / of
    versions = [version for chart in sorted(root.glob("*")) for version in sorted(chart.iterdir())]
    return [version.relative_to(CORPUS).as_posix() for version in versions]


@lru_cache(maxsize=1)
def knowledge() -> Knowledge:
    return load_knowledge()


def migrated(name: str) -> Migrated:
    (source,) = discover([CORPUS / name])
    return migrate_input(source, (), OPTIONS, knowledge())


NOTHING = [pytest.param("", marks=pytest.mark.skip("NO CORPUS"))]


@pytest.mark.parametrize("name", charts("cloudpirates") or NOTHING)
def test_a_chart_of_somebody_elses(name: str) -> None:
    one = migrated(name)
    tree = one.plan.chart.tree
    assert {finding.rule for record in one.records for finding in record.findings} <= OF_IMAGES
    for record in one.records:
        assert {value.fate for value in record.values} <= {"kept", "changed", "added"}
        assert {value.rule for value in record.values if value.fate != "kept"} <= {"image", "added-below"}
        for image in record.images:
            target = parse_reference(image.target or "")
            assert target is None or knowledge().catalog.has_tag(target.repository, target.tag), image.target
    for path, data in one.changes.items():
        assert path in ("values.yaml", "Chart.yaml"), path
        assert data is not None and len(data.splitlines()) >= len(tree.files[path].splitlines())
    again = plan_chart(load_chart_tree(changed_tree(tree, one.changes)), (), OPTIONS, knowledge())
    assert [plan.path for plan in again.files] == []


@pytest.mark.parametrize("name", charts("dhi") or NOTHING)
def test_a_hardened_chart_comes_back_byte_for_byte_where_its_images_are(name: str) -> None:
    one = migrated(name)
    old = [found.reference for found in find_images(one.plan.chart.values, known=knowledge().images)]
    foreign = [ref for ref in old if ref is not None and knowledge().vendors.at_home(ref) is None]
    moved = [image.source for record in one.records for image in record.images if image.status == "mapped"]
    assert not [source for source in moved if source.startswith("dhi.io")]
    if not foreign:
        assert one.changes == {}


def test_files_without_images_come_back_byte_for_byte() -> None:
    """In every chart of the corpus, whoever's it is."""
    for name in [*charts("cloudpirates"), *charts("dhi"), *charts("bitnami")[::4]]:
        one = migrated(name)
        if not any(record.images for record in one.records):
            assert one.changes == {}, name


def test_the_corpus_is_there(corpus: Path) -> None:
    assert charts("cloudpirates")
    assert charts("dhi")
