"""The grammar of tags: a table, every tag of the snapshot, and anything at all."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chartlift.catalog.snapshot import Catalog
from chartlift.catalog.tags import DhiTag, SourceTag, Version, parse_source_tag, parse_tag

NO_NUMBERS = {"lts", "latest", "trixie", "bookworm", "claude", "codex", "copilot", "cursor", "docker"} | {
    "droid", "gemini", "kiro", "opencode", "shell", "pg14", "pg15", "pg16", "pg17", "pg18"
}  # fmt: skip
"""How the catalog's tags begin that state no version of the image."""

HARDENED = [
    ("8.10.1-debian13-compat", "8.10.1", (), "debian13", "compat", False),
    ("8.10.1-compat", "8.10.1", (), None, "compat", False),
    ("8", "8", (), None, None, False),
    ("17-alpine3.24-dev", "17", (), "alpine3.24", None, True),
    ("24-alpine3.24-sfw-ent-dev", "24", (), "alpine3.24", "sfw-ent", True),
    ("24-sfw-ent-dev", "24", (), None, "sfw-ent", True),
    ("9-jdk17-alpine3.24-dev", "9", ("jdk17",), "alpine3.24", None, True),
    ("2.2-debian13-php8.5-fpm", "2.2", (), "debian13", "php8.5-fpm", False),
    ("3.9.23-debian12-fips", "3.9.23", (), "debian12", "fips", False),
    ("1.2-debian-kafka-4.2.1", "1.2", (), "debian", "kafka-4.2.1", False),
    ("8u502.b07-jdk-alpine3.22", "8.502.7", ("jdk",), "alpine3.22", None, False),
    ("v3.32.1", "3.32.1", (), None, None, False),
    ("claude-code-2.1.240", "2.1.240", ("claude", "code"), None, None, False),
    ("2026.08.11-e8db854", "2026.8.11", ("e8db854",), None, None, False),
    ("pg17-debian13", None, ("pg17",), "debian13", None, False),
    ("trixie-debian13-dev", None, ("trixie",), "debian13", None, True),
    ("63728f0c304222dd-debian13", None, (), "debian13", None, False),
    ("latest", None, ("latest",), None, None, False),
    ("dev", None, ("dev",), None, None, False),
    ("debian13", None, ("debian13",), None, None, False),
    ("", None, ("",), None, None, False),
]

SOURCES = [
    ("8.2.1-debian-12-r0", "8.2.1", False, None, "debian-12", 0, ()),
    ("2025.1.0-debian-12-r14", "2025.1.0", False, None, "debian-12", 14, ()),
    ("1.33.4-photon-5-r0", "1.33.4", False, None, "photon-5", 0, ()),
    ("17-alpine", "17", False, None, "alpine", None, ()),
    ("17.5-alpine3.22", "17.5", False, None, "alpine-3.22", None, ()),
    ("v1.2.3", "1.2.3", True, None, None, None, ()),
    ("12", "12", False, None, None, None, ()),
    ("3.13-slim-bookworm", "3.13", False, None, "debian-12", None, ("slim",)),
    ("8.0.0-rc.1-debian-12-r3", "8.0.0", False, "rc.1", "debian-12", 3, ()),
    ("8.0.0rc1", "8.0.0", False, "rc1", None, None, ()),
    ("6.4.2-php8.3-fpm", "6.4.2", False, None, None, None, ("php8.3", "fpm")),
    ("3.5_custom", "3.5", False, None, None, None, ("custom",)),
    ("RELEASE.2025-07-23T15-54-02Z", "2025.7.23", False, None, None, None, ()),
    ("latest", None, False, None, None, None, ("latest",)),
    ("bookworm", None, False, None, "debian-12", None, ()),
    ("alpine3.20", None, False, None, "alpine-3.20", None, ()),
    ("63728f0c304222dd", None, False, None, None, None, ("63728f0c304222dd",)),
    ("1..2", None, False, None, None, None, ("1..2",)),
    ("sha-1a2b3c4", None, False, None, None, None, ("sha", "1a2b3c4")),
    ("", None, False, None, None, None, ()),
]


@pytest.mark.parametrize(("tag", "version", "before", "distribution", "flavour", "dev"), HARDENED)
def test_hardened_tags(
    tag: str, version: str | None, before: tuple[str, ...], distribution: str | None, flavour: str | None, dev: bool
) -> None:
    parsed = parse_tag(tag)
    assert (str(parsed.version) if parsed.version else None) == version
    assert (parsed.before_os, parsed.distribution, parsed.flavour, parsed.dev) == (before, distribution, flavour, dev)


