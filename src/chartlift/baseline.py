"""Known references to the source vendor, so that a gate in CI fails on new ones only.

What counts is what a file of the repository names: charts of the vendor, its images, and its addresses in other places.
An entry is the file, what it is and its name, with how often: no line and no version, so that neither an edit above it
nor an update of what is known makes it new.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from chartlift.accept import path_below
from chartlift.errors import ChartliftError
from chartlift.images.reference import parse_reference
from chartlift.records import ChartRecord, Finding, Place
from chartlift.references.leftovers import RULE

VERSION = 1
_HEAD = (
    "# References to the source vendor that are known. Written by `chartlift scan --baseline FILE --write-baseline`.\n"
)
_HELP = "Write it anew: chartlift scan PATH --baseline {} --write-baseline."


class Known(NamedTuple):
    """What tells one reference from another; the order is that of the file."""

    file: str
    """From the folder of the baseline."""
    kind: str
    """``chart``, ``image`` or ``text``."""
    name: str


@dataclass(frozen=True, slots=True, order=True)
class Reference:
    """One place that names something of the vendor; ``shown`` is the file as the command was told of it."""

    known: Known
    line: int
    shown: str
    path: str = ""

    def __str__(self) -> str:
        return f"{self.shown}:{self.line}: {self.known.kind} {self.known.name}"


@dataclass(frozen=True, slots=True)
class Compared:
    """What a baseline does not hold, and what it holds that is gone."""

    new: tuple[Reference, ...]
    stale: tuple[tuple[Known, int], ...]
    known: int


def find_references(
    records: Iterable[ChartRecord], root: Path, vendor: str, vendor_image: Callable[[str], bool]
) -> list[Reference]:
    """Every place of the records that names a chart, an image or an address of the vendor, each once."""
    found = set()
    for record in records:
        for kind, name, place in _named(record, vendor, vendor_image):
            shown = record.file_of(place)
            found.add(Reference(Known(_relative(root, shown), kind, name), place.line or 1, shown, place.path or ""))
    return sorted(found)


def _named(record: ChartRecord, vendor: str, vendor_image: Callable[[str], bool]) -> Iterator[tuple[str, str, Place]]:
    if record.vendor == vendor and record.place is not None:
        yield "chart", record.name, record.place
    for image in record.images:
        if image.status != "hardened" and vendor_image(image.source):
            # A use without a line is a default of the chart: no file of the repository names it.
            yield from (("image", _untagged(image.source), use) for use in image.uses if use.line)
    if record.reference == RULE:
        for finding in record.findings:
            if finding.level != "note":
                yield "text", _untagged(_first_word(finding)), finding.place


def _untagged(image: str) -> str:
    """``docker.io/bitnami/redis`` of any spelling and tag."""
    reference = parse_reference(image)
    if reference is not None:
        return reference.normalised().name
    folder, slash, last = image.rpartition("/")
    return folder + slash + last.partition("@")[0].partition(":")[0]


def _first_word(finding: Finding) -> str:
    """What was found: the message of that rule begins with it."""
    return finding.message.partition(" ")[0]


def _relative(root: Path, file: str) -> str:
    return path_below(root, file) or Path(os.path.relpath(file, root)).as_posix()


def compare(found: Sequence[Reference], known: Mapping[Known, int], looked_at: Callable[[str], bool]) -> Compared:
    """What is new and what is gone; ``looked_at``: was a file (from the baseline's folder) part of this run?"""
    now = Counter(one.known for one in found)
    new = []
    for key, count in now.items():
        more = count - known.get(key, 0)
        new += [one for one in found if one.known == key][-more:] if more > 0 else []
    gone = [(key, count - now[key]) for key, count in sorted(known.items()) if looked_at(key.file) and count > now[key]]
    return Compared(tuple(sorted(new, key=lambda one: (one.shown, one.line))), tuple(gone), len(found) - len(new))


def read_baseline(file: Path) -> dict[Known, int]:
    """The known references. Errors (``ChartliftError``): no such file, or not one that this version wrote."""
    from chartlift.files import read_text
    from chartlift.mapping.load import check_schema
    from chartlift.yamltext.document import Document

    if not file.exists():
        raise ChartliftError("there is no baseline yet", file=str(file), help=_HELP.format(file))
    document = Document.parse(read_text(file), file=str(file))
    check_schema(document.data, "baseline.schema.json", document, str(file), _HELP.format(file))
    data: Any = document.data
    return {Known(one["file"], one["kind"], one["name"]): int(one["count"]) for one in data["references"]}


def render_baseline(found: Sequence[Reference], kept: Mapping[Known, int]) -> str:
    """The file: one entry a line, sorted, so that a merge of two branches is a merge of lines."""
    counts = Counter(one.known for one in found) + Counter(kept)
    rows = [f"  - {json.dumps({**key._asdict(), 'count': counts[key]}, ensure_ascii=False)}" for key in sorted(counts)]
    listed = "references:\n" + "\n".join(rows) if rows else "references: []"
    return f"{_HEAD}version: {VERSION}\n{listed}\n"
