"""``scan --baseline``: the gate that fails on new references to the source vendor."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from chartlift.errors import ChartliftError

if TYPE_CHECKING:
    from chartlift.baseline import Compared, Known, Reference
    from chartlift.records import Result

F = TypeVar("F", bound=Callable[..., Any])
BASELINE_OPTIONS: list[Callable[[F], F]] = [
    click.option("--baseline", type=click.Path(path_type=Path), metavar="FILE",
                 help="Tell only references to the source vendor that this file does not hold; with --check exit 1 for "
                 "those alone."),
    click.option("--write-baseline", is_flag=True, help="Write --baseline: what is there now is known from then on."),
]  # fmt: skip


def baseline_options(command: F) -> F:
    """The options of the gate."""
    for option in reversed(BASELINE_OPTIONS):
        command = option(command)
    return command


def check_baseline_options(given: dict[str, Any]) -> None:
    """Refuse what cannot be meant before any work is done; a baseline that cannot be read too."""
    if given["write_baseline"] and given["baseline"] is None:
        raise ChartliftError("--write-baseline does not say where", help="Add --baseline FILE.")
    if given["write_baseline"] and given["check"]:
        raise ChartliftError("--check and --write-baseline exclude each other", help="Write first, then check.")
    if given["baseline"] is not None and not given["write_baseline"]:
        from chartlift.baseline import read_baseline

        read_baseline(given["baseline"])


def pass_gate(result: Result, paths: Sequence[Path], given: dict[str, Any]) -> int:
    """Compare with the baseline, or write it; the exit code."""
    from chartlift.baseline import compare, read_baseline

    file: Path = given["baseline"]
    found = [one for one in _found(result, file.parent, given) if one.known.file != file.name]
    if given["write_baseline"]:
        return _write(file, found, paths, given)
    compared = compare(found, read_baseline(file), lambda path: _is_below(file.parent / path, paths))
    if not given["quiet"]:
        _tell(compared, file, err=given["as_json"])
    return 1 if given["check"] and compared.new else 0


def _found(result: Result, root: Path, given: dict[str, Any]) -> list[Reference]:
    from chartlift.baseline import find_references
    from chartlift.images.reference import parse_reference
    from chartlift.images.vendors import load_vendors

    vendors = load_vendors(given["mappings"])

    def is_vendors(text: str) -> bool:
        reference = parse_reference(text)
        known = vendors.vendor_image(reference, given["source_prefixes"]) if reference is not None else None
        return known is not None and known[0] == vendors.mirrored

    return find_references(result.charts, root, vendors.mirrored, is_vendors)


def _write(file: Path, found: Sequence[Reference], paths: Sequence[Path], given: dict[str, Any]) -> int:
    """What lies outside the given paths was not looked at, and stays as it was known."""
    from chartlift.baseline import read_baseline, render_baseline
    from chartlift.rewrite.output import replace_file

    known: dict[Known, int] = read_baseline(file) if file.exists() else {}
    kept = {key: count for key, count in known.items() if not _is_below(file.parent / key.file, paths)}
    replace_file(file, render_baseline(found, kept).encode("utf-8"))
    if not given["quiet"]:
        click.echo(f"{file}: {_many(len(found) + sum(kept.values()), 'reference')} known", err=True)
    return 0


def _is_below(file: Path, paths: Sequence[Path]) -> bool:
    from chartlift.accept import path_below

    return any(path_below(path, str(file)) is not None for path in paths)


def _tell(compared: Compared, file: Path, *, err: bool) -> None:
    for one in compared.new:
        click.echo(str(one), err=err)
    gone = sum(count for _, count in compared.stale)
    click.echo(f"{_many(len(compared.new), 'new reference')}, {compared.known} known", err=err)
    for key, count in compared.stale:
        again = f" ({count} times)" if count > 1 else ""
        click.echo(f"gone: {key.file}: {key.kind} {key.name}{again}", err=err)
    if gone:
        help_line = f"run again with --write-baseline to take {'it' if gone == 1 else 'them'} out of {file}"
        click.echo(f"{_many(gone, 'known reference')} gone: {help_line}", err=err)


def _many(count: int, noun: str) -> str:
    return f"{count} {noun}" + ("" if count == 1 else "s")
