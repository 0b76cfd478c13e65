"""``Chart.yaml``, ``requirements.yaml`` and the lock files: who a chart is and what it depends on.

Fields and rules are Helm's (https://helm.sh/docs/topics/charts/#the-chartyaml-file): apiVersion v1
keeps its dependencies in ``requirements.yaml``; Helm still reads that file beside a v2 ``Chart.yaml``
and lets it win. Scalars where Helm expects text become text as Helm writes them (``appVersion: 1.10``
is ``1.1``).
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from chartlift.chart.files import FileTree
from chartlift.chart.versions import parse_version
from chartlift.errors import ChartliftError
from chartlift.records import Yaml, YamlPath, format_path
from chartlift.yamltext.document import Document
from chartlift.yamltext.load import decode

if TYPE_CHECKING:
    from collections.abc import Iterator

CHART_FILE = "Chart.yaml"
REQUIREMENTS_FILE = "requirements.yaml"
_ALIAS = re.compile(r"[a-zA-Z0-9_-]+")
_NAME_HELP = "A chart's name is letters, digits, dots, dashes and underscores."


@dataclass(frozen=True, slots=True)
class Dependency:
    """One entry of ``dependencies``; ``index`` is its place in the list, for edits and messages."""

    name: str
    version: str = ""
    repository: str = ""
    alias: str = ""
    condition: str = ""
    tags: tuple[str, ...] = ()
    import_values: tuple[Yaml, ...] = ()
    index: int = 0

    @property
    def key(self) -> str:
        """The parent's values key, and the subchart's name once Helm has loaded it."""
        return self.alias or self.name


@dataclass(frozen=True, slots=True)
class LockedDependency:
    """What ``helm dependency update`` chose: one exact version."""

    name: str
    version: str
    repository: str


@dataclass(frozen=True, slots=True)
class ChartMetadata:
    """What a chart says of itself. ``file`` is where its dependencies are written."""

    name: str
    version: str
    app_version: str
    api_version: str
    type: str
    annotations: Mapping[str, str]
    dependencies: tuple[Dependency, ...]
    file: str
    home: str = ""
    sources: tuple[str, ...] = ()
    keywords: tuple[str, ...] = ()
    lists_dependencies: bool = False
    """There is a ``dependencies`` list, if only an empty one; without it Helm enables all of charts/."""

    @property
    def is_library(self) -> bool:
        return self.type == "library"


def read_metadata(tree: FileTree, prefix: str = "") -> ChartMetadata:
    """Read the metadata of the chart at ``prefix`` in ``tree``; ``ChartliftError`` names file, line, path."""
    chart = _Reader(tree, prefix + CHART_FILE)
    source, file = chart, CHART_FILE
    if prefix + REQUIREMENTS_FILE in tree:
        requirements = _Reader(tree, prefix + REQUIREMENTS_FILE)
        if isinstance(requirements.data.get("dependencies"), list):
            source, file = requirements, REQUIREMENTS_FILE
    listed = isinstance(source.data.get("dependencies"), list)
    return ChartMetadata(
        name=_chart_name(chart),
        version=_chart_version(chart),
        app_version=chart.text(("appVersion",)),
        api_version=_api_version(chart),
        type=_chart_type(chart),
        annotations=chart.texts_by_key("annotations"),
        dependencies=tuple(_dependencies(source)),
        file=file,
        home=chart.text(("home",)),
        sources=chart.text_list(("sources",)),
        keywords=chart.text_list(("keywords",)),
        lists_dependencies=listed,
    )


def read_lock(tree: FileTree, prefix: str, metadata: ChartMetadata) -> tuple[LockedDependency, ...]:
    """The lock that belongs to the file the dependencies are in; empty where there is none."""
    names = ["Chart.lock", "requirements.lock"]
    if metadata.file == REQUIREMENTS_FILE:
        names.reverse()
    for name in names:
        if prefix + name in tree:
            lock = _Reader(tree, prefix + name)
            return tuple(_locked(lock, index) for index in range(lock.count("dependencies")))
    return ()


class _Reader:
    """Typed access to one metadata file, with errors that say where."""

    def __init__(self, tree: FileTree, path: str) -> None:
        self.place = tree.place(path)
        if path not in tree:
            raise ChartliftError(
                f"not a chart: no {CHART_FILE}",
                file=self.place,
                help=f"Give a directory or archive with a {CHART_FILE} in it.",
            )
        text = decode(tree.files[path], file=self.place)
        self.document = Document.parse(text, file=self.place)
        data = self.document.data
        if data is not None and not isinstance(data, dict):
            raise self.error((), "must be a map", "See https://helm.sh/docs/topics/charts/.")
        self.data: Mapping[str, Yaml] = data or {}

    def error(self, path: YamlPath, message: str, help_line: str) -> ChartliftError:
        shown = format_path(path)
        dot = "." if shown and not shown.startswith("[") else ""
        return ChartliftError(message, file=self.place, line=self._line(path), path=f"${dot}{shown}", help=help_line)

    def _line(self, path: YamlPath) -> int | None:
        while path:
            line = self.document.line_of(path)
            if line is not None:
                return line
            path = path[:-1]
        return None

    def get(self, path: YamlPath) -> Yaml:
        found: Yaml = dict(self.data)
        for part in path:
            if isinstance(found, dict) and isinstance(part, str):
                found = found.get(part)
            elif isinstance(found, list) and isinstance(part, int):
                found = found[part]
            else:
                return None
        return found

    def count(self, key: str) -> int:
        found = self.get((key,))
        if found is None:
            return 0
        if not isinstance(found, list):
            raise self.error((key,), "must be a list", "Write each entry as a list item.")
        return len(found)

    def text(self, path: YamlPath) -> str:
        found = self.get(path)
        if isinstance(found, list | dict):
            raise self.error(path, "must be text", "Write a single value.")
        return scalar_text(found)

    def text_list(self, path: YamlPath) -> tuple[str, ...]:
        found = self.get(path)
        if found is None:
            return ()
        if not isinstance(found, list):
            raise self.error(path, "must be a list", "Write each entry as a list item.")
        return tuple(self.text((*path, index)) for index in range(len(found)))

    def texts_by_key(self, key: str) -> dict[str, str]:
        found = self.get((key,))
        if found is None:
            return {}
        if not isinstance(found, dict):
            raise self.error((key,), "must be a map", "Write `key: text` entries.")
        return {name: self.text((key, name)) for name in found}


def scalar_text(value: Yaml) -> str:
    """A scalar as the text Helm makes of it where its type wants a string; ``""`` for null."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return _float_text(value) if isinstance(value, float) else str(value)


