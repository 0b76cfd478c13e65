"""Values surfaces: which values a chart version knows, and their defaults, shipped as data.

A surface is built from ``values.yaml`` (leaves and defaults), ``values.schema.json`` (paths that the
defaults leave out) and the ``@param`` comments of Bitnami's readme generator. Below an empty map, a null
or a list anything may stand.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

from chartlift.chart.versions import parse_version
from chartlift.errors import ChartliftError
from chartlift.mapping.locate import mappings_root
from chartlift.mapping.model import Mapping as MappingFile
from chartlift.records import Yaml, YamlPath, format_path
from chartlift.yamltext.paths import get_in, leaves, parse_path, set_in

_PARAM = re.compile(r"^\s*##\s*@(?:param|extra)\s+([^\s\[]+)\s", re.MULTILINE)
_COMMENTED = re.compile(r"^(?P<indent> *)#+ ?(?P<key>[A-Za-z][A-Za-z0-9_-]*):(?: |$)")
_KEY = re.compile(r"^(?P<indent> *)(?P<key>[A-Za-z0-9_.\"/-]+):")


@dataclass(frozen=True)
class Surface:
    """Known values of one chart version. ``defaults`` by leaf path; ``extra``: known, without a default."""

    id: str
    defaults: Mapping[YamlPath, Yaml]
    extra: frozenset[YamlPath] = frozenset()
    open: frozenset[YamlPath] = frozenset()
    """Paths below which the schema allows any key."""

    @cached_property
    def _inner(self) -> frozenset[YamlPath]:
        return frozenset(
            path[:end] for path in (*self.defaults, *self.extra, *self.open) for end in range(1, len(path))
        )

    def has(self, path: YamlPath) -> bool:
        """Is the path a value of the chart, a map of values, or below something open?"""
        if path in self.defaults or path in self.extra or path in self._inner or path in self.open:
            return True
        return any(self._is_open(path[:end]) for end in range(1, len(path)))

    def _is_open(self, path: YamlPath) -> bool:
        if path in self.open or (path in self.extra and path not in self._inner):
            return True
        return path in self.defaults and self.defaults[path] in ({}, None, [])

    @cached_property
    def data(self) -> dict[str, Yaml]:
        """The default values as Helm would see them."""
        table: Yaml = {}
        for path, value in self.defaults.items():
            table = _put(table, path, value)
        return table if isinstance(table, dict) else {}

    def values(self) -> dict[str, Yaml]:
        return self.data

    def default(self, path: YamlPath) -> Yaml:
        found: Yaml = get_in(self.data, path, None)
        return found


def _put(table: Any, path: YamlPath, value: Yaml) -> Any:
    """Like ``set_in`` but in place: a surface has hundreds of leaves."""
    node = table
    for step in path[:-1]:
        node = node.setdefault(step, {})
        if not isinstance(node, dict):
            return set_in(table, path, value)
    node[path[-1]] = value
    return table


def build_surface(values: str, schema: bytes | None, surface_id: str) -> Surface:
    """The surface of a chart from the text of its values and its schema."""
    from chartlift.yamltext.load import read_yaml

    data = read_yaml(values, file=f"{surface_id}/values.yaml")
    defaults = dict(leaves(data)) if isinstance(data, dict) else {}
    extra, opened = _schema_paths(json.loads(schema)) if schema else (set(), set())
    extra |= {path for name in _PARAM.findall(values) if (path := _param(name))}
    extra |= set(_commented(values))
    inner = {path[:end] for path in defaults for end in range(1, len(path))}
    return Surface(surface_id, defaults, frozenset(extra - defaults.keys() - inner), frozenset(opened))


def _param(name: str) -> YamlPath | None:
    try:
        return tuple(step for step in parse_path(name) if isinstance(step, str))
    except ChartliftError:
        return None


def _commented(values: str) -> Iterator[YamlPath]:
    """Keys that stand commented out where they would be set: ``  # subPath: ""``."""
    stack: list[tuple[int, str]] = []
    for line in values.splitlines():
        if match := _COMMENTED.match(line):
            indent = len(match["indent"])
            above = tuple(key for column, key in stack if column < indent)
            if not stack or indent == 0 or above:
                yield (*above, match["key"])
        elif match := _KEY.match(line):
            indent = len(match["indent"])
            stack = [entry for entry in stack if entry[0] < indent] + [(indent, match["key"].strip('"'))]


def _schema_paths(schema: Mapping[str, Any]) -> tuple[set[YamlPath], set[YamlPath]]:
    known: set[YamlPath] = set()
    opened: set[YamlPath] = set()
    _walk_schema(schema, schema, (), known, opened, 0)
    return known, opened


