"""Kustomize: ``helmCharts`` of a kustomization.

Fields: https://kubectl.docs.kubernetes.io/references/kustomize/kustomization/helmcharts/ (``valuesMerge`` says
whether ``valuesInline`` lies over the file, under it, or alone).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from chartlift.records import Yaml, YamlPath
from chartlift.references.files import Gathering
from chartlift.references.records import (
    AnyChange,
    Change,
    NewTarget,
    PairChanges,
    Reference,
    Remark,
    Sources,
    Values,
)
from chartlift.references.sources import Part, Source, maps_of, text_of
from chartlift.references.spelling import directory
from chartlift.yamltext.edit import Set

NAME = "kustomize"
FILES = ("kustomization.yaml", "kustomization.yml", "Kustomization")


def find(sources: Sources) -> Iterator[Reference]:
    """Every chart that a kustomization inflates."""
    for source in sources.relevant():
        for part in source.parts:
            for index, entry in enumerate(maps_of(part.data.get("helmCharts"))):
                repository, name = text_of(entry.get("repo")), text_of(entry.get("name"))
                if repository and name:
                    yield _reference(part, ("helmCharts", index), entry, sources)


def _reference(part: Part, path: YamlPath, entry: Mapping[str, Yaml], sources: Sources) -> Reference:
    gathering = _layers(part, path, entry, sources)
    remarks = []
    if part.data.get("patches") or part.data.get("patchesStrategicMerge") or part.data.get("patchesJson6902"):
        message = "patches of this kustomization name objects that the chart renders: check that they still match"
        remarks.append(Remark("patches-on-rendered-objects", "warning", part.line(path), message))
    release = text_of(entry.get("releaseName"))
    return Reference(
        NAME, "Kustomize helmCharts", release or text_of(entry.get("name")), part.source.path,
        part.line((*path, "name")), text_of(entry.get("repo")), text_of(entry.get("name")),
        text_of(entry.get("version")), part.index, path, release=release or None,
        namespace=text_of(entry.get("namespace")) or text_of(part.data.get("namespace")) or None,
        chains=gathering.chains(),
        fresh=Values("map", part.source.path, part.index, (*path, "valuesInline"), part.line(path)),
        unread=tuple(gathering.unread), remarks=tuple(remarks),
    )  # fmt: skip


def _layers(part: Part, path: YamlPath, entry: Mapping[str, Yaml], sources: Sources) -> Gathering:
    gathering = Gathering(sources, directory(part.source))
    inline = entry.get("valuesInline")
    where = (*path, "valuesInline")
    own = Values("map", part.source.path, part.index, where, part.line(where))
    mine = own if isinstance(inline, dict) and inline else None
    merge = text_of(entry.get("valuesMerge")) or "override"
    if merge in ("merge", "replace"):
        gathering.add(mine)
    file = text_of(entry.get("valuesFile"))
    if file and not (merge == "replace" and mine):
        gathering.file(file, part.line((*path, "valuesFile")))
    if merge not in ("merge", "replace"):
        gathering.add(mine)
    more = entry.get("additionalValuesFiles")
    for name in map(text_of, more if isinstance(more, list) else []):
        gathering.file(name, part.line((*path, "additionalValuesFiles")))
    return gathering


def retarget(reference: Reference, target: NewTarget, sources: Sources) -> Iterator[AnyChange]:
    """Name the new chart, its version and its repository; kustomize takes ``oci://`` addresses."""
    for key, value in (("name", target.name), ("repo", target.repository), ("version", target.version)):
        yield Change(reference.file, reference.part, Set((*reference.path, key), value))
    if reference.release is None:
        # Without one the release is called as the chart is: it keeps the name it had.
        yield Change(reference.file, reference.part, Set((*reference.path, "releaseName"), reference.chart))


def write_pairs(values: Values, changes: PairChanges, source: Source) -> Iterator[AnyChange]:
    """Kustomize has no pairs."""
    yield from ()
