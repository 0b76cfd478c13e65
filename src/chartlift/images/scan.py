"""Images written inside text: arguments, environment values, scripts, annotations, templates.

Text is not data: a word counts as an image only if it is a complete literal reference (no template
in it, no URL) *and* something else proves it: a vendor or mapping that knows it, or an ``image:`` key.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from chartlift.images.found import FoundImage, Known
from chartlift.images.reference import ImageReference, parse_reference
from chartlift.records import Yaml, YamlPath

_WORD = re.compile(r"""[^\s"'`,;=()<>\[\]|&\\!]+""")
"""Braces, dollars and slashes belong to the word, so that half a template or URL is never an image."""
_COMMENT_START = re.compile(r"\{\{-?\s?/\*")
_YAML_COMMENT = re.compile(r"^[ \t]*#.*$", re.MULTILINE)
_IMAGE_LINE = re.compile(r"""^[ \t]*(?:-[ \t]+)?(?:[\w-]*[iI]mage)[ \t]*:[ \t]*["']?(?P<ref>[^\s"'#]+)""", re.MULTILINE)
_ANNOTATION_LINE = re.compile(r"""^[ \t]*(?:-[ \t]+)?image[ \t]*:[ \t]*["']?(?P<ref>[^\s"'#]+)""", re.MULTILINE)
_ANNOTATIONS = ("images", "artifacthub.io/images")
_MAX_ANNOTATION = 64 * 1024


@dataclass(frozen=True, slots=True, order=True)
class TextImage:
    """A literal reference: ``text[start:end]``, ``line`` being 1-based."""

    start: int
    end: int
    line: int
    reference: ImageReference


def scan_text(text: str, known: Known) -> Iterator[TextImage]:
    """Find the references in a text that are known and cannot be anything else."""
    for match in _WORD.finditer(text):
        word = match[0].rstrip(".:")
        reference = parse_reference(word)
        if reference is not None and _is_explicit(reference) and known.knows(reference):
            yield _at(text, match.start(), reference, word)


def _is_explicit(reference: ImageReference) -> bool:
    """Whether it can only be an image: ``redis:6379`` is a host, ``bitnami/redis`` may be a chart."""
    if reference.registry:
        return "/" in reference.repository or bool(reference.tag or reference.digest)
    return "/" in reference.repository and bool(reference.tag or reference.digest)


def _at(text: str, start: int, reference: ImageReference, word: str) -> TextImage:
    return TextImage(start, start + len(word), text.count("\n", 0, start) + 1, reference)


def find_template_images(text: str, known: Known) -> list[TextImage]:
    """Find the literal images of a template file: behind an ``image:`` key, or known anywhere.

    Comments of the template language and of YAML are passed over; offsets are those of ``text``.
    """
    code = _YAML_COMMENT.sub(_blank, _without_comments(text))
    found = set(scan_text(code, known))
    for match in _IMAGE_LINE.finditer(code):
        reference = parse_reference(match["ref"])
        if reference is not None and (reference.tag or reference.digest or known.knows(reference)):
            found.add(_at(text, match.start("ref"), reference, match["ref"]))
    return sorted(found)


def _without_comments(text: str) -> str:
    """Blank the comments of the template language; one that is never closed is none."""
    parts, position = [], 0
    while start := _COMMENT_START.search(text, position):
        end = text.find("*/", start.end())
        if end < 0:
            break
        parts += [text[position : start.start()], re.sub(r"[^\n]", " ", text[start.start() : end + 2])]
        position = end + 2
    return "".join([*parts, text[position:]])


def _blank(match: re.Match[str]) -> str:
    return re.sub(r"[^\n]", " ", match[0])


def find_chart_annotation_images(chart_yaml: Mapping[str, Yaml]) -> list[FoundImage]:
    """Find the images that a ``Chart.yaml`` lists in its annotations, each with its place in the string.

    Both known annotations (``images``, ``artifacthub.io/images``) hold a YAML list of maps with an
    ``image`` key. A string that is something else yields nothing.
    """
    annotations = chart_yaml.get("annotations")
    if not isinstance(annotations, dict):
        return []
    found: list[FoundImage] = []
    for key in _ANNOTATIONS:
        text = annotations.get(key)
        if isinstance(text, str):
            found += _annotation(("annotations", key), text)
    return found


def _annotation(path: YamlPath, text: str) -> Iterator[FoundImage]:
    listed = _listed_images(text)
    for match in _ANNOTATION_LINE.finditer(text):
        reference = parse_reference(match["ref"])
        if reference is not None and match["ref"] in listed:
            yield text_image(path, text, _at(text, match.start("ref"), reference, match["ref"]))


def _listed_images(text: str) -> frozenset[str]:
    """The ``image`` of each entry, as YAML reads the list: the proof that a line is not prose."""
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    if len(text) > _MAX_ANNOTATION:
        return frozenset()
    try:
        entries = YAML(typ="safe").load(text)
    except YAMLError:
        return frozenset()
    if not isinstance(entries, list):
        return frozenset()
    return frozenset(
        entry["image"] for entry in entries if isinstance(entry, dict) and isinstance(entry.get("image"), str)
    )


def text_image(path: YamlPath, text: str, image: TextImage, *, can_write: bool = True) -> FoundImage:
    """An image inside the string at ``path``, as a ``FoundImage`` of shape ``text``."""
    return FoundImage(
        path=path,
        shape="text",
        slots={"whole": path},
        reference=image.reference,
        tag_from="value" if image.reference.tag else "none",
        registry_from="value" if image.reference.registry else "none",
        values={"whole": str(image.reference)},
        written=frozenset({"whole"}),
        can_write=can_write,
        text=text,
        start=image.start,
        end=image.end,
        line=image.line - 1,
    )
