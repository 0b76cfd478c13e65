"""Tags of images: the grammar of hardened images, and what vendors' tags say of their version.

Hardened images: ``<version>[-<qualifier>...][-<os>[<os version>]][-<flavour>...][-dev]``, where the
distribution may be left away (``8.10.1`` is ``8.10.1-debian13``). Documented at docs.docker.com/dhi, and
held against every tag of the snapshot by the tests. Bitnami: ``<version>-<os>-<os version>-r<revision>``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_NUMBERS = r"[0-9]{1,18}(?:\.[0-9]{1,18})*"
_VERSION = re.compile(rf"(?P<v>[vV]?)(?P<numbers>{_NUMBERS})")
_JAVA = re.compile(r"(?P<major>[0-9]{1,3})u(?P<update>[0-9]{1,6})(?:\.b(?P<build>[0-9]{1,6}))?")
_COMMIT = re.compile(r"(?=.*[a-f])[0-9a-f]{7,64}")
_OS = re.compile(r"(?P<name>debian|alpine)(?P<version>[0-9]+(?:\.[0-9]+)*)?")
_FLAVOURS = frozenset({"compat", "ent", "fips", "fpm", "helm", "sentinel", "sfw", "stig"})
"""Words that are flavours even where a tag names no distribution in front of them."""

_SOURCE_OS = re.compile(
    r"(?P<name>debian|alpine|ubuntu|photon|ol|centos|rhel|ubi|fedora|rocky|scratch|wolfi)"
    r"(?P<version>[0-9]+(?:\.[0-9]+)*)?"
)
_CODENAMES = {
    "buster": "debian-10",
    "bullseye": "debian-11",
    "bookworm": "debian-12",
    "trixie": "debian-13",
    "focal": "ubuntu-20.04",
    "jammy": "ubuntu-22.04",
    "noble": "ubuntu-24.04",
}
_OS_VERSION = re.compile(r"[0-9]+(?:\.[0-9]+)*")
_REVISION = re.compile(r"r([0-9]{1,9})")
_BEFORE_RELEASE = re.compile(r"(?:a|b|alpha|beta|dev|m|pre|preview|rc|snapshot)[.]?[0-9]*(?:\.[0-9]+)*", re.IGNORECASE)
_DATED = re.compile(r"RELEASE\.(?P<year>[0-9]{4})-(?P<month>[0-9]{2})-(?P<day>[0-9]{2})T")
_LONGEST = 128


@dataclass(frozen=True, slots=True, order=True)
class Version:
    """Numbers of a version, as many as were written; ``8.10`` comes before ``8.10.0`` and all it covers."""

    parts: tuple[int, ...]

    @classmethod
    def parse(cls, text: str) -> Version | None:
        """``v1.2`` -> 1.2; None for anything but numbers and dots."""
        match = _VERSION.fullmatch(text)
        return cls(tuple(map(int, match["numbers"].split(".")))) if match else None

    def __str__(self) -> str:
        return ".".join(map(str, self.parts))

    @property
    def major(self) -> int | None:
        return self.parts[0] if self.parts else None

    def covers(self, other: Version) -> bool:
        """``8.10`` covers ``8.10``, ``8.10.1``, not ``8.1``."""
        return other.parts[: len(self.parts)] == self.parts


@dataclass(frozen=True, slots=True)
class DhiTag:
    """A tag of a hardened image, taken apart."""

    raw: str
    version: Version | None
    """None for tags such as ``latest``, ``trixie``, ``lts``, or a commit."""
    release: str | None
    """The version as written: ``8u502.b07`` where ``version`` is 8.502.7; a commit's name."""
    before_os: tuple[str, ...] = ()
    """Words that qualify the version: ``jdk21``, ``php8.5``, ``pg17``."""
    distribution: str | None = None
    """As written: ``debian13``, ``alpine``; None where left away."""
    flavour: str | None = None
    """Words behind the distribution: ``compat``, ``sfw-ent``, ``php8.4-fpm``."""
    dev: bool = False


