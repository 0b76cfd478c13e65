"""Each rule of the lint fires on its defect and stays silent on the near miss beside it."""

from __future__ import annotations

from pathlib import Path

import pytest

from chartlift.errors import ChartliftError
from chartlift.mapping.lint import lint_mapping
from chartlift.mapping.load import load_mappings, read_mapping
from chartlift.mapping.surfaces import build_surface, surface_file, write_surface

HEAD = """\
schema: chartlift.mapping/v1
id: cache
title: Cache
source: {chart: cache, vendor: acme, versions: ">=1", tested: [1.0.0]}
target: {chart: t, repository: "oci://x.example", version: 2.0.0, surface: dhi/t/2.0.0, open: [free]}
values:
  - {from: replicaCount, to: replicas}
  - {from: image, drop: replaced by the image of the target}
"""
SOURCE = 'replicaCount: 1\nimage:\n  repository: acme/cache\n  tag: "1"\n'
TARGET = "replicas: 1\nfree:\n  a: 1\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for surface_id, text in (("acme/cache/1.0.0", SOURCE), ("dhi/t/2.0.0", TARGET)):
        file = surface_file(tmp_path, surface_id)
        file.parent.mkdir(parents=True)
        file.write_text(write_surface(build_surface(text, None, surface_id)))
    return tmp_path


def rules(folder: Path, text: str) -> list[str]:
    (folder / "cache.yaml").write_text(text)
    findings = lint_mapping(read_mapping(folder / "cache.yaml"))
    assert all(finding.place.line for finding in findings)
    return sorted({finding.rule for finding in findings})


def test_a_complete_mapping_is_clean(folder: Path) -> None:
    assert rules(folder, HEAD) == []


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        (HEAD.replace("  - {from: image, drop: replaced by the image of the target}\n", ""), "value-without-fate"),
        (HEAD + "  - {from: gone, drop: there is no such value}\n", "unknown-source"),
        (HEAD + "pins: [gone]\n", "unknown-source"),
        (HEAD.replace("to: replicas", "to: replika"), "unknown-target"),
        (HEAD + "add: [{to: nowhere, value: 1, reason: because}]\n", "unknown-target"),
        (HEAD + "  - {from: image.tag, to: replicas}\n", "rules-fight"),
        (HEAD + "images: {slots: []}\n", "image-without-slot"),
        (HEAD.replace("to: replicas}", 'to: replicas, expr: "1 +"}'), "expression"),
        (HEAD.replace("tested: [1.0.0]", "tested: [1.0.0, 9.9.9]"), "no-surface"),
        (HEAD.replace("surface: dhi/t/2.0.0", "surface: dhi/t/3.0.0"), "no-surface"),
        (HEAD.replace('versions: ">=1"', 'versions: ">>1"'), "bad-range"),
        (HEAD.replace('versions: ">=1"', 'versions: ">=2"'), "tested-outside"),
        (HEAD + 'findings: [{rule: x, level: note, versions: "one", message: look}]\n', "bad-range"),
        (HEAD.replace("to: replicas}", 'to: replicas, expr: "replicaCuont or 1"}'), "unknown-name"),
        (HEAD.replace("to: replicas}", "to: replicas, expr: \"get('image.tagg') or 1\"}"), "unknown-name"),
        (HEAD.replace("to: replicas}", 'to: replicas, expr: "values.image.tagg or 1"}'), "unknown-name"),
        (HEAD + 'findings: [{rule: x, level: note, when: "imgae.tag", message: look}]\n', "unknown-name"),
        (HEAD + 'findings: [{rule: x, level: note, when: "1 +", message: look}]\n', "expression"),
        (HEAD + "findings: [{rule: x, level: note, at: imgae, message: look}]\n", "unknown-source"),
        (HEAD + "names: {fullname: \"{% set x = 1 %}x\"}\n", "expression"),
        (HEAD + "names: {services: [{source: \"{{ fullname\"}]}\n", "expression"),
        (HEAD + "images: {slots: [{path: image, image: redis}, {path: imgae, image: redis}]}\n", "unknown-source"),
        (HEAD + "images: {slots: [{path: image, image: redis}], set: [{to: nope, value: 1, reason: because}]}\n",
         "unknown-source"),
        (HEAD.replace("surface: dhi/t/2.0.0", "surface: dhi/t/2.0.0, naming: {release: {nameOverride: x}}"), "unknown-target"),
        (HEAD.replace("surface: dhi/t/2.0.0", "surface: dhi/t/2.0.0, pull_secrets: {path: nope, shape: string}"),
         "unknown-target"),
        (HEAD + "pins: [image.tag]\n", "idle-pin"),
        (HEAD.replace("to: replicas}", "to: replicas, expr: \"replicaCount ~ 'x' + 1\"}"), "defaults-fail"),
        (HEAD + '  - {from: image.tag, to: free.a, when: "image.tag > 1", otherwise: never}\n', "defaults-fail"),
        (HEAD + '  - {from: image.tag, to: free.a, expr: "1"}\n  - {from: image.repository, to: free.a}\n', "rules-fight"),
    ],
)  # fmt: skip
def test_a_defect_is_found(folder: Path, text: str, rule: str) -> None:
    assert rules(folder, text) == [rule]


