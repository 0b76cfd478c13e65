"""Typed reading of the catalog's YAML files, which are untrusted: a wrong type names file and path.

``${NAME}`` in a text is filled in from the file's own ``vars``, as the catalog's builder does; what hangs on
the platform (``#{ target.arch ... }``, ``${target.arch}``) has no one value and stays as it is written.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import NoReturn

from chartlift.errors import ChartliftError
from chartlift.records import Yaml
from chartlift.yamltext.load import decode, read_yaml

_MOST_BYTES = 1024 * 1024
"""Fifteen times the largest definition there is."""
_MOST_FILLED = 4096
_MOST_NESTED = 4
_VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
_UNPRINTABLE = re.compile(r"[^\S ]+|[\x00-\x1f\x7f-\x9f]+")
_HELP = "This is no definition of the catalog as we know it; check it out again, or report it."


@dataclass(frozen=True, slots=True)
class Facts:
    """One map of a catalog file; readers give None or nothing for what is not there."""

    data: Mapping[str, Yaml]
    file: str
    """Relative to the catalog, as errors name it."""
    path: str = "$"
    variables: Mapping[str, str] = field(default_factory=dict)

    def text(self, key: str) -> str | None:
        value = self.data.get(key)
        return None if value is None else self._text(value, f"{self.path}.{key}")

    def required(self, key: str) -> str:
        """A text that has to be there."""
        return self.text(key) or self.refuse(key, "is missing")

    def line(self, key: str) -> str:
        """A text for people, on one line and without control characters."""
        return " ".join(_UNPRINTABLE.sub(" ", self.text(key) or "").split())

    def texts(self, key: str) -> tuple[str, ...]:
        values = self._list(key)
        return tuple(self._text(value, f"{self.path}.{key}[{at}]") for at, value in enumerate(values))

    def number(self, key: str) -> int | None:
        """A whole number from 0 on, such as a user id."""
        value = self.data.get(key)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int | float) or value < 0 or value != int(value):
            self.refuse(key, "must be a whole number")
        return int(value)

    def day(self, key: str) -> str | None:
        """An ISO date."""
        value = self.text(key)
        try:
            return None if value is None else date.fromisoformat(value).isoformat()
        except ValueError:
            self.refuse(key, f"{value!r} is no date")

    def table(self, key: str) -> dict[str, str]:
        """A map of texts."""
        inside = self.inside(key)
        return {name: inside.text(name) or "" for name in inside.data}

    def inside(self, key: str) -> Facts:
        """The map under a key; an empty one where there is none."""
        return self._facts(self.data.get(key), f"{self.path}.{key}")

    def each(self, key: str) -> list[Facts]:
        """The maps of a list."""
        return [self._facts(value, f"{self.path}.{key}[{at}]") for at, value in enumerate(self._list(key))]

    def refuse(self, key: str, message: str) -> NoReturn:
        raise ChartliftError(message, file=self.file, path=f"{self.path}.{key}", help=_HELP)

    def _facts(self, value: Yaml, path: str) -> Facts:
        if value is not None and not isinstance(value, dict):
            raise ChartliftError("must be a map", file=self.file, path=path, help=_HELP)
        return Facts(value or {}, self.file, path, self.variables)

    def _list(self, key: str) -> list[Yaml]:
        value = self.data.get(key)
        if value is not None and not isinstance(value, list):
            self.refuse(key, "must be a list")
        return value or []

    def _text(self, value: Yaml, path: str) -> str:
        """A number with a point is refused: ``8.10`` without quotes has lost its zero already."""
        if isinstance(value, bool):
            return str(value).lower()
        if isinstance(value, int):
            return str(value)
        if not isinstance(value, str):
            raise ChartliftError("must be a text in quotes", file=self.file, path=path, help=_HELP)
        return fill(value, self.variables)


def read_facts(file: Path, root: Path) -> Facts:
    """The map that a file of the catalog under ``root`` holds, with its ``vars`` ready to be filled in.

    Errors (``ChartliftError``): a link, a file above 1 MiB, no UTF-8, no YAML, no map.
    """
    name = file.relative_to(root).as_posix()
    try:
        if file.is_symlink() or file.stat().st_size > _MOST_BYTES:
            raise ChartliftError("a link, or larger than 1 MiB", file=name, help=_HELP)
        data = read_yaml(decode(file.read_bytes(), file=name), file=name)
    except OSError as error:
        raise ChartliftError(f"cannot be read: {error.strerror}", file=name, help=_HELP) from None
    if not isinstance(data, dict):
        raise ChartliftError("must be a map", file=name, path="$", help=_HELP)
    bare = Facts(data, name)
    usable = {k: v for k, v in bare.table("vars").items() if "#{" not in v and len(v) <= _MOST_FILLED}
    return Facts(data, name, variables=usable)


def fill(text: str, variables: Mapping[str, str]) -> str:
    """Fill in ``${NAME}``; unknown names stay, and so does a text that would grow out of bounds."""
    for _ in range(_MOST_NESTED):
        if "${" not in text or len(text) > _MOST_FILLED:
            break
        filled = _VARIABLE.sub(lambda found: variables.get(found[1], found[0]), text)
        if filled == text:
            break
        text = filled
    return text