@pytest.mark.parametrize(("tag", "version", "prefixed", "pre", "distribution", "revision", "words"), SOURCES)
def test_source_tags(
    tag: str,
    version: str | None,
    prefixed: bool,
    pre: str | None,
    distribution: str | None,
    revision: int | None,
    words: tuple[str, ...],
) -> None:
    number = Version.parse(version) if version else None
    assert parse_source_tag(tag) == SourceTag(tag, number, prefixed, pre, distribution, revision, words)


def test_every_tag_of_the_snapshot_is_taken_apart(catalog: Catalog) -> None:
    """What a tag says fits what the definition says that makes it; none is left unread."""
    read = without = 0
    for name in catalog.image_names():
        image = catalog.image(name)
        assert image is not None
        for definition in image.definitions:
            for tag in definition.tags:
                parsed = parse_tag(tag)
                read += 1
                if parsed.version is None:
                    without += 1
                    assert parsed.release or tag.split("-")[0] in NO_NUMBERS, f"{name}:{tag}"
                else:
                    whole = parse_tag(definition.version or "").version
                    assert whole is not None and parsed.version.covers(whole), f"{name}:{tag}"
                if parsed.distribution is not None:
                    assert definition.distribution.replace("-", "").startswith(parsed.distribution)
                    assert parsed.flavour == definition.flavour, f"{name}:{tag}"
                assert not parsed.dev or definition.variant == "dev"
    assert (read, without) == (18095, 81)


def test_versions_are_ordered_by_number() -> None:
    texts = ["8", "8.2", "8.10", "8.10.0", "8.10.1", "9"]
    assert [str(version) for version in sorted(filter(None, map(Version.parse, reversed(texts))))] == texts


@pytest.mark.parametrize(
    ("wide", "narrow", "covers"),
    [("8", "8.10.1", True), ("8.10", "8.10", True), ("8.1", "8.10", False), ("8.10.1", "8.10", False)],
)
def test_a_version_covers_the_longer_ones_below_it(wide: str, narrow: str, covers: bool) -> None:
    one, other = Version.parse(wide), Version.parse(narrow)
    assert one is not None and other is not None
    assert one.covers(other) is covers


@pytest.mark.parametrize("text", ["", "v", "1.", ".1", "1-2", "1.x", "latest", "1 ", "٣", "9" * 40])
def test_what_is_no_version_is_none(text: str) -> None:
    assert Version.parse(text) is None


NUMBERS = st.lists(st.integers(0, 10**6), min_size=1, max_size=4).map(lambda parts: ".".join(map(str, parts)))
WORDS = st.lists(st.sampled_from(["jdk21", "php8.5", "sdk", "pg17"]), max_size=2, unique=True)
PLACES = st.sampled_from(["debian", "debian13", "alpine", "alpine3.24"])
FLAVOURS = st.sampled_from([None, "compat", "fpm", "sfw-ent", "php8.4-fpm", "kafka-4.2.1"])


@settings(max_examples=150, deadline=None)
@given(version=NUMBERS, words=WORDS, place=PLACES, flavour=FLAVOURS, dev=st.booleans())
def test_a_tag_put_together_comes_apart_the_same(
    version: str, words: list[str], place: str, flavour: str | None, dev: bool
) -> None:
    tag = "-".join([version, *words, place, *([flavour] if flavour else []), *(["dev"] if dev else [])])
    assert parse_tag(tag) == DhiTag(tag, Version.parse(version), version, tuple(words), place, flavour, dev)


@settings(max_examples=150, deadline=None)
@given(version=NUMBERS, revision=st.integers(0, 999), release=st.integers(1, 99))
def test_a_vendors_tag_put_together_comes_apart_the_same(version: str, revision: int, release: int) -> None:
    parsed = parse_source_tag(f"{version}-debian-{release}-r{revision}")
    assert (str(parsed.version), parsed.distribution, parsed.revision, parsed.words) == (
        version,
        f"debian-{release}",
        revision,
        (),
    )


@settings(max_examples=200, deadline=None)
@given(st.one_of(st.text(max_size=200), st.text(alphabet="0123456789.-_rvuabdeilnp", max_size=60)))
def test_any_text_has_an_answer(text: str) -> None:
    assert parse_tag(text).raw == text
    assert parse_source_tag(text).raw == text
