"""Select one definition and tag of a hardened image for a wanted version, flavour and distribution.

Tags of the catalog read ``<version>[-<qualifier>][-<distribution>][-<flavour>]``; the most specific
one is taken: ``8.4.6-debian13-compat``. Selecting never guesses between definitions that differ in a
qualifier nobody asked for (``jdk17``, ``jdk21``).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from chartlift.catalog.snapshot import CatalogImage, Definition
from chartlift.catalog.tags import parse_source_tag

Numbers = tuple[int, ...]
Step = Literal["same", "patch-older", "minor", "major", "minor-older", "major-older", "newest", "pinned"]
"""From the wanted version to the one that was found; ``newest`` where no version was stated."""
Problem = Literal["flavour", "platform", "distribution", "qualifier", "tag"]
RUNTIME = "runtime"
DEV = "dev"
_DISTRIBUTION = re.compile(r"^(?:debian|alpine)[0-9.]*$")


@dataclass(frozen=True, slots=True)
class Asked:
    """What a definition has to be. ``version`` None: any, the newest is taken."""

    version: Numbers | None
    two_part: bool = False
    """The second number counts patch releases already, as PostgreSQL's does."""
    flavour: str | None = None
    qualifier: str | None = None
    distribution: str | None = None
    platforms: tuple[str, ...] = ()
    pin_tag: str | None = None
    dev: bool = False
    """A development image: root, with a package manager. Only ever on request."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A definition by its most specific tag."""

    definition: Definition
    tag: str
    version: Numbers
    qualifiers: tuple[str, ...]
    distribution: str


@dataclass(frozen=True, slots=True)
class Selection:
    """The candidate and how far it is from what was asked, or the problem and what there is instead."""

    candidate: Candidate | None
    step: Step = "newest"
    problem: Problem | None = None
    available: tuple[str, ...] = ()


def version_of(tag: str) -> Numbers | None:
    """The version that a tag states: ``7.2.5-debian-12-r0`` -> (7, 2, 5); None if it has none."""
    version = parse_source_tag(tag).version
    return version.parts if version is not None else None


def select_definition(image: CatalogImage, asked: Asked) -> Selection:
    """Select among the runtime definitions; development images run as root and have to be asked for."""
    variant = DEV if asked.dev else RUNTIME
    runtime = [definition for definition in image.definitions if definition.variant == variant]
    if asked.pin_tag is not None:
        return _pinned(runtime, asked.pin_tag)
    flavoured = [definition for definition in runtime if (definition.flavour or None) == asked.flavour]
    if not flavoured:
        return Selection(None, problem="flavour", available=_sorted(d.flavour or RUNTIME for d in runtime))
    running = [d for d in flavoured if set(asked.platforms) <= set(d.platforms)]
    if not running:
        return Selection(None, problem="platform", available=_sorted(p for d in flavoured for p in d.platforms))
    candidates = [c for c in (_candidate(d, asked.qualifier) for d in running) if c is not None]
    placed = _in_distribution(candidates, asked.distribution)
    if not placed:
        return Selection(None, problem="distribution", available=_sorted(c.distribution for c in candidates))
    return _nearest(placed, asked)


def _pinned(runtime: Sequence[Definition], tag: str) -> Selection:
    """Exactly this tag; it has to be one of a runtime definition."""
    for definition in runtime:
        if tag in definition.tags:
            version, qualifiers = _read(tag, definition)
            return Selection(Candidate(definition, tag, version, qualifiers, _distribution(definition)), "pinned")
    return Selection(None, problem="tag", available=_sorted(tag for d in runtime for tag in d.tags))


def _candidate(definition: Definition, qualifier: str | None) -> Candidate | None:
    """The definition by its best tag: its distribution named, the version longest, no needless qualifier."""
    distribution = _distribution(definition)
    best: Candidate | None = None
    for tag in sorted(definition.tags):
        version, qualifiers = _read(tag, definition)
        named = distribution in tag.split("-")
        if not named or (qualifier is not None and qualifier not in qualifiers):
            continue
        one = Candidate(definition, tag, version, qualifiers, distribution)
        if best is None or _detail(one) > _detail(best):
            best = one
    return best


