"""Split rendered text into YAML documents, and tell what of a rendering is one.

Follows Helm's ``pkg/release/v1/util`` (``SplitManifests``, ``SortManifests``): documents are parted
by lines that start with ``---``; partials and notes are no manifests. Linear in the text, since a
template can produce any text.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator

from chartlift.verify.engine import CrdFile

_NOTES = "NOTES.txt"
_LINE = re.compile(r"[^\n]*\n|[^\n]+")
_NAME = re.compile(r"^  name: *[\"']?([a-z0-9.-]+)[\"']? *$", re.MULTILINE)


def split_documents(text: str) -> Iterator[str]:
    """The documents of a manifest in order, without those that hold nothing but comments."""
    lines: list[str] = []
    for line in _LINE.findall(text):
        if line.startswith("---"):
            yield from _filled(lines)
            lines = [line[3:]]
        else:
            lines.append(line)
    yield from _filled(lines)


def _filled(lines: list[str]) -> Iterator[str]:
    if any(line.strip() and not line.lstrip().startswith("#") for line in lines):
        # Helm trims each document, which also takes blanks away that would indent its first line alone.
        yield "".join(lines).strip()


def is_notes(template: str) -> bool:
    return template.rpartition("/")[2] == _NOTES


def is_manifest(template: str, text: str) -> bool:
    """Whether Helm would send the file to the cluster."""
    base = template.rpartition("/")[2]
    return not base.startswith("_") and base != _NOTES and bool(text.strip())


def read_crds(file: str, text: str) -> CrdFile:
    """A file of ``crds/`` by names and digest; parsing megabytes of schema would tell no more."""
    names = []
    for document in split_documents(text):
        found = _NAME.search(document)
        names.append(found[1] if found else "")
    digest = hashlib.sha256(text.replace("\r\n", "\n").strip().encode()).hexdigest()
    return CrdFile(file, tuple(names), digest)
