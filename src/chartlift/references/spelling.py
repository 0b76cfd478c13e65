"""How formats spell where a chart comes from, and paths of values files.

A chart is named by a repository and a name, or by one OCI address that holds both
(https://helm.sh/docs/topics/registries/).
"""

from __future__ import annotations

import fnmatch
import posixpath
import re
from collections.abc import Collection

from chartlift.references.records import Sources
from chartlift.references.sources import Source

_ANY = re.compile(r"xTPL\d+x|\{\{.*?\}\}|\$\{[^}]*\}|\$\([^)]*\)|\$\w+")


def split_address(address: str) -> tuple[str, str]:
    """``oci://host/path/redis`` -> repository and chart; a version behind a colon is left out."""
    repository, _, chart = address.rstrip("/").rpartition("/")
    return repository, re.split(r"[:@]", chart)[0]


def split_chart(chart: str, repository: str) -> tuple[str, str]:
    """Repository and name of what a ``chart`` field says: an address, ``alias/name``, or a name.

    An alias comes back as ``@alias``, as a dependency of a chart would write it.
    """
    if chart.startswith(("oci://", "https://", "http://")) and not repository:
        return split_address(chart)
    if "/" in chart and not repository and not chart.startswith((".", "/")):
        alias, _, name = chart.partition("/")
        return (f"@{alias}", name) if "/" not in name else split_address(f"oci://{chart}")
    return repository, chart


def is_local(chart: str) -> bool:
    """A chart in a directory."""
    return chart.startswith((".", "/", "file:")) or chart.endswith((".tgz", ".tar.gz"))


def join(base: str, path: str) -> str:
    """A path relative to a directory of the repository, normalised; empty if it leads out of it."""
    found = posixpath.normpath(posixpath.join(base, path))
    return "" if found.startswith(("..", "/")) else found


def expand(path: str, files: Collection[str]) -> list[str]:
    """The files that a path with templates in it can mean; the path itself where it has none and is there."""
    if not _ANY.search(path):
        return [path] if path in files else []
    pattern = re.compile("[^/]+".join(re.escape(piece) for piece in _ANY.split(path)))
    return sorted(file for file in files if pattern.fullmatch(file))


def matches(path: str, patterns: Collection[str]) -> bool:
    return any(fnmatch.fnmatch(path, pattern) for pattern in patterns)


def local_home(base: str, chart: str, sources: Sources) -> str:
    """The directory of a local chart, as the format writes it or from the root; empty where there is none."""
    plain = re.sub(r"^\$\{path\.(?:module|root)\}/|^file://|^\$\{?\w+\}?/", "", chart)
    for home in (base, ""):
        found = join(home, plain).rstrip("/")
        if found and f"{found}/Chart.yaml" in sources:
            return found
    return ""


def directory(source: Source) -> str:
    """The directory of a file, relative to the root."""
    return posixpath.dirname(source.path)
