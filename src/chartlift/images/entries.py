"""One image that a mapping knows: what replaces it, and what its replacement does otherwise.

Field meanings are at the top of ``mappings/images.yaml`` and ``mappings/schema/upstreams.schema.json``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from typing import Any, Literal

Kind = Literal["equivalent", "helper", "none"]


@dataclass(frozen=True, slots=True)
class MajorEntry:
    """What differs for one major version of the source."""

    flavour: str | None = None
    qualifier: str | None = None


@dataclass(frozen=True, slots=True)
class Environment:
    """Variables that the source image's own start scripts read, and what the hardened image makes of them."""

    read: tuple[str, ...] = ()
    """Patterns: ``POSTGRESQL_*``."""
    kept: tuple[str, ...] = ()
    """Those that the hardened image reads as well, with the same meaning."""
    renamed: Mapping[str, str] = field(default_factory=dict)

    def is_read(self, name: str) -> bool:
        """Only the source image's scripts read it: the hardened image does nothing with it."""
        return name not in self.kept and any(fnmatchcase(name, pattern) for pattern in self.read)


@dataclass(frozen=True, slots=True)
class Directory:
    """Where the data lies by default, in the source image and in the hardened one."""

    source: str
    target: str


@dataclass(frozen=True, slots=True)
class Transport:
    """How a server of the Model Context Protocol speaks: by default, and what makes it listen on a port."""

    default: str
    port: int | None = None
    command: tuple[str, ...] = ()
    args: tuple[str, ...] = ()
    env: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ImageEntry:
    """One image of a vendor and its replacement; field meanings are at the top of ``images.yaml``."""

    vendor: str
    name: str
    image: str | None
    reason: str
    kind: Kind = "equivalent"
    flavour: str | None = None
    qualifier: str | None = None
    ignore_version: bool = False
    two_part: bool = False
    data: bool = False
    stepwise: bool = False
    vendor_contract: bool = False
    shell: bool = False
    collation: bool = False
    alternative: str = ""
    evidence: str = ""
    note: str = ""
    environment: Environment = field(default_factory=Environment)
    directory: Directory | None = None
    transport: Transport | None = None
    majors: Mapping[str, MajorEntry] = field(default_factory=dict)

    def for_major(self, major: str) -> ImageEntry:
        """The entry as it is for one major version of the source."""
        own = self.majors.get(major)
        if own is None:
            return self
        return replace(self, flavour=own.flavour or self.flavour, qualifier=own.qualifier or self.qualifier)


def build_entry(vendor: str, name: str, raw: Mapping[str, Any]) -> ImageEntry:
    """An entry out of the data of a mapping file that fits its schema."""
    image = raw["image"]
    environment, directory = raw.get("environment", {}), raw.get("directory")
    return ImageEntry(
        vendor=vendor,
        name=name,
        image=image,
        reason=raw["reason"],
        kind="none" if image is None else raw.get("kind", "equivalent"),
        flavour=raw.get("flavour"),
        qualifier=raw.get("qualifier"),
        ignore_version=raw.get("version") == "ignore" or raw.get("kind") == "helper",
        two_part=raw.get("version") == "two-part",
        data=raw.get("data", False),
        stepwise=raw.get("stepwise", False),
        vendor_contract=raw.get("contract") == "vendor",
        shell=raw.get("shell", False),
        collation=raw.get("collation", False),
        alternative=raw.get("alternative", ""),
        evidence=raw.get("evidence", ""),
        note=raw.get("note", ""),
        environment=Environment(
            tuple(environment.get("read", ())), tuple(environment.get("kept", ())), environment.get("renamed", {})
        ),
        directory=Directory(directory["source"], directory["target"]) if directory else None,
        transport=_transport(raw.get("transport")),
        majors={major: MajorEntry(**own) for major, own in raw.get("majors", {}).items()},
    )


def _transport(raw: Mapping[str, Any] | None) -> Transport | None:
    if raw is None:
        return None
    serve = raw.get("serve", {})
    command, args = tuple(serve.get("command", ())), tuple(serve.get("args", ()))
    return Transport(raw["default"], raw.get("port"), command, args, serve.get("env", {}))