def _detail(candidate: Candidate) -> tuple[int, int, int]:
    return len(candidate.version), -len(candidate.qualifiers), -len(candidate.tag)


def _read(tag: str, definition: Definition) -> tuple[Numbers, tuple[str, ...]]:
    """Version numbers and qualifiers of one of the definition's tags."""
    rest = tag.removesuffix(f"-{DEV}") if definition.variant == DEV else tag
    rest = rest.removesuffix(f"-{definition.flavour}") if definition.flavour else rest
    first, *parts = rest.split("-")
    return version_of(first) or (), tuple(part for part in parts if not _DISTRIBUTION.match(part))


def _distribution(definition: Definition) -> str:
    """As tags write it: ``debian13``, ``alpine3.24``."""
    return definition.distribution.replace("-", "")


def _in_distribution(candidates: Sequence[Candidate], asked: str | None) -> list[Candidate]:
    """Those of the asked distribution; by default the newest Debian, else the newest of what there is."""
    if asked is not None:
        wanted = asked.replace("-", "")
        exact = [c for c in candidates if c.distribution == wanted]
        return exact or [c for c in candidates if c.distribution.rstrip("0123456789.") == wanted]
    debian = [c for c in candidates if c.distribution.startswith("debian")]
    newest = max((_release(c) for c in debian), default=())
    return [c for c in debian if _release(c) == newest] or list(candidates)


def _release(candidate: Candidate) -> Numbers:
    """Of the distribution: ``alpine3.24`` -> (3, 24)."""
    return version_of(candidate.distribution.lstrip("abcdefghijklmnopqrstuvwxyz")) or ()


def _nearest(candidates: Sequence[Candidate], asked: Asked) -> Selection:
    """The newest patch release of the nearest version; the plain definition before a qualified one."""
    versions = {c.version for c in candidates}
    step, near = _two_part_step(versions, asked.version) if asked.two_part else _step(versions, asked.version)
    best = [c for c in candidates if c.version in near]
    for rank in (lambda c: -len(c.qualifiers), lambda c: c.version, _release):
        top = max(map(rank, best))
        best = [c for c in best if rank(c) == top]
    if len(best) > 1:
        return Selection(None, problem="qualifier", available=_sorted(c.tag for c in best))
    return Selection(best[0], step)


def _step(versions: set[Numbers], wanted: Numbers | None) -> tuple[Step, list[Numbers]]:
    """How far one has to go from the wanted version, and the releases of the minor that is reached."""
    if wanted is None:
        return "newest", _highest(versions)
    same_major = [v for v in versions if v[:1] == wanted[:1]]
    if len(wanted) == 1 and same_major:
        return "same", _highest(same_major)
    same_minor = [v for v in versions if v[:2] == wanted[:2]]
    if same_minor:
        return ("patch-older" if max(same_minor) < wanted else "same"), same_minor
    steps: tuple[tuple[Step, list[Numbers]], ...] = (
        ("minor", _lowest(v for v in same_major if v > wanted)),
        ("minor-older", _highest(same_major)),
        ("major", _lowest(v for v in versions if v > wanted)),
        ("major-older", _highest(versions)),
    )
    return next((step, found) for step, found in steps if found)


def _two_part_step(versions: set[Numbers], wanted: Numbers | None) -> tuple[Step, list[Numbers]]:
    """The same where a minor release is a patch release: all of one major are one line."""
    step, near = _step(versions, None if wanted is None else wanted[:1])
    if step == "same" and wanted is not None and max(near)[:2] < wanted[:2]:
        return "patch-older", near
    return step, near


def _lowest(versions: Iterable[Numbers]) -> list[Numbers]:
    """Those of the lowest major and minor."""
    found = list(versions)
    first = min((v[:2] for v in found), default=())
    return [v for v in found if v[:2] == first]


def _highest(versions: Iterable[Numbers]) -> list[Numbers]:
    """Those of the highest major and minor."""
    found = list(versions)
    last = max((v[:2] for v in found), default=())
    return [v for v in found if v[:2] == last]


def _sorted(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(set(names)))
