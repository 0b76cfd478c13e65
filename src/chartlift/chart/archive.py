"""Packed charts (``.tgz``): read with every check that an untrusted archive needs, written reproducibly.

The layout is Helm's (https://helm.sh/docs/topics/charts/#the-chart-archive): one directory, named as
the chart, with ``Chart.yaml`` in it. Helm strips the first path part without looking at it; here
several roots are refused, since a second run could not tell them apart.
"""

from __future__ import annotations

import gzip
import io
import re
import tarfile
import zlib
from collections.abc import Iterator
from pathlib import Path

from chartlift.chart.files import LIMITS, Budget, FileTree, Limits, check_name, check_size
from chartlift.errors import ChartliftError

SUFFIXES = (".tgz", ".tar.gz")
_GZIP_MAGIC = b"\x1f\x8b"
_DRIVE = re.compile(r"[A-Za-z]:")
_PACK_HELP = "Pack the chart again with `helm package`."
_PEEK = 64 * 1024


def read_archive(source: Path | bytes, name: str, limits: Limits = LIMITS, *, budget: Budget | None = None) -> FileTree:
    """Read a packed chart into a tree rooted at the chart (without the archive's one directory).

    ``name`` is how messages call it. Errors (``ChartliftError``): not gzip, truncated, a path that
    leaves the chart, links, devices, duplicates, several roots, no Chart.yaml, larger than the limits.
    """
    budget = budget or Budget(limits)
    raw = _unpack(_packed_bytes(source, name, budget.limits), name, budget)
    files: dict[str, bytes] = {}
    executable: set[str] = set()
    roots: set[str] = set()
    for member, data in _members(raw, name, budget.limits):
        root, path = _split(member.name, name)
        roots.add(root)
        if len(roots) > 1:
            raise _refusal(name, f"several top-level directories: {', '.join(sorted(roots))}")
        if data is None:
            continue
        _check_file(path, data, files, name, budget)
        files[path] = data
        if member.mode & 0o100:
            executable.add(path)
    _check_is_chart(files, name)
    return FileTree(name, {path: files[path] for path in sorted(files)}, frozenset(executable), packed=True)


def write_archive(tree: FileTree, root: str) -> bytes:
    """Pack a tree under the directory ``root``: the same tree always gives the same bytes."""
    packed = io.BytesIO()
    with (
        gzip.GzipFile(filename="", mode="wb", fileobj=packed, mtime=0, compresslevel=9) as stream,
        tarfile.open(fileobj=stream, mode="w", format=tarfile.PAX_FORMAT) as archive,
    ):
        for path in _chart_first(tree):
            member = tarfile.TarInfo(f"{root}/{path}")
            member.size = len(tree.files[path])
            member.mode = 0o755 if path in tree.executable else 0o644
            archive.addfile(member, io.BytesIO(tree.files[path]))
    return packed.getvalue()


def looks_like_chart(path: Path) -> bool:
    """Whether the first files of a ``.tgz`` include ``<root>/Chart.yaml``; reads 64 KiB at most."""
    try:
        with path.open("rb") as stream:
            start = zlib.decompressobj(wbits=31).decompress(stream.read(_PEEK), _PEEK)
    except (OSError, zlib.error):
        return False
    names = (start[at : at + 100].split(b"\0")[0] for at in range(0, len(start) - 511, 512))
    return any(re.fullmatch(rb"[\w.+-]+/Chart\.yaml", entry) for entry in names)


def _packed_bytes(source: Path | bytes, name: str, limits: Limits) -> bytes:
    if isinstance(source, bytes):
        return source
    try:
        with source.open("rb") as stream:
            data = stream.read(limits.total + 1)
    except OSError as error:
        reason = (error.strerror or type(error).__name__).lower()
        raise ChartliftError(f"cannot be read: {reason}", file=name, help="Make it readable.") from error
    if len(data) > limits.total:
        raise _refusal(name, "larger than a chart may be")
    return data