@dataclass(frozen=True, slots=True)
class SourceTag:
    """A vendor's tag, taken apart; ``words`` are what nothing else explains."""

    raw: str
    version: Version | None
    v_prefix: bool = False
    pre_release: str | None = None
    distribution: str | None = None
    """``debian-12``, ``alpine-3.22``, ``alpine``."""
    revision: int | None = None
    """Of the packaging: 3 for ``-r3``."""
    words: tuple[str, ...] = ()


def parse_tag(tag: str) -> DhiTag:
    """Take a hardened image's tag apart; whatever the text, this gives an answer."""
    words = tag[:_LONGEST].split("-")
    dev = len(words) > 1 and words[-1] == "dev"
    if dev:
        words.pop()
    at = next((at for at, word in enumerate(words) if at and _OS.fullmatch(word)), None)
    before, after = (words[:at], words[at + 1 :]) if at is not None else _split_flavour(words)
    version, release, rest = _take_version(before)
    return DhiTag(tag, version, release, rest, None if at is None else words[at], "-".join(after) or None, dev)


def parse_source_tag(tag: str) -> SourceTag:
    """Take a vendor's tag apart; a tag that states no version has none, and nothing is guessed."""
    dated = _DATED.match(tag)
    if dated:
        date = Version((int(dated["year"]), int(dated["month"]), int(dated["day"])))
        return SourceTag(tag, date)
    first, *words = tag[:_LONGEST].split("-")
    java = _java_version(first)
    version, prefixed, tail = (java, False, "") if java is not None else _lead(first)
    if version is None:
        words = [first, *words]
    elif tail:
        words.insert(0, tail)
    revision = _take_revision(words)
    distribution = _take_distribution(words)
    pre = words.pop(0) if version is not None and words and _BEFORE_RELEASE.fullmatch(words[0]) else None
    return SourceTag(tag, version, prefixed, pre, distribution, revision, tuple(w for w in words if w))


def _split_flavour(words: list[str]) -> tuple[list[str], list[str]]:
    """Without a distribution, only words that are always flavours are taken for one."""
    at = len(words)
    while at > 1 and words[at - 1] in _FLAVOURS:
        at -= 1
    return words[:at], words[at:]


def _take_version(words: list[str]) -> tuple[Version | None, str | None, tuple[str, ...]]:
    """The version of the words, mostly the first, as numbers and as written, and the other words."""
    if _COMMIT.fullmatch(words[0]):
        return None, words[0], tuple(words[1:])
    for at, word in enumerate(words):
        version = Version.parse(word) or _java_version(word)
        if version is not None:
            return version, word, (*words[:at], *words[at + 1 :])
    return None, None, tuple(words)


def _java_version(word: str) -> Version | None:
    match = _JAVA.fullmatch(word)
    return Version(tuple(int(part) for part in match.groups() if part is not None)) if match else None


def _lead(word: str) -> tuple[Version | None, bool, str]:
    """The version that a word begins with, whether a ``v`` is in front, and what hangs on behind."""
    match = _VERSION.match(word)
    if match is None or _COMMIT.fullmatch(word) or word[match.end() :][:1] == ".":
        return None, False, ""
    version = Version(tuple(map(int, match["numbers"].split("."))))
    return version, bool(match["v"]), word[match.end() :].lstrip("._+")


def _take_revision(words: list[str]) -> int | None:
    match = _REVISION.fullmatch(words[-1]) if words else None
    if match is None:
        return None
    words.pop()
    return int(match[1])


def _take_distribution(words: list[str]) -> str | None:
    """Takes the words of the distribution out: ``debian-12``, ``alpine3.22``, ``bookworm``."""
    for at, word in enumerate(words):
        if word in _CODENAMES:
            del words[at]
            return _CODENAMES[word]
        match = _SOURCE_OS.fullmatch(word)
        if match is None:
            continue
        version = match["version"]
        apart = version is None and at + 1 < len(words) and _OS_VERSION.fullmatch(words[at + 1]) is not None
        if apart:
            version = words[at + 1]
        del words[at : at + (2 if apart else 1)]
        return f"{match['name']}-{version}" if version else match["name"]
    return None