def _float_text(value: float) -> str:
    """Go's shortest ``%g``: an exponent below 1e-4 and from 1e6 on."""
    if not math.isfinite(value):
        return {"inf": "+Inf", "-inf": "-Inf"}.get(repr(value), "NaN")
    if value == 0 or 1e-4 <= abs(value) < 1e6:
        return repr(value).removesuffix(".0")
    digits, _, exponent = f"{Decimal(repr(value)).normalize():e}".partition("e")
    return f"{digits}e{exponent[0]}{exponent[1:].zfill(2)}"


def _chart_name(chart: _Reader) -> str:
    name = chart.text(("name",))
    if not name:
        raise chart.error(("name",), "a chart must have a name", _NAME_HELP)
    _check_name(chart, ("name",), name)
    return name


def _chart_version(chart: _Reader) -> str:
    version = chart.text(("version",))
    if parse_version(version) is None:
        what = f"{version!r} is not a semantic version" if version else "a chart must have a version"
        raise chart.error(("version",), what, "Write a version such as 1.2.3.")
    return version


def _api_version(chart: _Reader) -> str:
    # Helm 2 charts could leave it out; Helm still reads those as v1.
    version = chart.text(("apiVersion",)) or "v1"
    if version not in {"v1", "v2"}:
        raise chart.error(("apiVersion",), f"{version!r} is not v1 or v2", "Use `apiVersion: v2`.")
    return version


def _chart_type(chart: _Reader) -> str:
    kind = chart.text(("type",)) or "application"
    if kind not in {"application", "library"}:
        raise chart.error(("type",), f"{kind!r} is not application or library", "Use one of the two.")
    return kind


def _dependencies(source: _Reader) -> Iterator[Dependency]:
    seen: dict[str, int] = {}
    for index in range(source.count("dependencies")):
        dependency = _dependency(source, index)
        if dependency.key in seen:
            raise source.error(
                ("dependencies", index),
                f"a second dependency with the name or alias {dependency.key!r}",
                "Give one of the two another `alias`.",
            )
        seen[dependency.key] = index
        yield dependency


def _dependency(source: _Reader, index: int) -> Dependency:
    at: YamlPath = ("dependencies", index)
    if not isinstance(source.get(at), dict):
        raise source.error(at, "must be a map", "Write name, version and repository.")
    name, alias = source.text((*at, "name")), source.text((*at, "alias"))
    if not name:
        raise source.error((*at, "name"), "a dependency must have a name", _NAME_HELP)
    _check_name(source, (*at, "name"), name)
    if alias and not _ALIAS.fullmatch(alias):
        raise source.error(
            (*at, "alias"), f"{alias!r} is not a valid alias", "Use letters, digits, dashes, underscores."
        )
    return Dependency(
        name=name,
        version=source.text((*at, "version")),
        repository=source.text((*at, "repository")),
        alias=alias,
        condition=source.text((*at, "condition")),
        tags=source.text_list((*at, "tags")),
        import_values=_import_values(source, (*at, "import-values")),
        index=index,
    )


def _import_values(source: _Reader, at: YamlPath) -> tuple[Yaml, ...]:
    found = source.get(at)
    if found is None:
        return ()
    if not isinstance(found, list):
        raise source.error(at, "must be a list", "Write names of exports, or child and parent maps.")
    return tuple(found)


def _locked(lock: _Reader, index: int) -> LockedDependency:
    at: YamlPath = ("dependencies", index)
    if not isinstance(lock.get(at), dict):
        raise lock.error(at, "must be a map", "Run `helm dependency update` to write the lock again.")
    return LockedDependency(lock.text((*at, "name")), lock.text((*at, "version")), lock.text((*at, "repository")))


def _check_name(source: _Reader, path: YamlPath, name: str) -> None:
    """A name becomes part of paths: nothing in it may lead elsewhere, or end a line."""
    if name in {".", ".."} or not all(char.isprintable() and char not in '/\\:"' for char in name):
        raise source.error(path, f"{name!r} is not a chart name", _NAME_HELP)
