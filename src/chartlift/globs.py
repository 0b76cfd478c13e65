"""Globs over posix paths, as `.chartlift.yaml` writes them; ``fnmatch`` knows no folders.

The rules are those of gitignore that need no negation (https://git-scm.com/docs/gitignore): ``*`` stays within a
name, ``**`` goes over folders, and what holds for a folder holds for everything below it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

_TOKEN = re.compile(r"\*\*/|\*\*|\*|\?|\[!?[^\]]+\]|.", re.DOTALL)
_MEANING = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}


def matches_any(path: str, patterns: Iterable[str]) -> bool:
    """Is the path, or a folder that it lies in, meant by one of the patterns?"""
    return any(_compiled(pattern).fullmatch(path) for pattern in patterns)


def covers_folder(folder: str, patterns: Iterable[str]) -> bool:
    """Does one of the patterns mean everything below a folder?"""
    return matches_any(folder, [pattern.removesuffix("/**") for pattern in patterns])


@lru_cache(maxsize=256)
def _compiled(pattern: str) -> re.Pattern[str]:
    plain = pattern.removeprefix("./").rstrip("/")
    return re.compile("".join(map(_meaning, _TOKEN.findall(plain))) + "(?:/.*)?", re.DOTALL)


def _meaning(token: str) -> str:
    if token.startswith("[") and len(token) > 1:
        inside = token[1:-1].replace("\\", r"\\")
        return f"[^{inside[1:]}]" if inside.startswith("!") else f"[{inside}]"
    return _MEANING.get(token) or re.escape(token)
