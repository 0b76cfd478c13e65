"""What a run has finished, line by line, so that a run that was cut short goes on where it ended.

Each line holds one chart: a hash of its files as they are now, a hash of everything that decides what becomes of them,
and what came of it. A chart whose two hashes are the same is not handled again, and is in the reports as it was.
"""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path
from typing import Any

from chartlift import __version__
from chartlift.chart.discover import Input, skipped
from chartlift.errors import ChartliftError
from chartlift.knowledge import Knowledge
from chartlift.migration import output_path
from chartlift.report.as_json import chart_as_dict, read_chart
from chartlift.settings import Done, Settings


class Journal:
    """The journal of one run; without a file it knows nothing and notes nothing."""

    def __init__(self, file: Path | None, settings: Settings, knowledge: Knowledge) -> None:
        self.file, self.settings = file, settings
        self.asked = _hash_of_settings(settings, knowledge) if file is not None else ""
        self.lines = _read(file) if file is not None else {}

    def known(self, source: Input) -> Done | None:
        """What came of an input in an earlier run, if nothing changed since."""
        line = self.lines.get(source.label)
        if self.file is None or line is None or line["asked"] != self.asked or not self._is_there(source):
            return None
        if line["content"] != _hash_of_files(source.path):
            return None
        return Done(tuple(map(read_chart, line["charts"])), tuple(line["diff"]), bool(line["changed"]))

    def note(self, source: Input, done: Done) -> None:
        """Add a finished chart; one that could not be used is tried again the next time."""
        if self.file is None or done.error is not None or source.kind not in ("chart", "archive"):
            return
        line = {
            "path": source.label,
            "asked": self.asked,
            "content": _hash_of_files(source.path),
            "charts": [chart_as_dict(record) for record in done.records],
            "diff": list(done.diff),
            "changed": done.changed,
        }
        with _opened(self.file) as stream:
            stream.write(json.dumps(line, ensure_ascii=False) + "\n")

    def _is_there(self, source: Input) -> bool:
        out = self.settings.output
        return out is None or output_path(source, out).exists()


def _opened(file: Path) -> Any:
    """Readable by its owner only: a diff holds values as the files do."""
    try:
        return os.fdopen(os.open(file, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600), "a", encoding="utf-8")
    except OSError as error:
        raise _unusable(file, error) from error


def _read(file: Path) -> dict[str, dict[str, Any]]:
    """The last line of each chart; a line that was cut short is left out."""
    if not file.exists():
        return {}
    try:
        text = file.read_text(encoding="utf-8", errors="replace")
    except OSError as error:
        raise _unusable(file, error) from error
    found: dict[str, dict[str, Any]] = {}
    for line in text.splitlines():
        try:
            entry = json.loads(line)
        except ValueError:
            continue
        if isinstance(entry, dict) and {"path", "asked", "content", "charts", "diff", "changed"} <= entry.keys():
            found[str(entry["path"])] = entry
    return found


def _unusable(file: Path, error: OSError) -> ChartliftError:
    reason = (error.strerror or type(error).__name__).lower()
    return ChartliftError(f"the journal cannot be used: {reason}", file=str(file), help="Give another --journal FILE.")


def _hash_of_settings(settings: Settings, knowledge: Knowledge) -> str:
    """The tool, its knowledge, the user's mappings and all options; not where the journal is or how many jobs."""
    options = settings.options
    parts = [
        __version__,
        knowledge.catalog.revision,
        repr({name: _plain(getattr(options, name)) for name in options.__slots__}),
        repr((settings.verify, settings.in_place, str(settings.output), sorted(map(str, settings.stores)))),
        repr([(one.rule, str(one.expires), one.paths) for one in settings.config.accept]),
        *(_hash_of_files(directory) for directory in settings.mappings),
    ]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def _plain(value: object) -> object:
    """Sets have no order of their own."""
    return sorted(value) if isinstance(value, set | frozenset) else value


def _hash_of_files(path: Path) -> str:
    digest = hashlib.sha256()
    files = [path] if path.is_file() else _files(path)
    for file in files:
        try:
            data = file.read_bytes()
        except OSError:
            continue
        digest.update(f"{file.relative_to(path) if file != path else ''}\0{len(data)}\0".encode())
        digest.update(data)
    return digest.hexdigest()


def _files(root: Path) -> list[Path]:
    found = []
    for directory, below, names in os.walk(root, followlinks=False):
        below[:] = sorted(name for name in below if not skipped(name))
        found += [Path(directory, name) for name in sorted(names)]
    return found
