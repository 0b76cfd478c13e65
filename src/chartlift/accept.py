"""Rules that a repository accepts for a reason, for a time and in some places only (`.chartlift.yaml`).

An acceptance without ``paths`` is what ``--accept`` is. One whose paths cover a whole chart holds for that chart while
it is planned, too; one that names single files acknowledges findings there and changes no plan.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from chartlift.globs import covers_folder, matches_any
from chartlift.records import ChartRecord, Finding, Verification

BLOCKING = "blocking findings: "
"""How the reason of a verification begins that only findings speak against."""


@dataclass(frozen=True, slots=True)
class Acceptance:
    """One rule that does not block, why, until which day (that day counts) and where."""

    rule: str
    reason: str
    expires: date | None = None
    paths: tuple[str, ...] = ()
    file: str = ""
    line: int | None = None

    def holds_in(self, folder: str | None) -> bool:
        """For everything in a folder, by its path from the configuration?"""
        return not self.paths or (folder is not None and covers_folder(folder, self.paths))

    def covers(self, finding: Finding, path: str | None) -> bool:
        return finding.rule == self.rule and (not self.paths or (path is not None and matches_any(path, self.paths)))


def path_below(root: Path, path: str) -> str | None:
    """A path from ``root``, posix; None where it lies elsewhere."""
    try:
        relative = Path(os.path.relpath(path or ".", root)).as_posix()
    except ValueError:  # another drive
        return None
    return None if relative == ".." or relative.startswith("../") else relative


def rules_for(accepts: Sequence[Acceptance], root: Path, folder: str) -> frozenset[str]:
    """The rules that are accepted for everything in a folder."""
    below = path_below(root, folder)
    return frozenset(one.rule for one in accepts if one.holds_in(below))


def acknowledge(record: ChartRecord, accepts: Sequence[Acceptance], root: Path) -> ChartRecord:
    """The record with the findings accepted that an acceptance covers, and why."""
    if not accepts:
        return record
    findings = tuple(
        _judged(finding, accepts, path_below(root, record.file_of(finding.place))) for finding in record.findings
    )
    return replace(record, findings=findings, verification=_settled(record.verification, findings))


def _judged(finding: Finding, accepts: Sequence[Acceptance], path: str | None) -> Finding:
    known = next((one for one in accepts if one.covers(finding, path)), None)
    return finding if known is None else replace(finding, accepted=True, accepted_for=known.reason)


def _settled(status: Verification, findings: Sequence[Finding]) -> Verification:
    """A comparison has passed once all that spoke against it is accepted."""
    if status.status != "failed" or not status.reason.startswith(BLOCKING):
        return status
    against = status.reason.removeprefix(BLOCKING).split(", ")
    left = [rule for rule in against if any(one.blocks and one.rule == rule for one in findings)]
    return replace(status, reason=BLOCKING + ", ".join(left)) if left else replace(status, status="passed", reason="")
