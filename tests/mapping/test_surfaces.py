"""What a surface knows of a chart: values, comments, schema; and which one serves for a version."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from chartlift.errors import ChartliftError
from chartlift.mapping.surfaces import build_surface, load_surface, nearest_surface, surface_file, write_surface
from chartlift.yamltext.paths import parse_path

VALUES = """\
## @param image.digest Digest of the image
image:
  tag: "1"
  # pullPolicy: Always
labels: {}
resources: null
args: [a]
persistence:
  size: 8Gi
  # subPath: data
#extraThing: 1
"a.b": {c: 1}
"""
SCHEMA = {
    "properties": {
        "hidden": {"type": "object", "properties": {"deep": {"$ref": "#/$defs/text"}}},
        "free": {"type": "object", "additionalProperties": {"type": "string"}},
    },
    "$defs": {"text": {"type": "string"}},
}
SURFACE = build_surface(VALUES, json.dumps(SCHEMA).encode(), "acme/cache/1.0.0")


@pytest.mark.parametrize(
    "path",
    ["image", "image.tag", "image.digest", "image.pullPolicy", "labels.any.thing", "resources.limits.cpu", "args",
     "persistence.subPath", "extraThing", '"a.b".c', "hidden.deep", "free.any"],
)  # fmt: skip
def test_what_the_chart_knows(path: str) -> None:
    assert SURFACE.has(parse_path(path))


@pytest.mark.parametrize(
    "path", ["imagee", "image.tagg", "image.tag.deeper", "persistence.sise", "a.b", "hidden.other"]
)
def test_what_it_does_not_know(path: str) -> None:
    assert not SURFACE.has(parse_path(path))


def test_defaults_are_those_of_the_values() -> None:
    assert SURFACE.default(("persistence", "size")) == "8Gi"
    assert SURFACE.default(("image",)) == {"tag": "1"}
    assert SURFACE.default(("image", "digest")) is None
    assert SURFACE.data["a.b"] == {"c": 1}


def test_a_surface_is_read_back_as_it_was_written(tmp_path: Path) -> None:
    file = surface_file(tmp_path, SURFACE.id)
    file.parent.mkdir(parents=True)
    file.write_text(write_surface(SURFACE), encoding="utf-8")
    again = load_surface(SURFACE.id, (tmp_path / "surfaces",))
    assert again == SURFACE
    assert write_surface(again) == write_surface(SURFACE)


def test_one_path_stands_on_one_line() -> None:
    assert sum('"persistence.size": "8Gi"' in line for line in write_surface(SURFACE).splitlines()) == 1


@pytest.mark.parametrize(
    ("version", "served"), [("23.1.1", "23.1.1"), ("23.0.0", "23.1.1"), ("20.1.0", "20.13.4"), ("99.0.0", "23.1.1")]
)
def test_the_nearest_version_serves(version: str, served: str) -> None:
    assert nearest_surface("bitnami", "redis", version).id == f"bitnami/redis/{served}"


@pytest.mark.parametrize("surface_id", ["bitnami/redis/0.0.1", "bitnami/nothing/1.0.0"])
def test_a_surface_that_is_not_there_is_said(surface_id: str) -> None:
    with pytest.raises(ChartliftError, match="no values surface"):
        load_surface(surface_id)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"id": 1, "defaults": []}', '{"id": "x", "defaults": {"a..b": 1}}'])
def test_a_broken_surface_is_one_line(tmp_path: Path, text: str) -> None:
    (tmp_path / "v" / "c").mkdir(parents=True)
    (tmp_path / "v" / "c" / "1.0.0.json").write_text(text)
    with pytest.raises(ChartliftError):
        load_surface("v/c/1.0.0", (tmp_path,))
