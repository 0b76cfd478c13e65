"""Chart.yaml, requirements.yaml and locks: what is read, and errors that say file, line and path."""

from __future__ import annotations

import pytest

from chartlift.chart.files import FileTree
from chartlift.chart.metadata import Dependency, read_lock, read_metadata, scalar_text
from chartlift.errors import ChartliftError

BASE = "apiVersion: v2\nname: top\nversion: 1.2.3\n"


def tree(chart: str, **others: str) -> FileTree:
    names = {"requirements": "requirements.yaml", "lock": "Chart.lock", "old_lock": "requirements.lock"}
    files = {"Chart.yaml": chart, **{names[key]: text for key, text in others.items()}}
    return FileTree("c", {name: text.encode() for name, text in files.items()})


FULL = (
    BASE
    + """type: library
appVersion: "7.0"
home: https://example.org
sources:
- https://example.org/src
keywords: [db, cache]
annotations: {category: Database, count: 3}
dependencies:
  - name: redis
    version: ^1
    repository: oci://registry.example.org/charts
    alias: cache
    condition: cache.enabled, x
    tags: [db]
    import-values: [data, {child: a, parent: b}]
  - {name: common, version: 2.x.x, repository: ""}
"""
)


def test_everything_is_read() -> None:
    found = read_metadata(tree(FULL))
    assert (found.name, found.version, found.app_version) == ("top", "1.2.3", "7.0")
    assert (found.api_version, found.type, found.is_library) == ("v2", "library", True)
    assert (found.home, found.sources, found.keywords) == (
        "https://example.org",
        ("https://example.org/src",),
        ("db", "cache"),
    )
    assert found.annotations == {"category": "Database", "count": "3"}
    assert found.file == "Chart.yaml"
    first, second = found.dependencies
    assert first == Dependency(
        "redis",
        "^1",
        "oci://registry.example.org/charts",
        "cache",
        "cache.enabled, x",
        ("db",),
        ("data", {"child": "a", "parent": "b"}),
        0,
    )
    assert (first.key, second.key, second.index) == ("cache", "common", 1)


def test_an_old_chart_keeps_dependencies_in_requirements() -> None:
    old = "name: top\nversion: 1.2.3\n"
    found = read_metadata(tree(old, requirements="dependencies: [{name: redis, version: 1}]"))
    assert (found.api_version, found.file) == ("v1", "requirements.yaml")
    assert found.dependencies == (Dependency("redis", "1"),)


def test_requirements_without_dependencies_change_nothing() -> None:
    found = read_metadata(tree(FULL, requirements="# none\n"))
    assert found.file == "Chart.yaml" and len(found.dependencies) == 2


def test_no_dependencies() -> None:
    assert not read_metadata(tree(BASE)).lists_dependencies
    assert read_metadata(tree(BASE + "dependencies: []")).lists_dependencies
    assert read_metadata(tree(BASE + "dependencies:")).dependencies == ()


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        (True, "true"),
        (1, "1"),
        (1.1, "1.1"),
        (2.0, "2"),
        (1e6, "1e+06"),
        (1234567.5, "1.2345675e+06"),
        (0.00001, "1e-05"),
        (-3.5, "-3.5"),
        (float("inf"), "+Inf"),
    ],
)
def test_scalars_become_text_as_in_go(value: float | bool | None, text: str) -> None:
    assert scalar_text(value) == text


def test_locks() -> None:
    lock = "dependencies:\n- {name: redis, version: 1.2.3, repository: r}\ngenerated: '2024-01-01'\n"
    files = tree(FULL, lock=lock, old_lock="dependencies: []")
    (locked,) = read_lock(files, "", read_metadata(files))
    assert (locked.name, locked.version, locked.repository) == ("redis", "1.2.3", "r")
    old = tree("name: top\nversion: 1.2.3", requirements="dependencies: [{name: a}]", lock="x: 1", old_lock=lock)
    assert len(read_lock(old, "", read_metadata(old))) == 1
    assert read_lock(tree(BASE), "", read_metadata(tree(BASE))) == ()


