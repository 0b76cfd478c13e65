"""A chart's files in memory: read once, within limits, never from outside the chart.

A chart is untrusted input, so nothing here follows a link out of the tree or reads a device. Links
that stay inside are read as Helm reads them (it walks through symbolic links:
https://helm.sh/docs/topics/charts/ and ``helm/internal/sympath``); where they led is kept, so that
a writer changes the real file and not the link.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from chartlift.errors import ChartliftError

MEBIBYTE = 1024 * 1024
VERSION_CONTROL = frozenset({".git", ".hg", ".svn"})
"""Directories that are about a chart and no part of it: neither read nor carried over."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What a chart may cost, in bytes and counts. Helm's own are 5 MiB a file, 100 MiB a chart."""

    file: int = 32 * MEBIBYTE
    total: int = 256 * MEBIBYTE
    yaml: int = 20 * MEBIBYTE
    files: int = 20_000
    depth: int = 32
    """Directories below the root, and subcharts within subcharts."""
    ratio: int = 200
    """Unpacked bytes per packed byte; enforced above ``ratio_floor``."""
    ratio_floor: int = 8 * MEBIBYTE


LIMITS = Limits()


@dataclass(frozen=True, slots=True)
class SourceFile:
    """One file: its path relative to the tree, posix, and its bytes."""

    path: str
    data: bytes


@dataclass(frozen=True, slots=True)
class FileTree:
    """Files by relative posix path, in sorted order. ``label`` is how messages call the tree."""

    label: str
    files: Mapping[str, bytes]
    executable: frozenset[str] = frozenset()
    links: Mapping[str, str] = field(default_factory=dict)
    """A path read through a symbolic link -> the path, in the same tree, of the real file."""
    packed: bool = False
    """Read from an archive: Helm applies ``.helmignore`` to directories only."""

    def __contains__(self, path: object) -> bool:
        return path in self.files

    def __iter__(self) -> Iterator[str]:
        return iter(self.files)

    def under(self, prefix: str) -> Iterator[SourceFile]:
        """The files whose path starts with ``prefix`` (give the slash), paths unchanged."""
        return (SourceFile(path, data) for path, data in self.files.items() if path.startswith(prefix))

    def place(self, path: str) -> str:
        """How a message names a file of this tree."""
        return path if self.label in {"", "."} else f"{self.label}/{path}"


class Budget:
    """What is left to read of a chart and everything packed in it."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.bytes = limits.total
        self.files = limits.files

    def spend(self, size: int, place: str) -> None:
        self.bytes -= size
        self.files -= 1
        if self.bytes < 0:
            raise ChartliftError(f"the chart is larger than {_size(self.limits.total)}", file=place, help=_SPLIT_HELP)
        if self.files < 0:
            raise ChartliftError(f"the chart has more than {self.limits.files} files", file=place, help=_SPLIT_HELP)


_SPLIT_HELP = "Give the chart's own directory, without caches, archives or data files beside it."
_LINK_HELP = "Replace the link by what it points to, or give the directory that holds both."


def read_tree(
    root: Path, limits: Limits = LIMITS, *, label: str | None = None, budget: Budget | None = None
) -> FileTree:
    """Read a directory. Errors (``ChartliftError``): a link that leaves it or goes round in circles,
    a device, pipe or socket, a file that cannot be read or is too large, a name that is not text."""
    walker = _Walker(root, str(root) if label is None else label, budget or Budget(limits))
    walker.walk(walker.root, "", (walker.root,))
    files = {path: walker.files[path] for path in sorted(walker.files)}
    return FileTree(walker.label, files, frozenset(walker.executable), dict(sorted(walker.links.items())))


def check_size(path: str, size: int, limits: Limits, place: str) -> None:
    """Refuse one file that is too large to be a chart's (YAML is parsed, so its limit is lower)."""
    is_yaml = path.endswith((".yaml", ".yml"))
    limit = min(limits.file, limits.yaml) if is_yaml else limits.file
    if size > limit:
        kind = "YAML file" if is_yaml else "file"
        raise ChartliftError(
            f"{kind} of {_size(size)} is larger than the limit of {_size(limit)}",
            file=place,
            help="Helm itself refuses chart files above 5 MiB; move the data out of the chart.",
        )