@pytest.mark.parametrize(
    "text",
    [
        HEAD + "  - {from: global.x, drop: globals are shared by charts}\n",
        HEAD.replace("to: replicas", "to: free.anything.below"),
        HEAD + "add: [{to: free.b, value: 1, reason: because}]\n",
        HEAD + '  - {from: image.tag, to: replicas, when: "false", otherwise: never}\n',
        HEAD + "images: {slots: [{path: image, image: redis}]}\n",
        HEAD + "pins: [replicaCount]\n",
        HEAD.replace(
            "to: replicas}", "to: replicas, expr: \"value or default or get('image.tag') or global.x or name\"}"
        ),
        HEAD.replace("to: replicas}", "to: replicas, expr: \"image.tag.split('.')[0] | int\"}"),
        HEAD + '  - {from: image.tag, to: free.a, expr: "omit"}\n  - {from: image.repository, to: free.a}\n',
        HEAD + '  - {from: image.tag, to: free.a, versions: ">=2"}\n'.replace(">=2", ">=1 <3"),
        HEAD
        + "findings: [{rule: x, level: note, when: \"image.tag and is_set('image')\", at: image, message: look}]\n",
    ],
)
def test_a_near_miss_is_none(folder: Path, text: str) -> None:
    assert rules(folder, text) == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (HEAD.replace("id: cache", "id: other"), "$.id"),
        (HEAD + "nonsense: 1\n", "nonsense"),
        (HEAD + "title: Again\n", "'title' stands twice"),
        (HEAD.replace("to: replicas", "too: replicas"), "$.values[0]"),
        (HEAD + '  - {from: x, when: "1", drop: a reason here}\n', "otherwise"),
        (HEAD.replace("drop: replaced by the image of the target", "drop: no"), "$.values[1]"),
        (HEAD.replace("from: replicaCount", 'from: "replica..Count"'), "is not a value path"),
        (HEAD + "  - {from: [image.tag, replicaCount], to: free.a}\n", "'expr' is a required property"),
        (HEAD + '  - {from: image.tag, to: free.a, expr: "1", transform: int}\n', "only one of"),
        (HEAD + '  - {from: image.tag, to: {free.a: "1"}, transform: int}\n', "a rule with several targets"),
        (HEAD + "  - {keep: image.tag, drop: both at once}\n", "$.values[2]: this is not a rule"),
        (HEAD + "  - {from: image.tag}\n", "$.values[2]: this is not a rule"),
        (HEAD + '  - {keep: image.tag, expr: "1"}\n', "'to' is a dependency of 'expr'"),
        ("- 1\n", "cache.yaml"),
    ],
)
def test_what_does_not_fit_the_schema_is_one_line_with_its_place(folder: Path, text: str, said: str) -> None:
    (folder / "cache.yaml").write_text(text)
    with pytest.raises(ChartliftError) as caught:
        read_mapping(folder / "cache.yaml")
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)
    assert "cache.yaml" in str(caught.value)


def test_a_users_file_replaces_the_built_in_one_of_its_id(tmp_path: Path) -> None:
    (tmp_path / "redis.yaml").write_text(HEAD.replace("id: cache", "id: redis"))
    mapping = load_mappings([tmp_path]).get("redis")
    assert mapping is not None
    assert mapping.title == "Cache"
    assert not mapping.builtin
    assert load_mappings().get("redis") != mapping
