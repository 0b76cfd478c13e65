"""Every Bitnami chart of the corpus through strategy ``images``: the promises of the design, for all of them."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import pytest

from chartlift.chart.discover import discover
from chartlift.chart.load import Chart, load_chart, load_chart_tree
from chartlift.images.find import find_images
from chartlift.images.inventory import list_images
from chartlift.images.reference import parse_reference
from chartlift.images.select import version_of
from chartlift.knowledge import Knowledge, load_knowledge
from chartlift.migration import Migrated, migrate_input
from chartlift.plan.chart_plan import plan_chart
from chartlift.plan.options import Options
from chartlift.rewrite.output import changed_tree
from chartlift.yamltext.edit import same_yaml
from chartlift.yamltext.paths import get_in
from places import CORPUS

ALLOW = ("global", "security", "allowInsecureImages")

OPTIONS = Options(strategy="images")
MIRROR = Options(strategy="images", registry="registry.example.com", image_prefix="hardened/")


def charts() -> list[str]:
    root = CORPUS / "bitnami"
    folders = (
        [version for chart in sorted(root.glob("*")) for version in sorted(chart.iterdir())] if root.is_dir() else []
    )
    return [folder.relative_to(root).as_posix() for folder in folders]


@lru_cache(maxsize=1)
def knowledge() -> Knowledge:
    return load_knowledge()


def migrated(name: str, options: Options = OPTIONS) -> Migrated:
    (source,) = discover([CORPUS / "bitnami" / name])
    return migrate_input(source, (), options, knowledge())


def reloaded(one: Migrated) -> Chart:
    return load_chart_tree(changed_tree(one.plan.chart.tree, one.changes))


@pytest.mark.parametrize("name", charts() or [pytest.param("", marks=pytest.mark.skip("NO CORPUS"))])
def test_promises(name: str) -> None:
    one = migrated(name)
    before, after = one.plan.chart, reloaded(one)
    check_only_planned_lines_change(one)
    check_every_leaf_has_one_fate(one)
    check_targets_exist(one)
    check_no_old_digest(before, after)
    check_flag(one, before, after)
    check_majors_have_a_finding(one)
    check_second_run(one)


@pytest.mark.parametrize("name", charts() or [pytest.param("", marks=pytest.mark.skip("NO CORPUS"))])
def test_a_mirror_is_named_everywhere(name: str) -> None:
    """The same run with a mirror: the same images and tags, and no name of the public registry anywhere."""
    plain, mirrored = migrated(name), migrated(name, MIRROR)
    stem = f"{MIRROR.registry}/{MIRROR.image_prefix}"
    wanted = {source: target.replace("dhi.io/", stem, 1) for source, target in targets(plain).items()}
    assert targets(mirrored) == wanted
    written = b"".join(data for data in mirrored.changes.values() if data is not None)
    assert b"dhi.io" not in written
    found = find_images(reloaded(mirrored).values, known=knowledge().images)
    moved = {parse_reference(target) for target in wanted.values()}
    names = {found_one.reference.name for found_one in found if found_one.reference is not None}
    own = {image.source for image in mirrored.records[0].images if image.target}
    assert {one.name for one in moved if one} & names or not own
    again = plan_chart(reloaded(mirrored), (), MIRROR, knowledge())
    assert [plan.path for plan in again.files] == []


def targets(one: Migrated) -> dict[str, str]:
    return {image.source: image.target for record in one.records for image in record.images if image.target}


def test_every_image_of_the_corpus_has_an_answer() -> None:
    """Those of the newest charts are counted by `mappings coverage`; here also those of older majors."""
    unknown = set()
    for name in charts():
        (source,) = discover([CORPUS / "bitnami" / name])
        listed = list_images(load_chart(source.path), knowledge().images)
        for image in listed.images:
            reference = parse_reference(image)
            assert reference is not None
            if knowledge().vendors.vendor_image(reference) and knowledge().images.find(reference) is None:
                unknown.add(image)
    assert unknown == set()


def check_majors_have_a_finding(one: Migrated) -> None:
    """No major version is crossed without a word, at the line of the image."""
    for record in one.records:
        said = {finding.place for finding in record.findings if finding.rule in ("image-major-jump", "image-downgrade")}
        for image in record.images:
            source, target = parse_reference(image.source), parse_reference(image.target or "")
            if source is None or target is None:
                continue
            entry = knowledge().images.find(source)
            old, new = version_of(source.tag), version_of(target.tag)
            if entry is not None and not entry.ignore_version and old and new and old[0] != new[0]:
                assert said & set(image.uses), f"{image.source} -> {image.target}"


def check_only_planned_lines_change(one: Migrated) -> None:
    """A line that says nothing of an image, a flag or an id that was planned is byte for byte the same."""
    tree = one.plan.chart.tree
    for path, data in one.changes.items():
        assert data is not None
        before, after = tree.files[path].splitlines(keepends=True), data.splitlines(keepends=True)
        edits = next(plan for plan in one.plan.files if plan.path == path).edits
        touched = (
            sum(old != new for old, new in zip(before, after, strict=False)) if len(before) == len(after) else None
        )
        assert touched is None or touched <= 2 * len(edits) + 40 * ("Chart.yaml" in path)
        kept = set(before) - set(after)
        assert len(kept) <= 2 * len(edits) + 40 * ("Chart.yaml" in path)


def check_every_leaf_has_one_fate(one: Migrated) -> None:
    values = [value for record in one.records for value in record.values if value.source is not None]
    assert len(values) == len({value.source for value in values})
    from chartlift.yamltext.paths import leaves

    assert len(values) == len(list(leaves(one.plan.chart.values)))
    assert not [value for value in values if value.fate in ("unmapped", "dropped")]


def check_targets_exist(one: Migrated) -> None:
    for record in one.records:
        for image in record.images:
            if image.status == "mapped":
                target = parse_reference(image.target or "")
                assert target is not None
                assert target.registry == "dhi.io"
                assert knowledge().catalog.has_tag(target.repository, target.tag), image.target


def check_no_old_digest(before: Chart, after: Chart) -> None:
    old = {str(f.reference.digest) for f in find_images(before.values, known=knowledge().images) if f.reference}
    for found in find_images(after.values, known=knowledge().images):
        if found.reference is not None and found.reference.registry == "dhi.io" and found.reference.digest:
            assert found.reference.digest not in old


def check_flag(one: Migrated, before: Chart, after: Chart) -> None:
    """The flag is true exactly where the chart has it and one of its own images is foreign now."""
    has = get_in(before.values, ALLOW, None) is not None
    foreign = any(image.status == "mapped" for record in one.records for image in record.images)
    if not has:
        assert same_yaml(get_in(after.values, ALLOW, None), None) or foreign
        return
    assert get_in(after.values, ALLOW, None) is (foreign or get_in(before.values, ALLOW, None))


def check_second_run(one: Migrated) -> None:
    again = plan_chart(reloaded(one), (), OPTIONS, knowledge())
    changed = {plan.path for plan in again.files}
    assert not changed, f"a second run would change {sorted(changed)}"


def test_the_corpus_is_walked(corpus: Path) -> None:
    assert len({name.split("/")[0] for name in charts()}) >= 116
