"""Skaffold: the Helm releases of ``deploy.helm`` and ``manifests.helm``.

Fields: https://skaffold.dev/docs/deployers/helm/ (``overrides`` under ``valuesFiles`` under ``setValues``).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from chartlift.records import Yaml, YamlPath
from chartlift.references.files import Gathering, pairs_values
from chartlift.references.rancher import write_table
from chartlift.references.records import (
    AnyChange,
    Change,
    NewTarget,
    Pair,
    PairChanges,
    Reference,
    Sources,
    Values,
    as_map,
)
from chartlift.references.sources import Part, Source, at, maps_of, text_of, word_of
from chartlift.references.spelling import directory, local_home, split_chart
from chartlift.yamltext.edit import Delete, Set

NAME = "skaffold"
_PLACES: tuple[YamlPath, ...] = (("deploy", "helm", "releases"), ("manifests", "helm", "releases"))


def find(sources: Sources) -> Iterator[Reference]:
    """Every release with a ``remoteChart``, of the file itself and of its profiles."""
    for source in sources.relevant():
        for part in source.parts:
            if text_of(part.data.get("apiVersion")).startswith("skaffold/"):
                roots: list[YamlPath] = [
                    (),
                    *(("profiles", i) for i, _ in enumerate(maps_of(part.data.get("profiles")))),
                ]
                for place in (root + place for root in roots for place in _PLACES):
                    for index, release in enumerate(maps_of(at(part.data, *place))):
                        yield from _release(part, (*place, index), release, sources)


def _release(part: Part, path: YamlPath, data: Mapping[str, Yaml], sources: Sources) -> Iterator[Reference]:
    repository, chart = split_chart(text_of(data.get("remoteChart")), text_of(data.get("repo")))
    local = local_home(directory(part.source), text_of(data.get("chartPath")) or "-", sources)
    if not repository and not local:
        return
    gathering = _layers(part, path, data, sources)
    name = text_of(data.get("name"))
    yield Reference(
        NAME, "Skaffold release", name, part.source.path, part.line((*path, "remoteChart")), repository, chart,
        text_of(data.get("version")), part.index, path, release=name if name and "{{" not in name else None,
        namespace=text_of(data.get("namespace")) or None, chains=gathering.chains(),
        fresh=Values("map", part.source.path, part.index, (*path, "overrides"), part.line(path)),
        unread=tuple(gathering.unread), local=local,
    )  # fmt: skip


def _layers(part: Part, path: YamlPath, data: Mapping[str, Yaml], sources: Sources) -> Gathering:
    gathering = Gathering(sources, directory(part.source))
    if as_map(data.get("overrides")):
        where = (*path, "overrides")
        gathering.add(Values("map", part.source.path, part.index, where, part.line(where)))
    files = data.get("valuesFiles")
    for name in map(text_of, files if isinstance(files, list) else []):
        gathering.file(name, part.line((*path, "valuesFiles")))
    for key in ("setValueTemplates", "setFiles"):
        if data.get(key):
            gathering.missing(part.line((*path, key)), f"{key} gives values that are only known when skaffold runs")
    table = as_map(data.get("setValues"))
    where = (*path, "setValues")
    pairs = [Pair(k, word_of(v), part.line((*where, k)), index=i) for i, (k, v) in enumerate(table.items())]
    gathering.add(pairs_values(part.source.path, part.index, where, part.line(where), pairs))
    return gathering


def retarget(reference: Reference, target: NewTarget, sources: Sources) -> Iterator[AnyChange]:
    """Name the new chart: an OCI chart by its address, without ``repo``."""
    file, part, path = reference.file, reference.part, reference.path
    document = next(one for one in sources[file].parts if one.index == part)
    yield Change(file, part, Set((*path, "remoteChart"), target.address if target.is_oci else target.name))
    if not target.is_oci:
        yield Change(file, part, Set((*path, "repo"), target.repository))
    elif at(document.data, *path, "repo") is not None:
        yield Change(file, part, Delete((*path, "repo")))
    yield Change(file, part, Set((*path, "version"), target.version))


def write_pairs(values: Values, changes: PairChanges, source: Source) -> Iterator[AnyChange]:
    """``setValues``: a map of names and values."""
    yield from write_table(values, changes)
