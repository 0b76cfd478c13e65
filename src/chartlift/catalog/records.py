"""What the catalog says of an image or a chart: facts out of its public definitions.

The source is github.com/docker-hardened-images/catalog, whose build definitions state tags, accounts,
paths and packages. What only the finished image shows (what a package pulls in, what a build script
chowns in passing) is not in them, so an absent fact means "not stated", not "not there".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class WritablePath:
    """A path that belongs to the image's own user; ``mode`` in octal as written, None where not stated."""

    path: str
    uid: int
    gid: int
    mode: str | None = None


@dataclass(frozen=True, slots=True)
class Definition:
    """One build definition of an image: the tags it makes and how the image runs."""

    file: str
    """Where the catalog defines it, relative to the catalog."""
    tags: tuple[str, ...]
    variant: str
    """``runtime`` or ``dev`` (runs as root, has a package manager)."""
    distribution: str
    """``debian-13``, ``alpine-3.24``."""
    image: str = ""
    name: str = ""
    """The catalog's title of it: ``Redis 8.10.x (compat)``."""
    flavour: str | None = None
    """``compat``, ``fpm``, ``helm``, ``sentinel``, ...; None is the plain one."""
    version: str | None = None
    """The most specific one that the tags state: ``8.10.1``; None for tags such as ``trixie``."""
    platforms: tuple[str, ...] = ()
    user: str | None = None
    """Name of the user it runs as; the number again where the definition names nobody."""
    uid: int | None = None
    gid: int | None = None
    entrypoint: tuple[str, ...] = ()
    cmd: tuple[str, ...] = ()
    ports: tuple[str, ...] = ()
    """As written: ``5432/tcp``, ``3000``, ``5000-5010``."""
    env: Mapping[str, str] = field(default_factory=dict)
    """``${NAME}`` is filled in where the definition says what it is; what hangs on the platform stays."""
    workdir: str | None = None
    writable: tuple[WritablePath, ...] = ()
    """Paths of the user that the image runs as, by path; none for root, who may write everywhere."""
    volumes: tuple[str, ...] = ()
    packages: tuple[str, ...] = ()
    """Those that decide what a command can use: shells, core utilities, package managers and such."""
    has_shell: bool = False
    released: str | None = None
    """ISO date of the release line."""
    end_of_life: str | None = None
    digest: str | None = None
    """``sha256:...``, only where the catalog itself states it for one of the tags."""


@dataclass(frozen=True, slots=True)
class CatalogImage:
    """One image of the catalog with all its definitions."""

    name: str
    title: str
    description: str
    categories: tuple[str, ...]
    definitions: tuple[Definition, ...]
    digests: Mapping[str, str] = field(default_factory=dict)
    """Tag -> digest, for those that charts of the catalog pin; a tag here need not exist any more."""
    tools: tuple[str, ...] = ()
    """Programs that the catalog's page of the image lists."""

    def definition_for(self, tag: str) -> Definition | None:
        """The definition that makes a tag."""
        return next((definition for definition in self.definitions if tag in definition.tags), None)

    def definition_of_digest(self, digest: str) -> Definition | None:
        """The definition whose tag the catalog pins to a digest: charts may write the digest alone."""
        tags = (tag for tag, stated in self.digests.items() if stated == digest)
        return next((found for tag in tags if (found := self.definition_for(tag)) is not None), None)

    def tags(self) -> tuple[str, ...]:
        """Every tag, definition by definition."""
        return tuple(tag for definition in self.definitions for tag in definition.tags)


@dataclass(frozen=True, slots=True)
class ChartDependency:
    """A subchart of a hardened chart; ``reference`` is the hardened chart that takes its place, if one does."""

    name: str
    alias: str | None = None
    condition: str | None = None
    reference: str | None = None


@dataclass(frozen=True, slots=True)
class ChartVersion:
    """One version of a hardened chart: where it comes from and which images it was tested with."""

    version: str
    file: str
    upstream: str = ""
    """Address and git reference of what it is built from: ``https://github.com/a/b.git#redis/23.0.7``."""
    images: Mapping[str, str] = field(default_factory=dict)
    """Role -> full reference: ``dhi.io/redis:8.10.1-debian13-compat@sha256:...``."""
    platforms: tuple[str, ...] = ()
    app_version: str | None = None
    dependencies: tuple[ChartDependency, ...] = ()
    digest: str | None = None
    """Of the chart itself, where another chart pins it."""

    @property
    def upstream_repository(self) -> str:
        """``https://github.com/a/b``."""
        return self.upstream.partition("#")[0].removesuffix(".git")

    @property
    def upstream_tag(self) -> str:
        """Tag, branch or commit of the upstream repository."""
        return self.upstream.partition("#")[2]


@dataclass(frozen=True, slots=True)
class CatalogChart:
    """One hardened chart, newest version first."""

    name: str
    title: str
    description: str
    versions: tuple[ChartVersion, ...]
    categories: tuple[str, ...] = ()

    def version(self, version: str) -> ChartVersion | None:
        """One version; None where the catalog has no such."""
        return next((one for one in self.versions if one.version == version), None)


@dataclass(frozen=True, slots=True)
class Hit:
    """One result of a search; ``tags`` are those that matched, at most a few."""

    kind: str
    """``image`` or ``chart``."""
    name: str
    description: str
    tags: tuple[str, ...] = ()
