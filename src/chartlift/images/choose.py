"""Choose the hardened image and tag that takes an image's place, and say what a person should know.

The version is kept as far as the catalog allows: same major and minor, else the next newer minor of
the same major, else the next newer major with a finding. An image that stores data is not moved across
a major version, downwards, from a version nobody stated, or to a data directory nobody mapped, unless
that was accepted by rule: a green pod with an empty volume is the worst that this tool could cause
(shared design, "What chartlift is").
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from chartlift.catalog.snapshot import Catalog, CatalogImage, Definition
from chartlift.images.mapping import ImageEntry, ImageMappings
from chartlift.images.notes import (
    Note,
    note_contract,
    note_definition,
    note_flavour,
    note_libc,
    note_problem,
    note_source,
    note_step,
    note_unconfirmed,
)
from chartlift.images.reference import ImageReference, parse_reference
from chartlift.images.select import DEV, RUNTIME, Asked, Candidate, Selection, select_definition, version_of
from chartlift.records import ImageStatus

__all__ = ["Destination", "ImageChoice", "Need", "Note", "choose_image"]

_PAID = ("fips", "stig")
"""Flavours that only an organisation's paid mirror has; their tags end in the word: ``...-compat-fips``."""
_STOPS = frozenset({"floating-tag", "image-version-unknown", "image-major-jump", "image-downgrade", "image-contract"})


@dataclass(frozen=True, slots=True)
class Need:
    """What is asked of the image. ``image`` is a chart mapping's word: it vouches for the contract.

    ``flavour`` None means the image mapping's flavour, or the plain one where ``image`` is given;
    ``runtime`` always means the plain one. ``distribution``: ``debian``, ``debian13``, ``alpine``, ...;
    ``platforms``: ``linux/arm64``, ...; ``pin_tag``: exactly this tag; ``accepted``: rules that a person
    has acknowledged, so that they no longer keep a target from being written.
    """

    flavour: str | None = None
    distribution: str | None = None
    platforms: tuple[str, ...] = ()
    image: str | None = None
    pin_tag: str | None = None
    accepted: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Destination:
    """Where the hardened images are pulled from: ``dhi.io``, or a mirror: docker.io and ``acme/dhi-``."""

    registry: str = "dhi.io"
    prefix: str = ""
    pin_digests: bool = False

    def name_of(self, reference: ImageReference) -> str | None:
        """The catalog's name of an image that is here already; None if it is elsewhere."""
        here = parse_reference(f"{self.registry}/{self.prefix}x")
        stem = here.normalised().name[:-1] if here is not None else ""
        name = reference.normalised().name
        return name[len(stem) :] if stem and name.startswith(stem) and len(name) > len(stem) else None


@dataclass(frozen=True, slots=True)
class ImageChoice:
    """The outcome; ``target`` is set exactly when ``status`` is ``mapped``."""

    target: ImageReference | None
    status: ImageStatus
    reason: str
    definition: Definition | None = None
    findings: tuple[Note, ...] = ()


def choose_image(
    reference: ImageReference, need: Need, mapping: ImageMappings, catalog: Catalog, destination: Destination
) -> ImageChoice:
    """Choose the replacement of one image; pure: the same for the same input."""
    if _is_hardened(reference, mapping, catalog, destination):
        return _mirrored(reference, mapping, destination) or ImageChoice(None, "hardened", "already a hardened image")
    entry = mapping.find(reference)
    name = need.image or (entry.image if entry is not None else None)
    if name is None:
        return _without_target(reference, entry, mapping)
    image = catalog.image(name)
    if image is None:
        text = f"{reference.tagged}: the catalog has no image {name}"
        note = Note("image-not-in-catalog", "error", text, "Correct the mapping, or rebuild the snapshot.")
        return ImageChoice(None, "unmapped", text, None, (note,))
    if entry is not None:
        entry = entry.for_major(str((version_of(reference.tag) or ("",))[0]))
    return _select(reference, need, entry, image, catalog, destination)


def _is_hardened(reference: ImageReference, mapping: ImageMappings, catalog: Catalog, destination: Destination) -> bool:
    name = mapping.vendors.hardened_name(reference)
    if name is not None and (not reference.normalised().registry.startswith("docker.") or catalog.image(name)):
        return True
    here = destination.name_of(reference)
    if here is None or catalog.image(here) is None:
        return False
    # A registry without a prefix of its own may hold other images of the same name.
    return bool(destination.prefix) or catalog.has_tag(here, reference.tag)


def _mirrored(reference: ImageReference, mapping: ImageMappings, destination: Destination) -> ImageChoice | None:
    """The same image at the asked mirror, where it is at the hardened vendor's own registry now."""
    name = mapping.vendors.at_home(reference)
    home = mapping.vendors.at_home(ImageReference(destination.registry, f"{destination.prefix}x"))
    if name is None or home is not None or destination.name_of(reference) is not None:
        return None
    target = ImageReference(destination.registry, f"{destination.prefix}{name}", reference.tag, reference.digest)
    return ImageChoice(target, "mapped", "the same image at the mirror")