BAD = [
    ("- a\n", None, "$", "must be a map"),
    ("version: 1.2.3\n", None, "$.name", "must have a name"),
    ("name: top\n", None, "$.version", "must have a version"),
    ("name: top\nversion: latest\n", 2, "$.version", "'latest' is not a semantic version"),
    ("name: ../up\nversion: 1.0.0\n", 1, "$.name", "is not a chart name"),
    ("name: a/b\nversion: 1.0.0\n", 1, "$.name", "is not a chart name"),
    ("name: 'a\\b'\nversion: 1.0.0\n", 1, "$.name", "is not a chart name"),
    ("name: '..'\nversion: 1.0.0\n", 1, "$.name", "is not a chart name"),
    ('name: "a\\nb"\nversion: 1.0.0\n', 1, "$.name", "is not a chart name"),
    ("name: [a]\nversion: 1.0.0\n", 1, "$.name", "must be text"),
    (BASE.replace("v2", "v9"), 1, "$.apiVersion", "'v9' is not v1 or v2"),
    (BASE + "type: app\n", 4, "$.type", "'app' is not application or library"),
    (BASE + "annotations: [a]\n", 4, "$.annotations", "must be a map"),
    (BASE + "keywords: a\n", 4, "$.keywords", "must be a list"),
    (BASE + "dependencies: {a: 1}\n", 4, "$.dependencies", "must be a list"),
    (BASE + "dependencies:\n- name: a\n-\n", None, "$.dependencies[1]", "must be a map"),
    (
        BASE + "dependencies:\n- {name: a}\n- {name: b}\n- version: 1\n",
        None,
        "$.dependencies[2].name",
        "a name",
    ),
    (BASE + "dependencies:\n- name: a/../../b\n", 5, "$.dependencies[0].name", "not a chart name"),
    (BASE + "dependencies:\n- name: a\n  alias: a.b\n", 6, "$.dependencies[0].alias", "not a valid alias"),
    (BASE + "dependencies:\n- name: a\n- name: a\n", None, "$.dependencies[1]", "a second dependency"),
    (BASE + "dependencies:\n- name: a\n  tags: x\n", 6, "$.dependencies[0].tags", "must be a list"),
    (BASE + "dependencies:\n- name: a\n  version: {x: 1}\n", 6, "$.dependencies[0].version", "must be text"),
    (BASE + "dependencies:\n- name: a\n  import-values: x\n", 6, "$.dependencies[0].import-values", "a list"),
]


@pytest.mark.parametrize(("text", "line", "path", "message"), BAD)
def test_errors_say_where(text: str, line: int | None, path: str, message: str) -> None:
    with pytest.raises(ChartliftError) as caught:
        read_metadata(tree(text))
    error = caught.value
    assert (error.file, error.path) == ("c/Chart.yaml", path)
    assert message in error.message and error.help
    assert line is None or error.line == line
    assert str(error).isprintable()


def test_errors_in_requirements_name_that_file() -> None:
    with pytest.raises(ChartliftError) as caught:
        read_metadata(tree("name: top\nversion: 1.2.3\n", requirements="dependencies:\n- name: ''\n"))
    assert caught.value.file == "c/requirements.yaml"


def test_a_broken_lock() -> None:
    files = tree(BASE, lock="dependencies: [text]\n")
    with pytest.raises(ChartliftError) as caught:
        read_lock(files, "", read_metadata(files))
    assert caught.value.path == "$.dependencies[0]"


def test_no_chart_file() -> None:
    with pytest.raises(ChartliftError, match=r"not a chart: no Chart.yaml"):
        read_metadata(FileTree("c", {}))


@pytest.mark.parametrize("data", [b"\xff\xfe\x00", b"name: [", b"name: \x00", b"{" * 2000])
def test_what_is_no_yaml(data: bytes) -> None:
    with pytest.raises(ChartliftError) as caught:
        read_metadata(FileTree("c", {"Chart.yaml": data}))
    assert caught.value.file == "c/Chart.yaml"
