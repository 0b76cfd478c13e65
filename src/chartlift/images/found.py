"""An image that was found in values: where its parts are written and what they come to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, Protocol

from chartlift.images.reference import ImageReference
from chartlift.records import Yaml, YamlPath

Shape = Literal["map", "sibling", "string", "text"]
"""map: ``repository:`` (or ``image.name:``) with its siblings; sibling: ``image:`` beside ``tag:``, or
flat keys such as ``imageRepository:``; string: the whole reference; text: inside a longer string."""

Slot = Literal["registry", "repository", "tag", "digest", "whole"]
TagFrom = Literal["value", "default", "appVersion", "none"]
RegistryFrom = Literal["value", "default", "global", "repository", "none"]


class Known(Protocol):
    """Who can say whether an image is a vendor's or a mapping's: the proof that a word is an image."""

    def knows(self, reference: ImageReference) -> bool: ...


class KnowsNothing:
    """The ``Known`` of someone with no data at hand: only the shape of the values can tell an image."""

    def knows(self, reference: ImageReference) -> bool:
        return False


@dataclass(frozen=True, slots=True)
class FoundImage:
    """One image and its slots.

    ``slots`` says where each part is, or would have to be, written; ``values`` what each part comes to
    once the chart's defaults are merged below; ``written`` which parts this document itself sets.
    ``start``/``end`` are offsets into ``text``, the string at ``path`` (shape ``text`` only), and
    ``line`` counts line breaks before it.
    """

    path: YamlPath
    shape: Shape
    slots: Mapping[Slot, YamlPath]
    reference: ImageReference | None
    tag_from: TagFrom = "none"
    registry_from: RegistryFrom = "none"
    values: Mapping[Slot, str] = field(default_factory=dict)
    written: frozenset[Slot] = frozenset()
    can_write: bool = True
    """False inside a list that only the defaults have: Helm replaces lists, it does not merge them."""
    text: str = ""
    start: int = 0
    end: int = 0
    line: int = 0


def scalar_text(value: Yaml) -> str:
    """The text that a template prints for a scalar: ``15`` for ``tag: 15``, ``1.1`` for ``tag: 1.10``."""
    if value is None or isinstance(value, dict | list):
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)