def _walk_schema(
    node: Any, root: Mapping[str, Any], path: YamlPath, known: set[YamlPath], opened: set[YamlPath], depth: int
) -> None:
    if not isinstance(node, dict) or depth > 30:
        return
    reference = node.get("$ref")
    if isinstance(reference, str) and reference.startswith("#/"):
        _walk_schema(get_in(root, tuple(reference[2:].split("/"))), root, path, known, opened, depth + 1)
        return
    for combined in ("allOf", "anyOf", "oneOf"):
        for option in node.get(combined) or ():
            _walk_schema(option, root, path, known, opened, depth + 1)
    properties = node.get("properties")
    for name, child in (properties or {}).items():
        known.add((*path, name))
        _walk_schema(child, root, (*path, name), known, opened, depth + 1)
    is_object = node.get("type") == "object" or "object" in (node.get("type") or ())
    if path and (isinstance(node.get("additionalProperties"), dict) or (is_object and not properties)):
        opened.add(path)


def write_surface(surface: Surface) -> str:
    """JSON with one path a line."""
    lines = [
        f"{json.dumps(format_path(path), ensure_ascii=False)}: {json.dumps(value, ensure_ascii=False)}"
        for path, value in surface.defaults.items()
    ]
    parts = [f'"id": {json.dumps(surface.id)}', '"defaults": {\n' + ",\n".join(lines) + "\n}"]
    for name, paths in (("extra", surface.extra), ("open", surface.open)):
        parts.append(f'"{name}": [\n' + ",\n".join(json.dumps(format_path(p)) for p in sorted(paths)) + "\n]")
    return "{\n" + ",\n".join(parts) + "\n}\n"


def source_surface(mapping: MappingFile, version: str) -> Surface:
    """The values of the source chart at that version, or at the nearest one that ships."""
    return nearest_surface(mapping.source.vendor, mapping.source.chart, version, _beside(mapping))


def exact_surface(mapping: MappingFile, version: str) -> Surface:
    """The values of the source chart at exactly that version."""
    return load_surface(f"{mapping.source.vendor}/{mapping.source.chart}/{version}", _beside(mapping))


def target_surface(mapping: MappingFile) -> Surface:
    """The values of the chart that takes over. The mapping must name one."""
    if mapping.target is None:
        raise ChartliftError("this mapping names no target chart", file=mapping.file)
    return load_surface(mapping.target.surface, _beside(mapping))


def _beside(mapping: MappingFile) -> tuple[Path, ...]:
    """A user's mapping has its surfaces beside it; the packaged ones serve too."""
    return (Path(mapping.file).parent / "surfaces",)


@lru_cache(maxsize=64)
def load_surface(surface_id: str, folders: tuple[Path, ...] = ()) -> Surface:
    """A surface by ``vendor/chart/version``, from one of the folders or from those that ship."""
    for folder in (*folders, mappings_root() / "surfaces"):
        file = folder / f"{surface_id}.json"
        if file.is_file():
            return _read(file)
    raise ChartliftError(
        f"there is no values surface {surface_id}",
        help="Build it with `chartlift mappings surface CHART --vendor NAME -o DIR`.",
    )


def _read(file: Path) -> Surface:
    try:
        data = json.loads(file.read_text("utf-8"))
        return Surface(
            data["id"],
            {parse_path(path): value for path, value in data["defaults"].items()},
            frozenset(map(parse_path, data["extra"])),
            frozenset(map(parse_path, data["open"])),
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        raise ChartliftError(
            "not a values surface", file=str(file), help="Build it anew with `chartlift mappings surface`."
        ) from None


def nearest_surface(vendor: str, chart: str, version: str, folders: tuple[Path, ...] = ()) -> Surface:
    """The surface of the version, else of the nearest one: same major first, newer before older."""
    homes = [folder / vendor / chart for folder in (*folders, mappings_root() / "surfaces")]
    versions = sorted({file.stem for home in homes if home.is_dir() for file in home.glob("*.json")})
    if not versions:
        raise ChartliftError(f"no values surface ships for {vendor}/{chart}", help="Build one from the chart.")
    best = min(versions, key=lambda candidate: _distance(candidate, version))
    return load_surface(f"{vendor}/{chart}/{best}", folders)


def _distance(candidate: str, wanted: str) -> tuple[int, int, int, int]:
    have, want = parse_version(candidate), parse_version(wanted)
    if have is None or want is None:
        return 9999, 0, 0, 0
    steps = [abs(a - b) for a, b in zip(have.release, want.release, strict=True)]
    return steps[0], steps[1], steps[2], int(have.release < want.release)


def surface_file(root: Path, surface_id: str) -> Path:
    return root / "surfaces" / f"{surface_id}.json"
