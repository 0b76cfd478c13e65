"""Which commit a checkout of the catalog is at, asked of git."""

from __future__ import annotations

import os
import re
import subprocess
from datetime import datetime
from pathlib import Path

from chartlift.errors import ChartliftError

_HELP = "Say which one it is: --revision COMMIT --date 2026-08-22T23:05:09+00:00."
_COMMIT = re.compile(r"[0-9a-f]{7,64}")
_SECONDS = 60


def stamp(checkout: Path, revision: str | None, date: str | None) -> tuple[str, str]:
    """Commit and ISO committer date: as given, both or neither, else as git says.

    Errors (``ChartliftError``): ``checkout`` is no git checkout itself, git fails, or what is given is
    no commit and ISO date.
    """
    if (revision is None) != (date is None):
        raise ChartliftError("a revision and its date belong together", file=str(checkout), help=_HELP)
    if revision is None or date is None:
        revision, date = _ask_git(checkout)
    if not _COMMIT.fullmatch(revision):
        raise ChartliftError(f"{revision!r} is no commit", file=str(checkout), help=_HELP)
    try:
        datetime.fromisoformat(date)
    except ValueError:
        raise ChartliftError(f"{date!r} is no ISO date", file=str(checkout), help=_HELP) from None
    return revision, date


def _ask_git(checkout: Path) -> tuple[str, str]:
    # Without a .git of its own, git would answer for a repository that the folder happens to lie in.
    if not (checkout / ".git").exists():
        raise ChartliftError("is no git checkout", file=str(checkout), help=_HELP)
    # A repository's own configuration must not make git start a program to check signatures.
    command = ["git", "-c", "log.showSignature=false", "-C", str(checkout), "log", "-1", "--format=%H%n%cI"]
    around = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=_SECONDS, check=False, env=around, stdin=subprocess.DEVNULL
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise ChartliftError(f"git does not answer: {error}", file=str(checkout), help=_HELP) from None
    lines = done.stdout.split("\n")
    if done.returncode or len(lines) < 2:
        why = (done.stderr.strip().splitlines() or ["no commit"])[0]
        raise ChartliftError(f"git knows no revision of it: {why}", file=str(checkout), help=_HELP)
    return lines[0], lines[1]
