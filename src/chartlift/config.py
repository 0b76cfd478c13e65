"""`.chartlift.yaml`: what a repository says once, so that nobody has to say it on each command line.

Checked against ``mappings/schema/config.schema.json``; errors name file, line and path, as those of mappings do. The
command line always wins. What an entry of ``accept`` means is in ``accept.py``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

from chartlift.accept import Acceptance
from chartlift.errors import ChartliftError

CONFIG_FILE = ".chartlift.yaml"
_HELP = "docs/config.md describes the file; --no-config leaves it out."
_PARAMETERS = {"chart-store": "stores"}
"""Options whose parameter is called otherwise; for the rest the dashes become underscores."""
_PATHS = ("mappings", "chart-store")


@dataclass(frozen=True, slots=True)
class EnvironmentValues:
    """The values files of one environment, in Helm's order; files or globs from where the configuration lies."""

    environment: str
    files: tuple[str, ...]
    line: int | None = None


@dataclass(frozen=True, slots=True)
class Config:
    """One configuration; ``root`` is the folder that its paths and globs count from."""

    root: Path = field(default_factory=Path)
    options: Mapping[str, object] = field(default_factory=dict)
    """Defaults of the command line, by the names of its parameters."""
    accept: tuple[Acceptance, ...] = ()
    exclude: tuple[str, ...] = ()
    values: tuple[EnvironmentValues, ...] = ()

    @property
    def expires(self) -> bool:
        return any(one.expires is not None for one in self.accept)

    def on(self, day: date) -> tuple[Config, tuple[Acceptance, ...]]:
        """What holds on a day, and the acceptances that have expired."""
        gone = tuple(one for one in self.accept if one.expires is not None and one.expires < day)
        return replace(self, accept=tuple(one for one in self.accept if one not in gone)), gone


NO_CONFIG = Config()


def find_config(directory: Path = Path()) -> Config:
    """The configuration of a directory; nothing is asked for where it has none."""
    file = directory / CONFIG_FILE
    return read_config(file) if file.is_file() else NO_CONFIG


def read_config(file: Path) -> Config:
    """Read and check one file. Errors (``ChartliftError``): ``file:line: $.accept[0].expires: message``."""
    from chartlift.files import read_text
    from chartlift.mapping.load import check_schema
    from chartlift.yamltext.document import Document

    document = Document.parse(read_text(file), file=str(file))
    if document.count > 1:
        raise ChartliftError("several YAML documents, where one is read", file=str(file), help=_HELP)
    if repeated := document.repeated():
        message, line = f"the key {repeated[0]!r} stands twice here, and only the last one would count", repeated[1]
        raise ChartliftError(message, file=str(file), line=line, help="Join the two.")
    check_schema(document.data, "config.schema.json", document, str(file), _HELP)
    data: Any = document.data
    return Config(
        file.parent,
        _options(data.get("options", {}), file.parent),
        tuple(_acceptance(entry, index, document) for index, entry in enumerate(data.get("accept", []))),
        tuple(data.get("exclude", [])),
        tuple(_environment(name, files, document) for name, files in data.get("values", {}).items()),
    )


def _options(given: Mapping[str, Any], root: Path) -> dict[str, object]:
    """By parameter; paths count from the file, not from where the command runs."""
    found = {}
    for name, value in given.items():
        parameter = _PARAMETERS.get(name, name.replace("-", "_"))
        found[parameter] = [str(root / path) for path in value] if name in _PATHS else value
    return found


def _acceptance(entry: Mapping[str, Any], index: int, document: Any) -> Acceptance:
    line = document.line_of(("accept", index))
    expires = _day(entry["expires"], index, document) if "expires" in entry else None
    return Acceptance(entry["rule"], entry["reason"], expires, tuple(entry.get("paths", ())), document.file, line)


def _day(text: str, index: int, document: Any) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        line = document.line_of(("accept", index, "expires"))
        path, message = f"$.accept[{index}].expires", f"{text!r} is no day of the calendar"
        raise ChartliftError(message, file=document.file, line=line, path=path, help=_HELP) from None


def _environment(name: str, files: list[str], document: Any) -> EnvironmentValues:
    return EnvironmentValues(name, tuple(files), document.line_of(("values", name)))
