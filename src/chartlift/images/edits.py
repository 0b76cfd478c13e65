"""Write a chosen image back in the form in which the old one stood.

A map stays a map, a string a string. The old digest never survives beside a new repository: where
values have a ``digest`` it is overwritten or emptied (in Bitnami's charts a digest beats the tag), also
when only the defaults set it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from chartlift.images.choose import Destination, ImageChoice, Note
from chartlift.images.found import FoundImage, Slot
from chartlift.images.reference import ImageReference
from chartlift.yamltext.edit import Edit, Set

GLOBAL_REGISTRY = ("global", "imageRegistry")
Chosen = tuple[FoundImage, ImageChoice]


def plan_image_edits(found: FoundImage, choice: ImageChoice, destination: Destination) -> list[Edit]:
    """The edits of one image; none where nothing was chosen or the document cannot be written there.

    For several images in one string use ``plan_edits``: an edit replaces the whole string.
    """
    if choice.status != "mapped" or choice.target is None or not found.can_write:
        return []
    if found.shape == "text":
        return [Set(found.path, _splice(found.text, [(found, choice.target)]))]
    return [
        Set(found.slots[slot], value)
        for slot, value in _wanted(found, choice.target, destination)
        if value != found.values.get(slot, "" if slot == "digest" else None)
    ]


def plan_edits(chosen: Iterable[Chosen], destination: Destination) -> list[Edit]:
    """The edits of many images of one document; those inside one string become one edit."""
    pairs = list(chosen)
    edits = [e for f, c in pairs if f.shape != "text" for e in plan_image_edits(f, c, destination)]
    texts = [(f, c.target) for f, c in pairs if f.shape == "text" and f.can_write and c.status == "mapped" and c.target]
    for _, group in groupby(sorted(texts, key=lambda pair: str(pair[0].path)), key=lambda pair: pair[0].path):
        inside = list(group)
        edits.append(Set(inside[0][0].path, _splice(inside[0][0].text, inside)))
    return edits


def _splice(text: str, images: Sequence[tuple[FoundImage, ImageReference]]) -> str:
    for found, target in sorted(images, key=lambda pair: -pair[0].start):
        text = text[: found.start] + str(target) + text[found.end :]
    return text


def _wanted(found: FoundImage, target: ImageReference, destination: Destination) -> Iterator[tuple[Slot, str]]:
    """What each slot has to say, in the order in which charts write them."""
    if "whole" in found.slots:
        yield "whole", str(target)
        return
    if "registry" in found.slots and found.registry_from != "repository":
        if found.registry_from != "global" or _global_differs(found, destination):
            yield "registry", target.registry
        yield "repository", target.repository
    else:
        yield "repository", target.name
    yield "tag", _tag(found, target)
    if "digest" in found.values:
        bare = found.slots["digest"][-1] == "sha"
        yield "digest", target.digest.removeprefix("sha256:") if bare else target.digest


def _tag(found: FoundImage, target: ImageReference) -> str:
    """The tag; with the digest behind it where the chart's values have it there and nowhere else."""
    if target.digest and "@" in found.values.get("tag", "") and "digest" not in found.values:
        return f"{target.tag}@{target.digest}"
    return target.tag


def _global_differs(found: FoundImage, destination: Destination) -> bool:
    return found.reference is None or found.reference.registry != destination.registry


def plan_global_registry(chosen: Iterable[Chosen], destination: Destination) -> tuple[list[Edit], list[Note]]:
    """What ``global.imageRegistry`` has to become, given every image that it rules.

    It beats the registry of each image, so it has to change with them; where an image under it stays,
    changing it would break that one, and a person has to decide.
    """
    ruled = [(f, c) for f, c in chosen if f.registry_from == "global" and f.reference is not None]
    if not ruled or all(f.reference and f.reference.registry == destination.registry for f, _ in ruled):
        return [], []
    staying = sorted({str(f.reference) for f, c in ruled if c.status in ("unmapped", "kept")})
    if not staying:
        return [Set(GLOBAL_REGISTRY, destination.registry)], []
    message = f"global.imageRegistry rules images that stay where they are: {', '.join(staying)}"
    help_line = "Empty it and write the registry into each image, or serve the hardened images from that registry."
    return [], [Note("global-registry", "error", message, help_line)]
