"""Reading the files that a command line names."""

from __future__ import annotations

from pathlib import Path

from chartlift.errors import ChartliftError

_MOST = 256 * 1024 * 1024


def read_text(path: Path) -> str:
    """The text of a file; one clear error where it cannot be read."""
    try:
        with path.open("rb") as stream:
            data = stream.read(_MOST + 1)
    except OSError as error:
        reason = (error.strerror or type(error).__name__).lower()
        raise ChartliftError(f"cannot be read: {reason}", file=str(path), help="Check the path.") from None
    if len(data) > _MOST:
        raise ChartliftError("larger than 256 MiB", file=str(path), help="Give the file that chartlift wrote.")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise ChartliftError("not UTF-8 text", file=str(path), help="Save it as UTF-8.") from None
