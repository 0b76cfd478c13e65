"""Rancher: the ``HelmChart`` of k3s and RKE2 with its ``HelmChartConfig``, and Fleet's ``fleet.yaml``.

Fields: https://docs.k3s.io/add-ons/helm (``set`` over the config's values over the chart's) and
https://fleet.rancher.io/ref-fleet-yaml (``values`` over ``valuesFiles``; customizations over both).
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping

from chartlift.records import Yaml, YamlPath
from chartlift.references.files import Gathering, pairs_values
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
from chartlift.references.spelling import directory, is_local, local_home, split_chart
from chartlift.yamltext.edit import Delete, Set

NAME = "rancher"
_GROUP = "helm.cattle.io"
_FLEET = ("fleet.yaml", "fleet.yml")


def find(sources: Sources) -> Iterator[Reference]:
    """Every HelmChart, and the chart of every fleet.yaml."""
    for source in sources.relevant():
        for part in source.parts:
            if part.group == _GROUP and part.kind == "HelmChart":
                yield from _helm_chart(part, sources)
            elif posixpath.basename(source.path) in _FLEET:
                yield from _fleet(part, sources)


def _helm_chart(part: Part, sources: Sources) -> Iterator[Reference]:
    spec = as_map(part.data.get("spec"))
    repository, chart = split_chart(text_of(spec.get("chart")), text_of(spec.get("repo")))
    if not repository or is_local(chart):
        return
    gathering = Gathering(sources, directory(part.source))
    gathering.add(_content(part))
    for source in sources.relevant():
        for other in source.parts:
            mine = other.name() == part.name() and _namespace(other) == _namespace(part)
            if other.group == _GROUP and other.kind == "HelmChartConfig" and mine:
                gathering.add(_content(other))
    if spec.get("valuesSecrets"):
        gathering.missing(part.line(("spec", "valuesSecrets")), "valuesSecrets takes values from Secrets")
    gathering.add(_set(part, ("spec", "set"), spec.get("set")))
    yield Reference(
        NAME, "k3s HelmChart", part.name(), part.source.path, part.line(("spec", "chart")), repository, chart,
        text_of(spec.get("version")), part.index, ("spec",), release=part.name() or None,
        namespace=text_of(spec.get("targetNamespace")) or _namespace(part) or None,
        chains=gathering.chains(),
        fresh=Values("text", part.source.path, part.index, ("spec", "valuesContent"), part.line(("spec",))),
        unread=tuple(gathering.unread), details={"secret": True},
    )  # fmt: skip


def _namespace(part: Part) -> str:
    return text_of(at(part.data, "metadata", "namespace"))


def _content(part: Part) -> Values | None:
    path: YamlPath = ("spec", "valuesContent")
    content = at(part.data, *path)
    if not isinstance(content, str) or not content.strip():
        return None
    return Values("text", part.source.path, part.index, path, part.line(path) + 1)


def _set(part: Part, path: YamlPath, table: Yaml) -> Values | None:
    items = as_map(table).items()
    pairs = [Pair(name, word_of(value), part.line((*path, name)), index=i) for i, (name, value) in enumerate(items)]
    return pairs_values(part.source.path, part.index, path, part.line(path), pairs)


def _fleet(part: Part, sources: Sources) -> Iterator[Reference]:
    helm = as_map(part.data.get("helm"))
    repository, chart = split_chart(text_of(helm.get("chart")), text_of(helm.get("repo")))
    local = local_home(directory(part.source), chart, sources) if is_local(chart) else ""
    if not local and (not repository or not chart or is_local(chart)):
        return
    base = _fleet_layers(part, ("helm",), helm, sources)
    chains, unread = list(base.chains()), list(base.unread)
    for index, custom in enumerate(maps_of(part.data.get("targetCustomizations"))):
        more = _fleet_layers(part, ("targetCustomizations", index, "helm"), as_map(custom.get("helm")), sources)
        chains += [below + above for below in base.chains() for above in more.chains() if above]
        unread += more.unread
    release = text_of(helm.get("releaseName"))
    yield Reference(
        NAME, "Fleet bundle", release or posixpath.dirname(part.source.path) or chart, part.source.path,
        part.line(("helm", "chart")), repository, chart, text_of(helm.get("version")), part.index, ("helm",),
        release=release or None, namespace=text_of(part.data.get("defaultNamespace")) or None, chains=tuple(chains),
        fresh=Values("map", part.source.path, part.index, ("helm", "values"), part.line(("helm",))),
        unread=tuple(unread),
        fixed=_own_charts(part), local=local,
    )  # fmt: skip


def _own_charts(part: Part) -> str:
    customs = maps_of(part.data.get("targetCustomizations"))
    if any({"chart", "repo", "version"} & as_map(one.get("helm")).keys() for one in customs):
        return "a target customization names a chart or version of its own"
    return ""


def _fleet_layers(part: Part, path: YamlPath, helm: Mapping[str, Yaml], sources: Sources) -> Gathering:
    gathering = Gathering(sources, directory(part.source))
    files = helm.get("valuesFiles")
    for name in map(text_of, files if isinstance(files, list) else []):
        gathering.file(name, part.line((*path, "valuesFiles")))
    if helm.get("valuesFrom"):
        gathering.missing(part.line((*path, "valuesFrom")), "valuesFrom takes values from the cluster")
    values = helm.get("values")
    if isinstance(values, dict) and values:
        where = (*path, "values")
        gathering.add(Values("map", part.source.path, part.index, where, part.line(where)))
    return gathering


def retarget(reference: Reference, target: NewTarget, sources: Sources) -> Iterator[AnyChange]:
    """Name the new chart: an OCI chart by its address, without ``repo``."""
    file, part, path = reference.file, reference.part, reference.path
    document = next(one for one in sources[file].parts if one.index == part)
    if target.is_oci:
        yield Change(file, part, Set((*path, "chart"), target.address))
        if at(document.data, *path, "repo") is not None:
            yield Change(file, part, Delete((*path, "repo")))
    else:
        yield Change(file, part, Set((*path, "chart"), target.name))
        yield Change(file, part, Set((*path, "repo"), target.repository))
    yield Change(file, part, Set((*path, "version"), target.version))
    if reference.details.get("secret") and target.pull_secret and target.is_oci:
        yield Change(file, part, Set((*path, "dockerRegistrySecret", "name"), target.pull_secret))


def write_pairs(values: Values, changes: PairChanges, source: Source) -> Iterator[AnyChange]:
    """``set``: a map of names and values."""
    yield from write_table(values, changes)


def write_table(values: Values, changes: PairChanges) -> Iterator[AnyChange]:
    """Pairs that are the entries of a map."""
    names = [pair.name for pair in values.pairs]
    for index in (*changes.removed, *changes.changed):
        yield Change(values.file, values.part, Delete((*values.path, names[index])))
    for pair in (*changes.changed.values(), *changes.added):
        yield Change(values.file, values.part, Set((*values.path, pair.name), pair.value))
