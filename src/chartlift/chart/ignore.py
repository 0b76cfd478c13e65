"""``.helmignore``: which files Helm does not see when it loads a chart directory.

The rules are Helm's (https://helm.sh/docs/chart_template_guide/helm_ignore_file/), with its Go
``filepath.Match`` patterns. chartlift carries ignored files over untouched, yet must not take an
ignored file for a template or a subchart, because Helm would not render it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from chartlift.errors import ChartliftError

IGNORE_FILE = ".helmignore"
_ALWAYS = "templates/.?*"
"""Helm's own rule, after the user's: hidden files in templates/."""


@dataclass(frozen=True, slots=True)
class Pattern:
    """One line. ``base_only``: no slash in it, so that it is held against the file's name alone."""

    match: re.Pattern[str]
    negated: bool
    directory_only: bool
    base_only: bool

    def holds(self, path: str) -> bool:
        return bool(self.match.fullmatch(path.rpartition("/")[2] if self.base_only else path))


def read_rules(text: str, file: str) -> tuple[Pattern, ...]:
    """Parse a ``.helmignore``; ``ChartliftError`` for what Helm refuses too (``**``, open brackets)."""
    lines = text.removeprefix("\ufeff").splitlines()
    rules = [(number, line.strip()) for number, line in enumerate(lines, start=1)]
    wanted = [(n, rule) for n, rule in rules if rule and not rule.startswith("#")]
    return tuple(_pattern(rule, file, number) for number, rule in [*wanted, (0, _ALWAYS)])


def ignored(path: str, rules: tuple[Pattern, ...]) -> bool:
    """Whether Helm skips the file ``path``, by itself or through a directory above it."""
    parts = path.split("/")
    above = ("/".join(parts[:depth]) for depth in range(1, len(parts)))
    return any(_skips(directory, True, rules) for directory in above) or _skips(path, False, rules)


def _skips(path: str, is_directory: bool, rules: tuple[Pattern, ...]) -> bool:
    for rule in rules:
        if rule.negated:
            # Helm ends here: what a negated rule does not name is ignored.
            if (rule.directory_only and not is_directory) or not rule.holds(path):
                return True
        elif (is_directory or not rule.directory_only) and rule.holds(path):
            return True
    return False


def _pattern(rule: str, file: str, line: int) -> Pattern:
    if "**" in rule:
        raise ChartliftError(
            "double-star (**) patterns are not supported by Helm", file=file, line=line, help="Use `*`."
        )
    negated = rule.startswith("!")
    body = rule.removeprefix("!")
    directory_only = body.endswith("/")
    body = body.removesuffix("/")
    try:
        match = re.compile(_translate(body.removeprefix("/")), re.DOTALL)
    except (re.error, IndexError) as error:
        raise ChartliftError(f"{rule!r} is no pattern", file=file, line=line, help="Close it.") from error
    return Pattern(match, negated, directory_only, base_only="/" not in body)


def _translate(pattern: str) -> str:
    """A Go ``filepath.Match`` pattern as a regular expression; ``*`` and ``?`` stop at slashes."""
    out, at = "", 0
    while at < len(pattern):
        char = pattern[at]
        if char == "[":
            end = pattern.index("]", at + 2) if "]" in pattern[at + 2 :] else len(pattern)
            out += pattern[at : end + 1]
            at = end
        elif char == "\\":
            at += 1
            out += re.escape(pattern[at])
        else:
            out += {"*": "[^/]*", "?": "[^/]"}.get(char, re.escape(char))
        at += 1
    return out
