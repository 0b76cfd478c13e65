"""Places that name a source vendor's chart, repository or image and that nothing else spoke of.

Nothing is rewritten here: what is not understood is said, file and line, so that a search of one's own finds
nothing new.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from functools import lru_cache

from chartlift.images.vendors import Vendors, plain_address
from chartlift.records import Finding, Place
from chartlift.references.repository import YAML_ENDINGS, Repository

RULE = "reference-not-rewritten"
_PROSE = (".md", ".txt", ".rst", ".adoc")
_COMMENT = re.compile(r"\s*(?:#|//|--|\*|<!--)")
_MOST = 2000
_HELP = "Change it by hand where it still matters; what it says is not understood by this tool."


def find_leftovers(
    repository: Repository,
    vendors: Vendors,
    prefixes: tuple[str, ...],
    spoken: Collection[tuple[str, int]],
    texts: Mapping[str, str],
) -> list[Finding]:
    """One finding for each line that is not in ``spoken`` (file and 1-based line) and still there in ``texts``."""
    pattern, words = _pattern(vendors, prefixes), _words(vendors, prefixes)
    found = []
    for path in repository.asked():
        if repository.in_chart(path) and path.endswith((*YAML_ENDINGS, ".tpl")):
            continue
        text = repository.text(path)
        # A plain search first: the pattern looks backwards from each word, which costs on long texts.
        if any(word in text for word in words) and any(pattern.search(line) for line in _lines_with(text, words)):
            if path.endswith(YAML_ENDINGS) and _is_broken(repository, path):
                first = next(number for number, line in enumerate(text.split("\n"), 1) if pattern.search(line))
                message = "the file cannot be read as YAML, and it names the source vendor"
                found.append(Finding(RULE, "warning", message, Place(path, first), "Mend the YAML, then run again."))
                spoken = {*spoken, (path, first)}
            after = set(texts[path].split("\n")) if path in texts else None
            found += [
                one
                for one in _lines(path, text, (pattern, words), vendors, after)
                if (path, one.place.line) not in spoken
            ]
    return found[:_MOST]


def _is_broken(repository: Repository, path: str) -> bool:
    source = repository.try_read(path)
    return source is None or not source.parts


def _is_repository(text: str, vendors: Vendors) -> bool:
    """Only a repository, and no chart or image in it."""
    return plain_address(text) in vendors.sources[vendors.mirrored].repositories


def _lines(
    path: str,
    text: str,
    search: tuple[re.Pattern[str], Collection[str]],
    vendors: Vendors,
    after: Collection[str] | None,
) -> Iterator[Finding]:
    pattern, words = search
    for number, line in enumerate(text.split("\n"), start=1):
        match = pattern.search(line) if any(word in line for word in words) else None
        if match is None or (after is not None and line not in after):
            continue
        if _is_repository(match[0], vendors):
            message = f"the repository {match[0]} is named here: it can go once nothing uses it"
            yield Finding(RULE, "note", message, Place(path, number))
            continue
        quiet = path.endswith(_PROSE) or _COMMENT.match(line) is not None
        where = "in a text for people" if path.endswith(_PROSE) else "in a comment" if quiet else "here"
        message = f"{match[0]} is named {where}: found, not rewritten"
        yield Finding(RULE, "note" if quiet else "warning", message, Place(path, number), "" if quiet else _HELP)


def _words(vendors: Vendors, prefixes: tuple[str, ...]) -> list[str]:
    """What no match can do without."""
    vendor = vendors.sources[vendors.mirrored]
    charts = [prefix.rpartition("docker.io/")[2] for prefix in vendor.charts]
    return [*charts, *(prefix.rpartition("/")[2] + "/" for prefix in vendor.images), *prefixes]


def _lines_with(text: str, words: Collection[str]) -> Iterator[str]:
    return (line for line in text.split("\n") if any(word in line for word in words))


@lru_cache(maxsize=4)
def _compiled(words: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile("|".join(words))


def _pattern(vendors: Vendors, prefixes: tuple[str, ...]) -> re.Pattern[str]:
    """The vendor's repositories in full, its images with or without the host, and what was named as a mirror."""
    vendor = vendors.sources[vendors.mirrored]
    words = [rf"[\w./:-]*{re.escape(prefix.rpartition('docker.io/')[2])}(?:/[\w./:@-]+)?" for prefix in vendor.charts]
    names = {prefix.rpartition("/")[2] for prefix in vendor.images}
    words += [rf"(?<![\w./-])(?:[\w.-]+\.[\w.-]+/)?{re.escape(name)}/[a-z0-9][\w.:@-]*" for name in sorted(names)]
    words += [rf"{re.escape(prefix)}[\w./:@-]*" for prefix in prefixes]
    return _compiled(tuple(words))