def check_name(path: str, place: str) -> None:
    """Refuse names that no report or archive can carry: not UTF-8, or with control characters."""
    printable = path.encode("utf-8", "backslashreplace").decode("utf-8")
    if printable != path or any(ord(char) < 32 or ord(char) == 127 for char in path):
        safe = "".join(char if char.isprintable() else ascii(char)[1:-1] for char in printable)
        raise ChartliftError(f"file name {safe!r} is not plain UTF-8 text", file=place, help="Rename the file.")


class _Walker:
    def __init__(self, root: Path, label: str, budget: Budget) -> None:
        self.label, self.budget, self.limits = label, budget, budget.limits
        self.root = Path(os.path.realpath(root))
        self.files: dict[str, bytes] = {}
        self.executable: set[str] = set()
        self.links: dict[str, str] = {}

    def walk(self, directory: Path, prefix: str, above: tuple[Path, ...]) -> None:
        """``above``: the real directories being walked, to notice a link to one of them."""
        if len(above) > self.limits.depth:
            raise self._error(prefix, f"directories are nested deeper than {self.limits.depth}", _SPLIT_HELP)
        try:
            names = sorted(os.listdir(directory))  # noqa: PTH208 - names as they are, also undecodable
        except OSError as error:
            raise self._unreadable(prefix or ".", error) from error
        for name in names:
            if name not in VERSION_CONTROL:
                self._visit(directory / name, prefix + name, above)

    def _visit(self, entry: Path, path: str, above: tuple[Path, ...]) -> None:
        check_name(path, self.label)
        try:
            real = self._resolve(entry, path)
            mode = real.lstat().st_mode
        except OSError as error:
            raise self._unreadable(path, error) from error
        if stat.S_ISDIR(mode):
            if real in above:
                raise self._error(path, "symbolic link leads back to a directory above it", _LINK_HELP)
            self.walk(real, path + "/", (*above, real))
        elif stat.S_ISREG(mode):
            self._read(real, path, mode)
        else:
            raise self._error(path, "not a regular file (a device, pipe or socket)", "Remove it.")

    def _resolve(self, entry: Path, path: str) -> Path:
        real = entry.parent / entry.name
        if entry.is_symlink():
            real = Path(os.path.realpath(entry, strict=True))
            if not real.is_relative_to(self.root):
                raise self._error(path, "symbolic link leaves the chart", _LINK_HELP)
            if any(part in VERSION_CONTROL for part in real.relative_to(self.root).parts):
                raise self._error(path, "symbolic link into version control data", _LINK_HELP)
        return real

    def _read(self, real: Path, path: str, mode: int) -> None:
        try:
            descriptor = os.open(real, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0))
            with os.fdopen(descriptor, "rb") as stream:
                size = os.fstat(descriptor).st_size
                check_size(path, size, self.limits, self._place(path))
                self.budget.spend(size, self.label)
                data = stream.read(size + 1)
        except OSError as error:
            raise self._unreadable(path, error) from error
        if len(data) > size:
            raise self._error(path, "changed while it was read", "Run again when nothing writes to it.")
        self.files[path] = data
        if mode & stat.S_IXUSR:
            self.executable.add(path)
        real_path = real.relative_to(self.root).as_posix()
        if real_path != path:
            self.links[path] = real_path

    def _place(self, path: str) -> str:
        return path if self.label in {"", "."} else f"{self.label}/{path}"

    def _error(self, path: str, message: str, help_line: str) -> ChartliftError:
        return ChartliftError(message, file=self._place(path.rstrip("/")), help=help_line)

    def _unreadable(self, path: str, error: OSError) -> ChartliftError:
        reason = (error.strerror or type(error).__name__).lower()
        return self._error(path, f"cannot be read: {reason}", "Make it readable, or remove it.")


def _size(count: int) -> str:
    return f"{count / MEBIBYTE:.1f} MiB" if count >= MEBIBYTE else f"{count} bytes"
