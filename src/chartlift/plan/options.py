"""What the user asked of a migration; the same words as the command line uses."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

AskedStrategy = Literal["auto", "chart", "images"]
Bump = Literal["none", "patch", "minor", "major"]


EVERY_CHART = "*"


@dataclass(frozen=True, slots=True)
class Options:
    """One migration's settings. ``image_prefix`` goes before the image name: ``acme/dhi-``."""

    strategy: AskedStrategy = "auto"
    targets: Mapping[str, str] = field(default_factory=dict)
    """Source chart -> the vendor whose chart shall take over; ``*`` for every chart that this vendor has."""
    registry: str = "dhi.io"
    image_prefix: str = ""
    chart_repository: str | None = None
    flavour: str | None = None
    distribution: str | None = None
    """``debian``, ``debian13``, ``alpine``: of the images."""
    platforms: tuple[str, ...] = ()
    """``linux/arm64``: what images have to be built for."""
    pin_digests: bool = True
    pull_secret: str | None = None
    release: str | None = None
    bump: Bump = "none"
    accepted: frozenset[str] = frozenset()
    held: Mapping[str, str] = field(default_factory=dict)
    """Images that stay, by their full name and tag, with the reason: containers would break on the hardened one."""
    source_prefixes: tuple[str, ...] = field(default=())
    """Registry prefixes of private mirrors of the source vendor's images and charts."""