def _unpack(packed: bytes, name: str, budget: Budget) -> bytes:
    """Decompress all gzip members, never producing more than the limits allow."""
    if not packed.startswith(_GZIP_MAGIC):
        raise _refusal(name, "not a gzip archive")
    most = min(budget.bytes, max(budget.limits.ratio_floor, len(packed) * budget.limits.ratio))
    out, rest = bytearray(), packed
    while rest.strip(b"\0"):
        stream = zlib.decompressobj(wbits=31)
        try:
            out += stream.decompress(rest, most - len(out) + 1)
        except zlib.error as error:
            raise _refusal(name, "the gzip data is damaged") from error
        if len(out) > most:
            raise _refusal(name, f"unpacks to more than {most} bytes: refused as a decompression bomb")
        if not stream.eof:
            raise _refusal(name, "the archive is truncated")
        rest = stream.unused_data
    return bytes(out)


def _members(raw: bytes, name: str, limits: Limits) -> Iterator[tuple[tarfile.TarInfo, bytes | None]]:
    """Every entry with its bytes (``None`` for a directory), after the checks on its kind."""
    last = -1
    try:
        with tarfile.open(fileobj=io.BytesIO(raw), mode="r:") as archive:
            for _ in range(limits.files + 1):
                member = archive.next()
                if member is None:
                    # tarfile takes a damaged header after the first one for the end of the archive.
                    if raw[archive.offset : archive.offset + 512].strip(b"\0"):
                        raise _refusal(name, "the tar headers are damaged, or the archive is truncated")
                    return
                # A negative size would make tarfile seek back and read the same entries for ever.
                if member.size < 0 or member.offset <= last:
                    raise _refusal(name, "the tar headers are damaged")
                last = member.offset
                yield member, _content(archive, member, name, limits)
    except (tarfile.TarError, EOFError, OverflowError, ValueError, UnicodeError) as error:
        raise _refusal(name, "the archive is truncated or not a tar file") from error
    raise _refusal(name, f"more than {limits.files} entries")


def _content(archive: tarfile.TarFile, member: tarfile.TarInfo, name: str, limits: Limits) -> bytes | None:
    shown = ascii(member.name)[1:-1]
    if member.isdir():
        return None
    if member.issym() or member.islnk():
        raise _refusal(name, f"{shown} is a link", "Replace the link by the file it points to.")
    if not member.isfile() or member.issparse():
        raise _refusal(name, f"{shown} is not a regular file (a device, pipe or sparse file)")
    check_size(shown, member.size, limits, f"{name}/{shown}")
    stream = archive.extractfile(member)
    data = b"" if stream is None else stream.read(member.size)
    if len(data) != member.size:
        raise _refusal(name, "the archive is truncated")
    return data


def _split(entry: str, name: str) -> tuple[str, str]:
    """Root directory and path below it; a Windows archive may use backslashes."""
    check_name(entry, name)
    shown = ascii(entry)[1:-1]
    path = entry.replace("\\", "/")
    if path.startswith("/") or _DRIVE.match(path):
        raise _refusal(name, f"{shown} is an absolute path")
    root, _, below = path.partition("/")
    parts = [part for part in below.split("/") if part not in {"", "."}]
    if ".." in (root, *parts):
        raise _refusal(name, f"{shown} leaves the chart's directory")
    if parts and _DRIVE.match(parts[0]):
        raise _refusal(name, f"{shown} is an absolute path")
    return root, "/".join(parts)


def _check_file(path: str, data: bytes, files: dict[str, bytes], name: str, budget: Budget) -> None:
    if not path:
        raise _refusal(name, "a file lies outside the chart's directory")
    if path in files:
        raise _refusal(name, f"{path} is there twice")
    budget.spend(len(data), name)


def _check_is_chart(files: dict[str, bytes], name: str) -> None:
    if "Chart.yaml" not in files:
        raise _refusal(name, "no Chart.yaml in the archive's top-level directory: not a chart")
    for path in files:
        parts = path.split("/")
        if any("/".join(parts[:depth]) in files for depth in range(1, len(parts))):
            raise _refusal(name, f"{path} lies below a file")


def _chart_first(tree: FileTree) -> list[str]:
    """Chart.yaml leads, as in Helm's own packages, so that readers can stop early."""
    return sorted(tree.files, key=lambda path: (path != "Chart.yaml", path))


def _refusal(name: str, message: str, help_line: str = _PACK_HELP) -> ChartliftError:
    return ChartliftError(message, file=name, help=help_line)
