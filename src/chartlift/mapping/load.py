"""Find mapping files by walking folders, check them against the schema, and hand out records.

Which file is for which chart is read off its first lines, so that a run parses and validates only the
files it needs. A user's folder overlays the built-in one by id.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from chartlift.errors import ChartliftError
from chartlift.mapping.build import build_functions, build_mapping
from chartlift.mapping.locate import mappings_root
from chartlift.mapping.model import Function, Mapping

FUNCTIONS = "functions.yaml"
_SHARED = frozenset({"images.yaml", "programs.yaml", "vendors.yaml", FUNCTIONS})
_CHART = re.compile(r"^source:\s*(?:#.*)?\n(?:[ \t#].*\n|\n)*?[ \t]+chart:\s*[\"']?([^\s\"'#]+)", re.MULTILINE)
_INLINE = re.compile(r"^source:\s*\{.*?chart:\s*[\"']?([^\s\"',}]+)", re.MULTILINE)
_HELP = "docs/mappings.md describes the format; `chartlift mappings lint` checks a file."


class Mappings:
    """The mapping files that are there, by id; parsed when asked for."""

    def __init__(self, files: dict[str, tuple[Path, bool]]) -> None:
        self._files = files
        self._parsed: dict[str, Mapping] = {}
        self._charts: dict[str, str] | None = None

    def ids(self) -> list[str]:
        return sorted(self._files)

    def get(self, mapping_id: str) -> Mapping | None:
        """One mapping; None where there is none of that id. Errors name file, line and path."""
        if mapping_id not in self._files:
            return None
        if mapping_id not in self._parsed:
            file, builtin = self._files[mapping_id]
            self._parsed[mapping_id] = read_mapping(file, builtin=builtin)
        return self._parsed[mapping_id]

    def find(self, chart: str, vendor: str) -> list[Mapping]:
        """The mappings for a vendor's chart, whatever versions they cover."""
        return [mapping for mapping in self.of_chart(chart) if mapping.source.vendor == vendor]

    def target_vendors(self, chart: str | None = None) -> list[str]:
        """Whose charts the mappings lead to: those of one source chart, or all."""
        every = self.of_chart(chart) if chart is not None else [self.get(mapping_id) for mapping_id in self.ids()]
        return sorted({found.target.vendor for found in every if found is not None and found.target is not None})

    def of_chart(self, chart: str) -> list[Mapping]:
        """The mappings for a chart of that name, whoever publishes it."""
        if self._charts is None:
            self._charts = {mapping_id: _chart_of(file) for mapping_id, (file, _) in self._files.items()}
        found = [self.get(mapping_id) for mapping_id in self.ids() if self._charts[mapping_id] == chart]
        return [mapping for mapping in found if mapping is not None]


def load_mappings(extra: Sequence[Path] = ()) -> Mappings:
    """The built-in mappings, overlaid by those in the given folders (later ones win)."""
    files: dict[str, tuple[Path, bool]] = {}
    for folder, builtin in [(mappings_root(), True), *((path, False) for path in extra)]:
        if not folder.is_dir():
            raise ChartliftError("no such folder of mappings", file=str(folder), help="Give a directory to --mappings.")
        for file in sorted(folder.glob("*.yaml")):
            if file.name not in _SHARED:
                files[file.stem] = file, builtin
    return Mappings(files)


def _chart_of(file: Path) -> str:
    text = _text(file)
    match = _CHART.search(text) or _INLINE.search(text)
    return match[1] if match else file.stem


def _text(file: Path) -> str:
    from chartlift.yamltext.load import decode

    try:
        return decode(file.read_bytes(), file=str(file))
    except OSError as error:
        reason = (error.strerror or type(error).__name__).lower()
        raise ChartliftError(f"cannot be read: {reason}", file=str(file), help="Check the permissions.") from None


def read_mapping(file: Path, *, builtin: bool = False) -> Mapping:
    """Read and validate one file; ``ChartliftError`` as ``file:line: $.values[3].to: message``."""
    from chartlift.yamltext.document import Document

    document = Document.parse(_text(file), file=str(file))
    if repeated := document.repeated():
        message, line = f"the key {repeated[0]!r} stands twice here, and only the last one would count", repeated[1]
        raise ChartliftError(message, file=str(file), line=line, help="Join the two.")
    check_schema(document.data, "mapping.schema.json", document, str(file))
    data: Any = document.data
    if data["id"] != file.stem:
        raise ChartliftError(
            f"the id is {data['id']!r} but the file is called {file.name!r}",
            file=str(file), line=document.line_of(("id",)), path="$.id", help="Give both the same name.",
        )  # fmt: skip
    shared = {**_functions(mappings_root() / FUNCTIONS), **_functions(file.parent / FUNCTIONS)}
    return build_mapping(data, file=str(file), builtin=builtin, functions=shared)


@lru_cache(maxsize=8)
def _functions(file: Path) -> dict[str, Function]:
    """The functions that the mappings of a folder share; none without such a file."""
    from chartlift.yamltext.document import Document

    if not file.is_file():
        return {}
    document = Document.parse(_text(file), file=str(file))
    check_schema(document.data, "functions.schema.json", document, str(file))
    data: Any = document.data
    return build_functions(data["functions"])


def check_schema(data: object, schema: str, document: Any, file: str, help_line: str = _HELP) -> None:
    """Raise the best match of what a schema of ``mappings/schema`` says against the data."""
    from jsonschema.exceptions import best_match

    error = best_match(_validator(schema).iter_errors(data))
    if error is None:
        return
    path = tuple(error.absolute_path)
    line = None
    for end in range(len(path), 0, -1):
        line = document.line_of(path[:end])
        if line is not None:
            break
    raise ChartliftError(_words(error), file=file, line=line, path=error.json_path, help=help_line)


def _words(error: Any) -> str:
    """What the schema misses, in the words of its titles where it has some."""
    title = error.schema.get("title") if isinstance(error.schema, dict) else None
    if error.validator == "pattern" and title:
        return f"{error.instance!r} is not {title}"
    if error.validator in ("oneOf", "not") and title:
        return f"this is not {title}"
    message: str = error.message
    return message if len(message) <= 300 else message[:297] + "..."


@lru_cache(maxsize=8)
def _validator(schema: str) -> Any:
    from jsonschema import Draft202012Validator

    return Draft202012Validator(json.loads((mappings_root() / "schema" / schema).read_text("utf-8")))
