"""Image references: ``registry/repository:tag@digest``, read by the grammar that registries use.

The grammar is that of the distribution project (``reference/reference.go`` and ``normalize.go``):
the first component names a registry only if it holds a dot or a colon or is ``localhost``; what has
no registry is on Docker Hub, and a single component there lies under ``library/``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import lru_cache

DOCKER_HUB = "docker.io"
_HUB_HOSTS = frozenset({DOCKER_HUB, "index.docker.io", "registry-1.docker.io", "registry.hub.docker.com"})
_OFFICIAL = "library/"
_LABEL = r"(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])"
_HOST = rf"(?:{_LABEL}(?:\.{_LABEL})*|\[[a-fA-F0-9:]+\])(?::[0-9]+)?"
_COMPONENT = r"[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*"
_TAG = r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}"
_DIGEST = r"[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}"
_HOST_PATTERN = re.compile(_HOST)
_REFERENCE = re.compile(
    rf"(?P<name>[^\s@]+?)(?::(?P<tag>{_TAG}))?(?:@(?P<digest>{_DIGEST}))?",
)
_REPOSITORY = re.compile(rf"{_COMPONENT}(?:/{_COMPONENT})*")
_TAG_PATTERN = re.compile(_TAG)
_DIGEST_PATTERN = re.compile(_DIGEST)
_ID = re.compile(r"[a-f0-9]{64}")
_MAX_NAME = 255
_MAX_TEXT = 1024


@dataclass(frozen=True, slots=True, order=True)
class ImageReference:
    """One reference as it was written; a part that was not written is empty."""

    registry: str
    repository: str
    tag: str = ""
    digest: str = ""

    def __str__(self) -> str:
        text = self.name
        if self.tag:
            text += f":{self.tag}"
        return f"{text}@{self.digest}" if self.digest else text

    @property
    def name(self) -> str:
        """Registry and repository, without tag and digest."""
        return f"{self.registry}/{self.repository}" if self.registry else self.repository

    @property
    def tagged(self) -> str:
        """Name and tag, for messages."""
        return f"{self.name}:{self.tag}" if self.tag else self.name

    def normalised(self) -> ImageReference:
        """Spell out what Docker Hub leaves away: ``redis`` -> ``docker.io/library/redis``."""
        registry = self.registry or DOCKER_HUB
        if registry.lower() not in _HUB_HOSTS:
            return replace(self, registry=registry.lower())
        official = "/" not in self.repository
        return replace(
            self, registry=DOCKER_HUB, repository=_OFFICIAL + self.repository if official else self.repository
        )

    def familiar(self) -> ImageReference:
        """The short form people write: ``docker.io/library/redis`` -> ``redis``."""
        full = self.normalised()
        short = full.repository.removeprefix(_OFFICIAL)
        # `docker.io/a.b/c` must keep its registry: without it `a.b` would be one.
        if full.registry != DOCKER_HUB or split_name(short)[0]:
            return full
        return replace(full, registry="", repository=short)


@lru_cache(maxsize=65_536)
def parse_reference(text: str) -> ImageReference | None:
    """Read a reference; None for what is none: a URL, a template, upper case, an image id, a path."""
    if len(text) > _MAX_TEXT:
        return None
    match = _REFERENCE.fullmatch(text)
    if match is None or _ID.fullmatch(text):
        return None
    registry, repository = split_name(match["name"])
    if not _REPOSITORY.fullmatch(repository) or len(match["name"]) > _MAX_NAME:
        return None
    return ImageReference(registry, repository, match["tag"] or "", match["digest"] or "")


def split_name(name: str) -> tuple[str, str]:
    """Split a name into registry and repository; the registry is empty where none is named."""
    first, slash, rest = name.partition("/")
    is_host = any(mark in first for mark in ".:") or first == "localhost"
    if slash and is_host and _HOST_PATTERN.fullmatch(first):
        return first, rest
    return "", name


def is_tag(text: str) -> bool:
    """Whether a tag may be written like this."""
    return _TAG_PATTERN.fullmatch(text) is not None


def is_digest(text: str) -> bool:
    """Whether a digest may be written like this."""
    return _DIGEST_PATTERN.fullmatch(text) is not None
