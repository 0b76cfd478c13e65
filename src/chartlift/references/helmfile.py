"""Helmfile: ``repositories`` and ``releases``, with their values and ``set``.

Fields: https://helmfile.readthedocs.io/en/latest/ (``values`` in order, ``set`` over them). Files may be Go
templates; what is read then is the text around them.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping

from chartlift.records import Yaml, YamlPath
from chartlift.references.files import Gathering, pairs_values
from chartlift.references.pairs import parse_name
from chartlift.references.records import (
    AnyChange,
    Append,
    Change,
    NewTarget,
    Pair,
    PairChanges,
    Reference,
    Sources,
    Values,
)
from chartlift.references.sources import Part, Source, maps_of, text_of, word_of
from chartlift.references.spelling import directory, is_local, local_home, split_chart
from chartlift.yamltext.edit import Delete, Set

NAME = "helmfile"
_FILE = re.compile(r"(?:^|/)[^/]*helmfile[^/]*\.ya?ml(?:\.gotmpl)?$|(?:^|/)helmfile\.d/[^/]+\.ya?ml(?:\.gotmpl)?$")


def find(sources: Sources) -> Iterator[Reference]:
    """Every release of every helmfile."""
    for source in sources.relevant():
        for part in source.parts:
            if isinstance(part.data.get("releases"), list) and (_FILE.search(source.path) or _looks_like(part)):
                repositories = _repositories(source, sources)
                for index, release in enumerate(maps_of(part.data.get("releases"))):
                    yield from _release(part, index, release, repositories, sources)


def _looks_like(part: Part) -> bool:
    """A file of another name that can only be a helmfile: releases with charts, and no Kubernetes object."""
    releases = maps_of(part.data.get("releases"))
    return "kind" not in part.data and bool(releases) and all("chart" in one and "name" in one for one in releases)


def _repositories(source: Source, sources: Sources) -> dict[str, str]:
    """Alias -> URL: of the file itself, else of all helmfiles."""
    found: dict[str, str] = {}
    for other in [*(one for one in sources.relevant() if _FILE.search(one.path)), source]:
        for part in other.parts:
            for entry in maps_of(part.data.get("repositories")):
                oci = entry.get("oci") in (True, "true")
                url = text_of(entry.get("url"))
                found[text_of(entry.get("name"))] = f"oci://{url}" if oci and "://" not in url else url
    return found


def _release(
    part: Part, index: int, data: Mapping[str, Yaml], repositories: Mapping[str, str], sources: Sources
) -> Iterator[Reference]:
    written, path = text_of(data.get("chart")), ("releases", index)
    local = local_home(directory(part.source), written, sources) if is_local(written) else ""
    if not written or (is_local(written) and not local):
        return
    repository, chart = split_chart(written, "")
    alias = repository.removeprefix("@") if repository.startswith("@") else ""
    repository = repositories.get(alias, repository) if alias else repository
    gathering = _layers(part, path, data, sources)
    name = text_of(data.get("name"))
    yield Reference(
        NAME, "helmfile release", part.source.plain(name), part.source.path, part.line((*path, "chart")),
        repository, chart, text_of(data.get("version")), part.index, path,
        release=name if name and part.source.plain(name) == name else None,
        namespace=text_of(data.get("namespace")) or None,
        chains=gathering.chains(),
        fresh=Values("map", part.source.path, part.index, (*path, "values", 0), part.line(path)),
        unread=tuple(gathering.unread),
        details={"alias": alias, "written": written, "repositories": repositories},
        local=local,
    )  # fmt: skip


def _layers(part: Part, path: YamlPath, data: Mapping[str, Yaml], sources: Sources) -> Gathering:
    gathering = Gathering(sources, directory(part.source))
    values = data.get("values")
    for index, entry in enumerate(values if isinstance(values, list) else []):
        where = (*path, "values", index)
        line = part.line(where)
        if isinstance(entry, dict):
            gathering.add(Values("map", part.source.path, part.index, where, line) if entry else None)
        else:
            gathering.file(text_of(entry), line)
    secrets = data.get("secrets")
    for entry in map(text_of, secrets if isinstance(secrets, list) else []):
        gathering.missing(part.line((*path, "secrets")), f"{posixpath.basename(entry)} is encrypted and was not read")
    gathering.add(_set(part, (*path, "set"), data.get("set")))
    return gathering


def _set(part: Part, path: YamlPath, entries: Yaml) -> Values | None:
    pairs = [
        Pair(text_of(one.get("name")), word_of(one.get("value")), part.line((*path, index)), index=index)
        for index, one in enumerate(maps_of(entries))
        if parse_name(text_of(one.get("name")))
    ]
    return pairs_values(part.source.path, part.index, path, part.line(path), pairs)


def retarget(reference: Reference, target: NewTarget, sources: Sources) -> Iterator[AnyChange]:
    """Name the new chart: by a repository entry where the release used one that is in its file, else by address."""
    file, part, path = reference.file, reference.part, reference.path
    name = _alias(target)
    known = reference.details["repositories"]
    assert isinstance(known, dict)  # noqa: S101 - made above
    home = _home(reference, sources)
    if reference.details["alias"] and home is not None and known.get(name, target.repository) == target.repository:
        yield Change(file, part, Set((*path, "chart"), f"{name}/{target.name}"))
        if name not in known:
            entry: dict[str, Yaml] = {"name": name, "url": target.host if target.is_oci else target.repository}
            entry |= {"oci": True} if target.is_oci else {}
            yield Append(home.source.path, home.index, ("repositories",), entry)
    else:
        yield Change(file, part, Set((*path, "chart"), target.address))
    yield Change(file, part, Set((*path, "version"), target.version))


def _home(reference: Reference, sources: Sources) -> Part | None:
    """The document with the repositories that the release's alias is of."""
    places = [sources[reference.file], *sources.relevant()]
    for source in places:
        for part in source.parts:
            if any(
                text_of(one.get("name")) == reference.details["alias"] for one in maps_of(part.data.get("repositories"))
            ):
                return part
    return None


def _alias(target: NewTarget) -> str:
    host, _, path = target.host.partition("/")
    return path.rpartition("/")[2] or host.partition(".")[0]


def write_pairs(values: Values, changes: PairChanges, source: Source) -> Iterator[AnyChange]:
    """``set``: a list of ``{name, value}``; text that looks like a number is quoted for Helm by its backslash."""
    for index, pair in changes.changed.items():
        yield Change(values.file, values.part, Set((*values.path, index, "name"), pair.name))
        yield Change(values.file, values.part, Set((*values.path, index, "value"), pair.value))
    for pair in changes.added:
        yield Append(values.file, values.part, values.path, {"name": pair.name, "value": pair.value})
    for index in sorted(changes.removed, reverse=True):
        yield Change(values.file, values.part, Delete((*values.path, index)))
