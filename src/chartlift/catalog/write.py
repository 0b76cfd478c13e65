"""Write a snapshot: JSON texts with one definition a line, put in place of the former one as a whole."""

from __future__ import annotations

import dataclasses
import json
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from chartlift.catalog.records import ChartVersion, Definition
from chartlift.catalog.snapshot import CHARTS, IMAGES, INDEX, SCHEMA, About
from chartlift.errors import ChartliftError


@dataclasses.dataclass(frozen=True, slots=True)
class Content:
    """All that a snapshot says. Names lead to what is said of them."""

    revision: str
    date: str
    images: Mapping[str, tuple[About, tuple[Definition, ...]]]
    charts: Mapping[str, tuple[About, tuple[ChartVersion, ...]]]
    digests: Mapping[str, Mapping[str, str]]
    """Image -> tag -> digest."""


def as_texts(content: Content) -> dict[str, str]:
    """Path in the snapshot -> text; the same content gives the same bytes."""
    index = {
        "schema": SCHEMA,
        "revision": content.revision,
        "date": content.date,
        "images": {name: _sparse(about) for name, (about, _) in sorted(content.images.items())},
        "charts": {name: _sparse(about) for name, (about, _) in sorted(content.charts.items())},
    }
    charts = {name: list(map(_sparse, versions)) for name, (_, versions) in sorted(content.charts.items())}
    texts = {INDEX: _by_line(index), CHARTS: _by_line(charts)}
    for name, (_, definitions) in sorted(content.images.items()):
        data = {
            "definitions": list(map(_sparse, definitions)),
            "digests": dict(sorted(content.digests.get(name, {}).items())),
        }
        texts[f"{IMAGES}/{name}.json"] = _by_line(data)
    return texts


def replace_snapshot(target: Path, texts: Mapping[str, str]) -> None:
    """Put the texts at ``target``: written beside it, then renamed, so that it is never half there.

    Errors (``ChartliftError``): ``target`` is something else than a snapshot, or cannot be written.
    """
    target = target.resolve()
    _refuse_other(target)
    try:
        fresh = Path(tempfile.mkdtemp(prefix=f".{target.name}.", dir=target.parent))
        try:
            _fill(fresh / "new", texts)
            _swap(target, fresh)
        finally:
            shutil.rmtree(fresh, ignore_errors=True)
    except OSError as error:
        why = (error.strerror or str(error)).lower()
        raise ChartliftError(f"cannot be written: {why}", file=str(target), help="Choose another --target.") from None


def _refuse_other(target: Path) -> None:
    """A directory that holds anything else is somebody's work and is never replaced."""
    if not target.exists():
        return
    ours = target.is_dir() and {path.name for path in target.iterdir()} <= {INDEX, CHARTS, IMAGES}
    if not ours or any(path.suffix != ".json" or not path.is_file() for path in target.glob(f"{IMAGES}/*")):
        raise ChartliftError(
            "is there already and is no catalog snapshot", file=str(target), help="Choose another --target."
        )


def _fill(folder: Path, texts: Mapping[str, str]) -> None:
    (folder / IMAGES).mkdir(parents=True)
    for path, text in texts.items():
        (folder / path).write_text(text, "utf-8", newline="\n")


def _swap(target: Path, fresh: Path) -> None:
    """The former snapshot comes back if the new one cannot take its place."""
    if not target.exists():
        (fresh / "new").rename(target)
        return
    target.rename(fresh / "old")
    try:
        (fresh / "new").rename(target)
    except OSError:
        (fresh / "old").rename(target)
        raise


def _sparse(record: Any) -> dict[str, Any]:
    """A record without what is empty; what the reader knows anyway (image, digest of a tag) is left out."""
    found = {one.name: _plain(getattr(record, one.name)) for one in dataclasses.fields(record)}
    if isinstance(record, Definition):
        del found["image"], found["digest"]
    return {name: value for name, value in found.items() if value or (value == 0 and value is not False)}


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_plain_item(item) for item in value]
    return dict(value) if isinstance(value, Mapping) else value


def _plain_item(item: Any) -> Any:
    """Paths are written as lists, being many; other records by name."""
    if isinstance(item, str):
        return item
    values = dataclasses.asdict(item)
    return list(values.values()) if "path" in values else _sparse(item)


def _by_line(data: Mapping[str, Any]) -> str:
    """JSON with one entry a line at the second level."""
    parts = []
    for key, value in data.items():
        if isinstance(value, dict) and value:
            inside = ",\n".join(f"  {_line(name)}: {_line(entry)}" for name, entry in value.items())
            parts.append(f"{_line(key)}: {{\n{inside}\n}}")
        elif isinstance(value, list) and value:
            inside = ",\n".join(f"  {_line(entry)}" for entry in value)
            parts.append(f"{_line(key)}: [\n{inside}\n]")
        else:
            parts.append(f"{_line(key)}: {_line(value)}")
    return "{\n" + ",\n".join(parts) + "\n}\n"


def _line(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(", ", ": "))
