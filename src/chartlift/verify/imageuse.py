"""Every image that a rendered object speaks of, and where.

Containers are one place among several: operators take images as fields of custom resources, as
arguments, in environment variables and in configuration text, and each of them is pulled in the end.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from chartlift.images.reference import parse_reference
from chartlift.records import Yaml, YamlPath, format_path
from chartlift.verify.objects import CRD, RenderedObject
from chartlift.verify.workload import CONTAINER_KEYS

_IMAGE_FIELD = re.compile(r"(?:^image|Image)(?:Name|Ref|Url)?$")
_TOKEN = re.compile(
    r"(?<![\w./@:%#?&$\\-])[a-zA-Z0-9][\w.-]*(?::\d+)?(?:/[\w.-]+)+(?::[\w][\w.-]*)?(?:@sha256:[0-9a-f]{64})?"
)
"""What could be a reference inside longer text: not a path, not the rest of a URL."""
_MOST_TEXT = 1024 * 1024
_METADATA = frozenset({"metadata", "status"})
_COMMENTS = ("#", "//", ";", "<!--")
_LABELS = frozenset({"labels", "matchLabels"})


@dataclass(frozen=True, slots=True, order=True)
class ImageUse:
    """One image at one place. ``exact``: the field means an image; else text that names one.
    ``comment``: on a line that starts as comments do, so perhaps only talked about."""

    image: str
    path: str
    exact: bool = True
    comment: bool = False


def image_uses(item: RenderedObject, vendor_image: Callable[[str], bool] | None = None) -> Iterator[ImageUse]:
    """Find images in containers (init, ephemeral, hooks, tests) and fields called ``image`` or ``...Image``.

    With ``vendor_image`` also find, in all other text (arguments, environment, configuration), the
    references that it holds for.
    """
    if item.kind == CRD:
        return
    for path, key, value in _texts(item.data, ()):
        if _IMAGE_FIELD.search(key) and _is_field(path):
            if parse_reference(value) is not None:
                yield ImageUse(value, format_path(path))
        elif vendor_image is not None:
            encoded = item.kind == "Secret" and path[0] == "data"
            yield from _mentions(path, _decode(value) if encoded else value, vendor_image)


def container_images(item: RenderedObject) -> Iterator[str]:
    """The images that the object's containers run."""
    for path, key, value in _texts(item.data, ()):
        if key == "image" and len(path) > 2 and path[-3] in CONTAINER_KEYS:
            yield value


def _texts(value: Yaml, path: YamlPath, key: str = "") -> Iterator[tuple[YamlPath, str, str]]:
    """Every text in an object with its path and nearest key; metadata is about it, not of it."""
    if isinstance(value, str):
        if value:
            yield path, key, value
    elif isinstance(value, dict):
        for name, inner in value.items():
            if name not in _LABELS and (path or name not in _METADATA):
                yield from _texts(inner, (*path, name), name)
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _texts(inner, (*path, index), "")


def _is_field(path: YamlPath) -> bool:
    """ConfigMap and Secret keys are file names."""
    return path[0] not in {"data", "stringData", "binaryData"}


def _decode(value: str) -> str:
    """The text in a Secret; ``""`` for what is none."""
    try:
        return base64.b64decode(value, validate=True).decode("utf-8")
    except (binascii.Error, UnicodeDecodeError):
        return ""


def _mentions(path: YamlPath, value: str, vendor_image: Callable[[str], bool]) -> Iterator[ImageUse]:
    if "/" not in value:
        return
    seen: dict[str, ImageUse] = {}
    for line in value[:_MOST_TEXT].split("\n"):
        comment = line.lstrip().startswith(_COMMENTS)
        for match in _TOKEN.finditer(line):
            token = match[0].rstrip(".")
            named = ":" in token.rpartition("/")[2] or "@" in token or token == value.strip()
            known = token in seen and (comment or not seen[token].comment)
            if named and not known and parse_reference(token) is not None and vendor_image(token):
                seen[token] = ImageUse(token, format_path(path), exact=False, comment=comment)
    yield from seen.values()
