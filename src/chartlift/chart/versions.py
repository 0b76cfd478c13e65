"""Version ranges as Helm reads them, to tell which vendored chart a dependency means.

Helm hands ``dependencies[].version`` to Masterminds/semver v3
(https://github.com/Masterminds/semver#checking-version-constraints); a dependency whose range does
not hold for the chart in ``charts/`` is treated by Helm as if the two had nothing to do with each
other, so being nearly right here would attach values to the wrong chart.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import total_ordering
from typing import NamedTuple

_TAIL = r"(?:-(?P<pre>[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*))?(?:\+[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?"
_VERSION = re.compile(r"v?(\d{1,20})(?:\.(\d{1,20}))?(?:\.(\d{1,20}))?" + _TAIL)
_PART = r"(?:\d{1,20}|[xX*])"
_PARTIAL = rf"v?(?P<major>{_PART})(?:\.(?P<minor>{_PART}))?(?:\.(?P<patch>{_PART}))?" + _TAIL
_TERM = re.compile(rf"\s*(?P<op>!=|>=|=>|<=|=<|~>|=|>|<|~|\^)?\s*{_PARTIAL}\s*(?:,\s*(?=\S)|(?=\s|$))")
_UNNAMED = re.sub(r"\?P<\w+>", "?:", _PARTIAL)
_HYPHEN = re.compile(rf"({_UNNAMED})\s+-\s+({_UNNAMED})")


@total_ordering
@dataclass(frozen=True, slots=True)
class Version:
    """A semantic version; missing parts are 0, build metadata does not count."""

    major: int
    minor: int
    patch: int
    pre: str = ""

    @property
    def release(self) -> tuple[int, int, int]:
        return self.major, self.minor, self.patch

    def __lt__(self, other: Version) -> bool:
        return (self.release, _rank(self.pre)) < (other.release, _rank(other.pre))


class _Term(NamedTuple):
    operator: str
    version: Version
    known: int
    """How many of major, minor, patch the range names: ``1.x`` names one."""


def parse_version(text: str) -> Version | None:
    """``v1.2`` -> 1.2.0; ``None`` for what Helm would not take as a version."""
    match = _VERSION.fullmatch(text)
    if match is None:
        return None
    major, minor, patch, pre = match.groups()
    return Version(int(major), int(minor or 0), int(patch or 0), pre or "")


def in_range(version: str, constraint: str) -> bool:
    """Whether Helm takes ``version`` for ``constraint``; unreadable on either side means no."""
    found = parse_version(version)
    groups = [_parse_group(part) for part in _HYPHEN.sub(r">=\1 <=\2", constraint).split("||")]
    if found is None or any(group is None for group in groups):
        return False
    return any(_group_holds(found, group) for group in groups if group is not None)


def is_range(constraint: str) -> bool:
    """Whether the text is a range that Helm can read at all."""
    return all(_parse_group(p) is not None for p in _HYPHEN.sub(r">=\1 <=\2", constraint).split("||"))


def _parse_group(text: str) -> list[_Term] | None:
    terms, at = [], 0
    while at < len(text):
        match = _TERM.match(text, at)
        if match is None or match.end() == at:
            return None
        terms.append(_term(match))
        at = match.end()
    return terms or None


def _term(match: re.Match[str]) -> _Term:
    numbers: list[int] = []
    for name in ("major", "minor", "patch"):
        part = match[name]
        if part is None or not part.isdigit():
            break
        numbers.append(int(part))
    major, minor, patch = (*numbers, 0, 0, 0)[:3]
    return _Term(match["op"] or "", Version(major, minor, patch, match["pre"] or ""), len(numbers))


def _group_holds(version: Version, terms: list[_Term]) -> bool:
    """A pre-release only counts where the range itself speaks of pre-releases."""
    if version.pre and not any(term.version.pre for term in terms):
        return False
    return all(_term_holds(version, term) for term in terms)


def _term_holds(version: Version, term: _Term) -> bool:
    operator, wanted, known = term
    if known == 0 and operator in {"^", "!=", ">", "<=", "=<"}:
        # Helm's library reads the star here as 0.0.0 (and `<=*` as `<=0.0`).
        known = 2 if operator in {"<=", "=<"} else 3
    if operator in {"", "="} and known == 3:
        return version == wanted
    if operator in {"", "=", "~", "~>"}:
        return _tilde(version, wanted, known)
    if operator == "^":
        return version >= wanted and _same_up_to(version, wanted, _caret_width(wanted, known))
    if operator == "!=":
        return version != wanted if known == 3 else not _same_up_to(version, wanted, known)
    if operator == ">":
        return version > wanted if known == 3 else version.release[:known] > wanted.release[:known]
    if operator in {"<=", "=<"}:
        return version <= wanted if known == 3 else version.release[:known] <= wanted.release[:known]
    return version < wanted if operator == "<" else version >= wanted


def _tilde(version: Version, wanted: Version, known: int) -> bool:
    # Helm's library reads ~0.0.0 as "any", the same as ~*.
    width = 0 if wanted.release == (0, 0, 0) and known in {0, 3} else min(known, 2)
    return version >= wanted and _same_up_to(version, wanted, width)


def _caret_width(wanted: Version, known: int) -> int:
    """How many leading parts ``^`` holds fixed: up to the first that is not zero."""
    for position, number in enumerate(wanted.release[:known], start=1):
        if number:
            return position
    return known


def _same_up_to(version: Version, wanted: Version, width: int) -> bool:
    return version.release[:width] == wanted.release[:width]


def _rank(pre: str) -> tuple[int, list[tuple[int, int, str]]]:
    """Semver precedence: a release above its pre-releases, numbers below words."""
    if not pre:
        return 1, []
    return 0, [(0, int(p), "") if p.isdigit() else (1, 0, p) for p in pre.split(".")]
