"""Put a rewritten chart on the disk, whole or not at all.

A new tree is built beside its place and renamed; an edit in place keeps the old bytes until every
file is written and puts them back on any failure. The input and an earlier output are as they were
whatever happens: a full disk, a missing permission, Ctrl-C.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from chartlift.chart.archive import write_archive
from chartlift.chart.files import FileTree
from chartlift.errors import ChartliftError

Changes = Mapping[str, bytes | None]


def changed_tree(tree: FileTree, changes: Changes) -> FileTree:
    """The tree with the changes made; links become the files they led to."""
    files = {path: data for path, data in {**tree.files, **changes}.items() if data is not None}
    kept = frozenset(path for path in tree.executable if path in files)
    return FileTree(tree.label, dict(sorted(files.items())), kept, {}, tree.packed)


def write_tree(tree: FileTree, target: Path) -> None:
    """Write a whole tree at ``target``, replacing what an earlier run left there."""
    with _disk_errors(target):
        target.parent.mkdir(parents=True, exist_ok=True)
        with _sibling(target) as fresh:
            for path, data in tree.files.items():
                file = fresh / path
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_bytes(data)
                file.chmod(0o755 if path in tree.executable else 0o644)
            _swap(fresh, target)


def write_packed(tree: FileTree, target: Path, root: str) -> None:
    """Write a chart as a ``.tgz`` at ``target``; the same tree gives the same bytes."""
    replace_file(target, write_archive(tree, root))


def write_in_place(tree: FileTree, root: Path, changes: Changes) -> None:
    """Change the files of a chart where they are; all of them, or none.

    A file that was read through a link is written where it really is.
    """
    done: list[tuple[Path, bytes | None]] = []
    try:
        for path, data in sorted(changes.items()):
            file = root / tree.links.get(path, path)
            old = tree.files.get(path)
            _replace_or_remove(file, data)
            done.append((file, old))
    except BaseException:
        for file, old in reversed(done):
            with suppress(OSError):
                _replace_or_remove(file, old)
        raise
    _remove_empty_directories(root, changes)


def replace_file(file: Path, data: bytes) -> None:
    """Write one file by way of a temporary sibling, keeping the mode of what was there."""
    with _disk_errors(file):
        file.parent.mkdir(parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(prefix=f".{file.name}.", dir=file.parent)
        try:
            with os.fdopen(descriptor, "wb") as stream:
                stream.write(data)
                stream.flush()
                os.fsync(stream.fileno())
            mode = file.stat().st_mode & 0o777 if file.exists() else 0o644
            Path(name).chmod(mode)
            Path(name).replace(file)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise


def _replace_or_remove(file: Path, data: bytes | None) -> None:
    if data is None:
        with _disk_errors(file):
            file.unlink(missing_ok=True)
    else:
        replace_file(file, data)


def _remove_empty_directories(root: Path, changes: Changes) -> None:
    """Drop the directories that removed files leave empty: an empty ``charts/x`` is no chart to Helm."""
    for path in sorted((path for path, data in changes.items() if data is None), reverse=True):
        for parent in (root / path).parents:
            if parent == root:
                break
            with suppress(OSError):
                parent.rmdir()


@contextmanager
def _sibling(target: Path) -> Iterator[Path]:
    fresh = Path(tempfile.mkdtemp(prefix=f".{target.name}.", dir=target.parent))
    try:
        fresh.chmod(0o755)
        yield fresh
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def _swap(fresh: Path, target: Path) -> None:
    """Put ``fresh`` in the place of ``target``; an earlier output comes back if that fails."""
    if not target.exists():
        fresh.rename(target)
        return
    old = Path(tempfile.mkdtemp(prefix=f".{target.name}.old.", dir=target.parent)) / "tree"
    target.rename(old)
    try:
        fresh.rename(target)
    except BaseException:
        old.rename(target)
        raise
    finally:
        shutil.rmtree(old.parent, ignore_errors=True)


@contextmanager
def _disk_errors(target: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        reason = (error.strerror or type(error).__name__).lower()
        raise ChartliftError(
            f"cannot be written: {reason}",
            file=str(target),
            help="Nothing was changed. Check the permissions and the free space, then run again.",
        ) from error
