"""The one error a user sees, and the one that means a bug of ours.

A ``ChartliftError`` is bad input or a refusal: it is printed as one line with the place and
a help line, and ends the run with exit code 2 (``../docs/cli.md``, exit codes). A
``BrokenInvariant`` says that a promise of the tool does not hold; it ends with 70.
"""

from __future__ import annotations


class ChartliftError(Exception):
    """Input that cannot be used: what is wrong, where, and what to do about it."""

    def __init__(
        self,
        message: str,
        *,
        file: str | None = None,
        line: int | None = None,
        path: str | None = None,
        help: str | None = None,  # noqa: A002 - the word users read
    ) -> None:
        super().__init__(message)
        self.message = " ".join(message.split())
        self.file = file
        self.line = line
        self.path = path
        self.help = help

    def __str__(self) -> str:
        """One line: ``file:line: path: message`` with the parts that are known."""
        place = self.file or ""
        if self.file and self.line:
            place += f":{self.line}"
        return ": ".join(part for part in (place, self.path, self.message) if part)

    def __reduce__(self) -> tuple[object, ...]:
        """Survive the trip back from a worker process (keyword arguments do not by default)."""
        return (_rebuild, (type(self), self.message, self.file, self.line, self.path, self.help))


def _rebuild(
    kind: type[ChartliftError],
    message: str,
    file: str | None,
    line: int | None,
    path: str | None,
    help_line: str | None,
) -> ChartliftError:
    return kind(message, file=file, line=line, path=path, help=help_line)


class EditRefused(ChartliftError):
    """A text edit that cannot be made without touching bytes nobody planned to change."""


class Fault(ChartliftError):
    """A bug of ours that hit one input of many: the others go on, and the run ends with 70."""


class BrokenInvariant(AssertionError):
    """A promise of the tool does not hold for this input: our bug, never the user's."""
