"""Rebuilding the snapshot: what it makes of a small catalog, and all that it must not do."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from chartlift.catalog.snapshot import load_catalog
from chartlift.catalog.sync import summary_lines, sync
from chartlift.errors import ChartliftError

REVISION = "abc1234"
DATE = "2026-08-22T23:05:09+00:00"
CACHE = "image/cache/debian-13/2.1.yaml"
CHART = "chart/cache/helm/3.yaml"


def files(root: Path) -> dict[str, bytes]:
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*") if path.is_file()}


def change(file: Path, old: str, new: str) -> None:
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new))


def build(checkout: Path, target: Path) -> None:
    sync(checkout, target, revision=REVISION, date=DATE)


def test_the_small_catalog_gives_the_expected_snapshot(checkout: Path, tmp_path: Path, expected: Path) -> None:
    build(checkout, tmp_path / "out")
    assert files(tmp_path / "out") == files(expected)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["checkout", "out"]


def test_twice_is_once(checkout: Path, tmp_path: Path) -> None:
    build(checkout, tmp_path / "out")
    first = files(tmp_path / "out")
    summary = sync(checkout, tmp_path / "out", revision=REVISION, date=DATE)
    assert files(tmp_path / "out") == first
    assert summary_lines(summary)[2:] == ["nothing changed"]


def test_the_checkout_is_only_read(checkout: Path, tmp_path: Path) -> None:
    before = files(checkout)
    build(checkout, tmp_path / "out")
    assert files(checkout) == before


def test_the_summary_says_what_changed(checkout: Path, tmp_path: Path) -> None:
    build(checkout, tmp_path / "out")
    change(checkout / CACHE, '"2.1.4", 2.1.4-debian13', '"2.1.5", 2.1.5-debian13')
    shutil.copytree(checkout / "image/cache", checkout / "image/store")
    for file in (checkout / "image/store").rglob("2.1*"):
        change(file, "dhi.io/cache", "dhi.io/store")
    shutil.rmtree(checkout / "image/web")
    shutil.rmtree(checkout / "chart/web")
    summary = sync(checkout, tmp_path / "out", revision="def5678", date=DATE)
    assert (summary.images, summary.definitions, summary.charts) == (2, 6, 1)
    assert (summary.images_added, summary.images_removed) == (("store",), ("web",))
    assert (summary.charts_added, summary.charts_removed) == ((), ("web-chart",))
    assert summary.tags_removed == (
        "cache:2.1.4",
        "cache:2.1.4-debian13",
        "web-chart:1.0.0",
        "web:8-debian13",
        "web:v8.10",
    )
    assert "cache:2.1.5" in summary.tags_added and "store:2-compat" in summary.tags_added
    lines = summary_lines(summary)
    assert lines[0] == "catalog def5678 of 2026-08-22"
    assert "image removed: web" in lines and "tag added: cache:2.1.5" in lines


def test_a_long_list_of_changes_is_cut_short(checkout: Path, tmp_path: Path) -> None:
    build(checkout, tmp_path / "out")
    many = ", ".join(f"2.1.{number}" for number in range(100, 300))
    change(checkout / CACHE, "2.1.4-debian13]", f"2.1.4-debian13, {many}]")
    lines = summary_lines(sync(checkout, tmp_path / "out", revision=REVISION, date=DATE))
    assert len(lines) == 2 + 100 + 1
    assert lines[-1] == "tag added: and 100 more"


# Where the revision comes from


def git(folder: Path, *words: str) -> None:
    identity = {
        "GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@b.c", "GIT_COMMITTER_NAME": "a",
        "GIT_COMMITTER_EMAIL": "a@b.c", "GIT_COMMITTER_DATE": "2026-01-02T03:04:05+00:00",
        "GIT_CONFIG_GLOBAL": os.devnull,
    }  # fmt: skip
    subprocess.run(["git", "-C", folder, *words], check=True, capture_output=True, env=os.environ | identity)


@pytest.fixture
def repository(checkout: Path) -> Path:
    git(checkout, "init", "-q", "-b", "main")
    git(checkout, "add", ".")
    git(checkout, "commit", "-q", "--no-gpg-sign", "-m", "small")
    return checkout


def test_git_says_the_revision(repository: Path, tmp_path: Path, expected: Path) -> None:
    summary = sync(repository, tmp_path / "out")
    catalog = load_catalog(tmp_path / "out")
    assert (catalog.revision, catalog.date) == (summary.revision, summary.date)
    assert len(catalog.revision) == 40
    assert catalog.date in ("2026-01-02T03:04:05+00:00", "2026-01-02T03:04:05Z")
    assert files(tmp_path / "out").keys() == files(expected).keys()


def test_the_environment_cannot_point_git_elsewhere(
    repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "elsewhere"))
    assert len(sync(repository, tmp_path / "out").revision) == 40


def test_a_plain_folder_inside_another_repository_has_no_revision(tmp_path: Path, checkout: Path) -> None:
    git(tmp_path, "init", "-q")
    git(tmp_path, "commit", "-q", "--no-gpg-sign", "--allow-empty", "-m", "around")
    with pytest.raises(ChartliftError, match="no git checkout"):
        sync(checkout, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_repository_without_a_commit_has_no_revision(tmp_path: Path, checkout: Path) -> None:
    git(checkout, "init", "-q")
    with pytest.raises(ChartliftError, match="git knows no revision"):
        sync(checkout, tmp_path / "out")


@pytest.mark.parametrize(
    ("revision", "date", "message"),
    [
        ("abc1234", None, "belong together"),
        (None, DATE, "belong together"),
        ("HEAD", DATE, "'HEAD' is no commit"),
        ("abc1234", "yesterday", "'yesterday' is no ISO date"),
        ("", DATE, "is no commit"),
    ],
)
def test_what_is_handed_over_must_be_a_revision(
    checkout: Path, tmp_path: Path, revision: str | None, date: str | None, message: str
) -> None:
    with pytest.raises(ChartliftError, match=message):
        sync(checkout, tmp_path / "out", revision=revision, date=date)
    assert not (tmp_path / "out").exists()


# Catalogs that cannot be read: the file is named, and the former snapshot stays


@pytest.mark.parametrize(
    ("file", "old", "new", "message"),
    [
        (CACHE, "variant: runtime", "variant: [", "2.1.yaml:.*not valid YAML"),
        (CACHE, "variant: runtime", "", r"2.1.yaml: \$.variant: is missing"),
        (CACHE, "tags:", "tag:", r"2.1.yaml: \$.tags: is missing"),
        (CACHE, '["2", "2.1",', '["2", 2.10,', r"\$.tags\[1\]: must be a text in quotes"),
        (CACHE, '["2",', '["2 x",', r"\$.tags: '2 x' is no tag"),
        (CACHE, '["2",', '["${UNKNOWN}",', r"\$.tags: '\$\{UNKNOWN\}' is no tag"),
        (CACHE, '["2",', '["2-compat",', "2.1.yaml: makes the tag 2-compat, and so does .*2.1-compat.yaml"),
        (CACHE, "image: dhi.io/cache", "image: dhi.io/web", r"\$.image: web does not fit the folder cache"),
        (CACHE, "name: cache, uid: 70", "name: cache, uid: -70", r"users\[1\].uid: must be a whole number"),
        (CACHE, "name: cache, uid: 70", "name: cache, uid: true", r"users\[1\].uid: must be a whole number"),
        (CACHE, "name: cache, uid: 70", "name: cache, uid: .inf", "2.1.yaml"),
        (CACHE, "run-as: cache", "run-as: [cache]", r"\$.accounts.run-as: must be a text"),
        (CACHE, 'release: "2026-01-02"', "release: soon", r"\$.dates.release: 'soon' is no date"),
        (CACHE, "accounts:", "accounts: 5\nother:", r"\$.accounts: must be a map"),
        (CACHE, "platforms: [linux/amd64, linux/arm64]", "platforms: linux/amd64", r"platforms: must be a list"),
        (CACHE, "CACHE_VERSION: ${VERSION}", "CACHE_VERSION: 8.10", r"CACHE_VERSION: must be a text in quotes"),
        ("image/cache/info.yaml", "metadata:", "- metadata", "info.yaml"),
        (CHART, "tags: [3.2.10]", "tags: []", r"3.yaml: \$.tags: is missing"),
        (CHART, "tags: [3.2.10]", 'tags: ["3 2"]', "'3 2' is no version"),
        (CHART, "cache-chart", "..", "'..' cannot be the name"),
        (CHART, "tags: [3.2.10]", "tags: [3.2.9]", "makes the version 3.2.9, and so does .*3.2.9.yaml"),
        (CHART, "dhi/web:8-debian13@", "dhi/web@", "3.yaml: 'dhi.io/web@.*' is no reference of the catalog"),
        (CHART, "dhi/web:8-debian13@", "ghcr.io/web:8@", "3.yaml: 'ghcr.io/web:8@.*' is no reference of the catalog"),
    ],
)
def test_a_bad_file_is_named_and_nothing_is_written(
    checkout: Path, tmp_path: Path, file: str, old: str, new: str, message: str
) -> None:
    build(checkout, tmp_path / "out")
    before = files(tmp_path / "out")
    change(checkout / file, old, new)
    with pytest.raises(ChartliftError, match=message):
        build(checkout, tmp_path / "out")
    assert files(tmp_path / "out") == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["checkout", "out"]


def test_a_binary_or_endless_file_is_refused(checkout: Path, tmp_path: Path) -> None:
    for content, message in ((b"\xff\xfe", "not UTF-8"), (b"a: b\0", "binary"), (b"#" * 2**21, "larger than 1 MiB")):
        (checkout / CACHE).write_bytes(content)
        with pytest.raises(ChartliftError, match=message):
            build(checkout, tmp_path / "out")


def test_aliases_cannot_unfold_without_end(checkout: Path, tmp_path: Path) -> None:
    levels = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    levels += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 12)]
    (checkout / CACHE).write_text("\n".join(levels))
    with pytest.raises(ChartliftError, match=r"2\.1\.yaml.*aliases"):
        build(checkout, tmp_path / "out")


def test_variables_cannot_grow_without_end(checkout: Path, tmp_path: Path) -> None:
    lines = ["vars:", f"  V0: {'x' * 50}"]
    lines += [f"  V{number}: " + f"${{V{number - 1}}}" * 50 for number in range(1, 12)]
    change(checkout / CACHE, "vars:", "\n".join(lines))
    change(checkout / CACHE, "CACHE_ARCH: ${ARCH}", "CACHE_ARCH: ${V11}")
    build(checkout, tmp_path / "out")
    assert sum(map(len, files(tmp_path / "out").values())) < 1024 * 1024


def test_a_long_variable_is_not_multiplied(checkout: Path, tmp_path: Path) -> None:
    change(checkout / CACHE, "vars:", f"vars:\n  LONG: {'x' * 500_000}")
    change(checkout / CACHE, "CACHE_ARCH: ${ARCH}", "CACHE_ARCH: " + "${LONG}" * 500)
    build(checkout, tmp_path / "out")
    assert sum(map(len, files(tmp_path / "out").values())) < 1024 * 1024


@pytest.mark.parametrize("run_as", ["cache", '"70"', "70"])
def test_a_user_is_found_by_name_or_number(checkout: Path, tmp_path: Path, expected: Path, run_as: str) -> None:
    change(checkout / CACHE, "run-as: cache", f"run-as: {run_as}")
    build(checkout, tmp_path / "out")
    assert files(tmp_path / "out") == files(expected)


def test_a_user_that_nobody_numbers_has_no_number(checkout: Path, tmp_path: Path) -> None:
    change(checkout / CACHE, "run-as: cache", "run-as: someone")
    build(checkout, tmp_path / "out")
    image = load_catalog(tmp_path / "out").image("cache")
    definition = image.definition_for("2.1") if image else None
    assert definition is not None
    assert (definition.user, definition.uid, definition.gid, definition.writable) == ("someone", None, None, ())


def test_a_variable_that_names_itself_ends(checkout: Path, tmp_path: Path) -> None:
    change(checkout / CACHE, 'MAJOR: "2"', 'MAJOR: "x${MAJOR}"')
    build(checkout, tmp_path / "out")


def test_links_are_not_followed(checkout: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    shutil.move(checkout / "image/web", outside)
    (checkout / "image/web").symlink_to(outside)
    build(checkout, tmp_path / "out")
    assert load_catalog(tmp_path / "out").image_names() == ("cache",)
    (checkout / "image/cache/debian-13/3.yaml").symlink_to(outside / "debian-13/8.yaml")
    with pytest.raises(ChartliftError, match=r"3\.yaml: a link"):
        build(checkout, tmp_path / "out")


def test_control_characters_do_not_reach_the_terminal(checkout: Path, tmp_path: Path) -> None:
    change(checkout / "image/cache/info.yaml", "The Cache", r'"The\e[31m Cache\a"')
    build(checkout, tmp_path / "out")
    image = load_catalog(tmp_path / "out").image("cache")
    assert image is not None and image.title == "The [31m Cache"


@pytest.mark.parametrize("missing", ["image", "chart"])
def test_a_folder_that_is_no_catalog_is_refused(checkout: Path, tmp_path: Path, missing: str) -> None:
    shutil.rmtree(checkout / missing)
    with pytest.raises(ChartliftError, match="holds no image/ or no chart/"):
        build(checkout, tmp_path / "out")


# Targets


def test_somebodys_folder_is_never_replaced(checkout: Path, tmp_path: Path) -> None:
    for name in ("thesis.txt", "images/photo.jpg"):
        target = tmp_path / name.partition("/")[0].removesuffix(".txt")
        (target / name).parent.mkdir(parents=True)
        (target / name).write_text("years of work")
        before = files(target)
        with pytest.raises(ChartliftError, match="no catalog snapshot"):
            build(checkout, target)
        assert files(target) == before


def test_a_file_is_no_target(checkout: Path, tmp_path: Path) -> None:
    (tmp_path / "out").write_text("mine")
    with pytest.raises(ChartliftError, match="no catalog snapshot"):
        build(checkout, tmp_path / "out")
    assert (tmp_path / "out").read_text() == "mine"


def test_a_target_without_a_parent_is_one_error(checkout: Path, tmp_path: Path) -> None:
    with pytest.raises(ChartliftError, match="cannot be written"):
        build(checkout, tmp_path / "no" / "such" / "out")


def test_an_empty_folder_or_a_broken_snapshot_is_replaced(checkout: Path, tmp_path: Path, expected: Path) -> None:
    (tmp_path / "out").mkdir()
    build(checkout, tmp_path / "out")
    (tmp_path / "out" / "index.json").write_text("{")
    build(checkout, tmp_path / "out")
    assert files(tmp_path / "out") == files(expected)


def test_if_the_new_one_cannot_take_its_place_the_former_comes_back(
    checkout: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    build(checkout, tmp_path / "out")
    before = files(tmp_path / "out")
    rename = Path.rename

    def fail_for_the_new_one(self: Path, target: Path) -> Path:
        if self.name == "new":
            raise OSError(28, "No space left on device")
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", fail_for_the_new_one)
    with pytest.raises(ChartliftError, match="no space left"):
        sync(checkout, tmp_path / "out", revision="def5678", date=DATE)
    assert files(tmp_path / "out") == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["checkout", "out"]