def _without_target(reference: ImageReference, entry: ImageEntry | None, mapping: ImageMappings) -> ImageChoice:
    if entry is not None:
        advice = f"; instead: {entry.alternative}" if entry.alternative else ""
        return ImageChoice(None, "kept", entry.reason + advice)
    reason = f"no mapping knows {reference.name}"
    inner = parse_reference(reference.repository)
    owner = mapping.vendors.vendor_image(inner) if inner is not None and reference.registry else None
    if owner is not None and "/" in reference.repository:
        title = mapping.vendors.sources[owner[0]].title
        reason += f"; if {reference.registry} mirrors {title}, give it as a source prefix"
    return ImageChoice(None, "unmapped", reason)


def _select(
    reference: ImageReference,
    need: Need,
    entry: ImageEntry | None,
    image: CatalogImage,
    catalog: Catalog,
    destination: Destination,
) -> ImageChoice:
    flavour, paid, dev = _split(need, entry)
    asked = Asked(
        version=None if entry is not None and entry.ignore_version else version_of(reference.tag),
        two_part=entry is not None and entry.two_part,
        flavour=flavour,
        qualifier=entry.qualifier if entry is not None else None,
        distribution=need.distribution,
        platforms=need.platforms,
        pin_tag=need.pin_tag,
        dev=dev,
    )
    selection = select_definition(image, asked)
    fallback: list[Note] = []
    if selection.problem == "flavour" and need.flavour and need.image is None:
        # Asked for in general, not by a chart that cannot do without: the plain image will do.
        fallback = [note_flavour(reference, image.name, need.flavour)]
        selection = select_definition(image, replace(asked, flavour=entry.flavour if entry is not None else None))
    if selection.candidate is None:
        note = note_problem(reference, image.name, _wanted(asked, selection), selection)
        return ImageChoice(None, "unmapped", note.message, None, (note,))
    target = _target(selection.candidate, image.name, paid, catalog, destination)
    notes = fallback + _notes(reference, need, entry, target, selection, catalog)
    if paid:
        notes.append(note_unconfirmed(target))
    return _decide(need, entry, target, selection.candidate, notes)


def _split(need: Need, entry: ImageEntry | None) -> tuple[str | None, str, bool]:
    """The flavour that the catalog knows, what of the asked one only a paid mirror has, and whether ``dev``."""
    words = (need.flavour or "").split("-")
    paid = "-".join(word for word in words if word in _PAID)
    rest = "-".join(word for word in words if word not in (*_PAID, DEV))
    # A development image has a shell and more, whatever flavour the chart needs otherwise.
    flavour = rest or (RUNTIME if DEV in words else None)
    return _flavour(replace(need, flavour=flavour), entry), paid, DEV in words


def _flavour(need: Need, entry: ImageEntry | None) -> str | None:
    """The asked flavour, else the mapping's; None is the plain runtime image."""
    flavour = need.flavour
    if flavour is None and need.image is None and entry is not None:
        flavour = entry.flavour
    return None if flavour in (None, "", RUNTIME) else flavour


def _wanted(asked: Asked, selection: Selection) -> str:
    wanted = {
        "flavour": asked.flavour or RUNTIME,
        "platform": ", ".join(asked.platforms),
        "distribution": asked.distribution or asked.qualifier or "any distribution",
        "tag": asked.pin_tag or "",
    }
    return wanted.get(selection.problem or "", "")


def _target(candidate: Candidate, name: str, paid: str, catalog: Catalog, destination: Destination) -> ImageReference:
    tag = f"{candidate.tag}-{paid}" if paid else candidate.tag
    digest = catalog.digest_for(name, tag) if destination.pin_digests and not paid else None
    return ImageReference(destination.registry, f"{destination.prefix}{name}", tag, digest or "")


def _notes(
    reference: ImageReference,
    need: Need,
    entry: ImageEntry | None,
    target: ImageReference,
    selection: Selection,
    catalog: Catalog,
) -> list[Note]:
    candidate = selection.candidate
    if candidate is None:
        return []
    to = target.tagged
    notes = [] if selection.step == "pinned" else note_source(reference, entry)
    notes += note_step(reference, to, selection.step, entry)
    notes += note_definition(to, candidate.definition, None if need.image else entry, catalog.date)
    notes += note_libc(reference, to, entry, candidate.distribution)
    notes += [] if need.image else note_contract(reference, to, entry)
    return notes


def _kept(note: Note) -> Note:
    """An image that stays as it was runs as it did: nobody has to decide anything before that."""
    return note._replace(level="warning") if note.rule == "image-contract" else note


def _decide(
    need: Need, entry: ImageEntry | None, target: ImageReference, candidate: Candidate, notes: list[Note]
) -> ImageChoice:
    """A finding that stops is not written unless accepted; every other one goes with the target."""
    stopping = [n for n in notes if n.level == "error" and n.rule in _STOPS and n.rule not in need.accepted]
    if stopping:
        why = tuple(_kept(note) for note in notes if note.rule in _STOPS)
        return ImageChoice(None, "kept", stopping[0].message, candidate.definition, why)
    reason = entry.reason if entry is not None else "the mapping of the chart names it"
    return ImageChoice(target, "mapped", reason, candidate.definition, tuple(notes))
