"""Flux: ``HelmRelease`` with ``HelmRepository`` or ``OCIRepository``.

Fields: https://fluxcd.io/flux/components/helm/helmreleases/ (``values`` over ``valuesFrom``). A repository may
serve many releases, so it is never edited while another one uses it: a new one is put beside it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from chartlift.images.vendors import plain_address
from chartlift.records import Yaml, YamlPath
from chartlift.references.files import Gathering
from chartlift.references.records import (
    AnyChange,
    Change,
    NewDocument,
    NewTarget,
    PairChanges,
    Reference,
    Sources,
    Values,
    as_map,
)
from chartlift.references.sources import Part, Source, at, maps_of, text_of
from chartlift.references.spelling import directory, join, local_home, split_address
from chartlift.yamltext.edit import Delete, Set

NAME = "flux"
_RELEASES = "helm.toolkit.fluxcd.io"
_SOURCES = "source.toolkit.fluxcd.io"


@dataclass(frozen=True, slots=True)
class _Repository:
    """A repository object and the document it stands in."""

    part: Part
    url: str

    @property
    def namespace(self) -> str:
        return text_of(at(self.part.data, "metadata", "namespace"))


def find(sources: Sources) -> Iterator[Reference]:
    """Every HelmRelease of the repository whose chart's source is in it too, or is named so that it is known."""
    for source in sources.relevant():
        for part in source.parts:
            if part.group == _RELEASES and part.kind == "HelmRelease":
                yield from _release(part, sources)


def _release(part: Part, sources: Sources) -> Iterator[Reference]:
    spec = as_map(part.data.get("spec"))
    chart = as_map(at(spec, "chart", "spec"))
    if chart:
        ref = as_map(chart.get("sourceRef"))
        name = text_of(chart.get("chart"))
        repository = _repository(sources, "HelmRepository", ref, part)
        url = repository.url if repository else f"@{text_of(ref.get('name'))}"
        if text_of(ref.get("kind")) != "HelmRepository" or not name:
            local = local_home("", name or "-", sources) if text_of(ref.get("kind")) == "GitRepository" else ""
            if local:
                found = _reference(part, sources, "", "", "", ("spec", "chart", "spec"), None)
                yield replace(found, local=local)
            return
        yield _reference(part, sources, url, name, text_of(chart.get("version")), ("spec", "chart", "spec"), repository)
    elif text_of(at(spec, "chartRef", "kind")) == "OCIRepository":
        repository = _repository(sources, "OCIRepository", as_map(spec.get("chartRef")), part)
        if repository is not None:
            url, name = split_address(repository.url)
            ref = as_map(at(repository.part.data, "spec", "ref"))
            version = text_of(ref.get("tag")) or text_of(ref.get("semver"))
            yield _reference(part, sources, url, name, version, ("spec", "chartRef"), repository)


def _reference(
    part: Part, sources: Sources, url: str, chart: str, version: str, path: YamlPath, repository: _Repository | None
) -> Reference:
    spec = as_map(part.data.get("spec"))
    gathering = _layers(part, sources, spec)
    target = text_of(spec.get("targetNamespace"))
    release = text_of(spec.get("releaseName")) or "-".join(filter(None, (target, part.name())))
    return Reference(
        NAME, "Flux HelmRelease", part.name(), part.source.path, part.line(path), url, chart, version, part.index, path,
        release=release or None,
        namespace=target or text_of(at(part.data, "metadata", "namespace")) or None,
        chains=gathering.chains(),
        fresh=Values("map", part.source.path, part.index, ("spec", "values"), part.line(("spec",))),
        unread=tuple(gathering.unread),
        details={"repository": repository, "users": _users(repository, sources) if repository else 0},
    )  # fmt: skip


def _layers(part: Part, sources: Sources, spec: Mapping[str, Yaml]) -> Gathering:
    gathering = Gathering(sources, directory(part.source))
    if at(spec, "chart", "spec", "valuesFiles"):
        line = part.line(("spec", "chart", "spec", "valuesFiles"))
        gathering.missing(line, "valuesFiles are files of the packed chart, which is not at hand")
    for index, origin in enumerate(maps_of(spec.get("valuesFrom"))):
        line = part.line(("spec", "valuesFrom", index))
        found = None if origin.get("targetPath") else _config_map(part, sources, origin)
        if found is not None:
            gathering.add(found)
        elif origin.get("optional") is not True or text_of(origin.get("kind")) == "Secret":
            what = f"{text_of(origin.get('kind'))} {text_of(origin.get('name'))}"
            gathering.missing(line, f"valuesFrom takes values from {what}, which is not read")
    values = spec.get("values")
    if isinstance(values, dict) and values:
        gathering.add(Values("map", part.source.path, part.index, ("spec", "values"), part.line(("spec", "values"))))
    return gathering


def _config_map(release: Part, sources: Sources, origin: Mapping[str, Yaml]) -> Values | None:
    """Values in a ConfigMap of the repository: written out, or made by kustomize from a file."""
    name, key = text_of(origin.get("name")), text_of(origin.get("valuesKey")) or "values.yaml"
    if text_of(origin.get("kind")) != "ConfigMap" or not name:
        return None
    for source in sources.relevant():
        for part in source.parts:
            if part.kind == "ConfigMap" and part.name() == name and isinstance(at(part.data, "data", key), str):
                where: YamlPath = ("data", key)
                return Values("text", source.path, part.index, where, part.line(where) + 1)
            for maker in maps_of(part.data.get("configMapGenerator")):
                file = _generated(source, maker, name, key)
                if file in sources:
                    return Values("file", file)
    return None


def _generated(source: Source, maker: Mapping[str, Yaml], name: str, key: str) -> str:
    if text_of(maker.get("name")) != name:
        return ""
    files = maker.get("files")
    for entry in map(text_of, files if isinstance(files, list) else []):
        made, sign, file = entry.rpartition("=")
        if (made if sign else file.rpartition("/")[2]) == key:
            return join(directory(source), file)
    return ""


def _repository(sources: Sources, kind: str, ref: Mapping[str, Yaml], user: Part) -> _Repository | None:
    """The repository object that a release means: by name and namespace, else the only one of that name."""
    namespace = text_of(ref.get("namespace")) or text_of(at(user.data, "metadata", "namespace"))
    found = [one for one in _repositories(sources, kind) if one.part.name() == text_of(ref.get("name"))]
    exact = [one for one in found if one.namespace == namespace]
    chosen = exact or found
    return chosen[0] if len({one.url for one in chosen}) == 1 else None


def _repositories(sources: Sources, kind: str) -> Iterator[_Repository]:
    for source in sources.relevant():
        for part in source.parts:
            if part.group == _SOURCES and part.kind == kind:
                yield _Repository(part, text_of(at(part.data, "spec", "url")))


def _users(repository: _Repository, sources: Sources) -> int:
    name, count = repository.part.name(), 0
    for source in sources.relevant():
        for part in source.parts:
            spec = part.data.get("spec") if part.kind == "HelmRelease" else None
            names = (at(spec, "chart", "spec", "sourceRef", "name"), at(spec, "chartRef", "name"))
            count += name in map(text_of, names)
    return count


def retarget(reference: Reference, target: NewTarget, sources: Sources) -> Iterator[AnyChange]:
    """Name the new chart; its repository is a new object, or the one that is there already."""
    repository = reference.details["repository"]
    assert repository is None or isinstance(repository, _Repository)  # noqa: S101 - made above
    if reference.path == ("spec", "chartRef"):
        assert repository is not None  # noqa: S101 - found with it
        yield from _retarget_oci(reference, target, repository)
        return
    file, part, path = reference.file, reference.part, reference.path
    known = [
        one
        for one in _repositories(sources, "HelmRepository")
        if plain_address(one.url) == plain_address(target.repository)
        and (repository is None or one.namespace == repository.namespace)
    ]
    name = known[0].part.name() if known else _free_name(target, sources)
    yield Change(file, part, Set((*path, "chart"), target.name))
    yield Change(file, part, Set((*path, "version"), target.version))
    yield Change(file, part, Set((*path, "sourceRef", "name"), name))
    if not known:
        home = repository.part if repository else next(p for p in sources[file].parts if p.index == part)
        yield NewDocument(home.source.path, home.index, _new_repository(name, home, target))


def _free_name(target: NewTarget, sources: Sources) -> str:
    """``dhi`` of ``dhi.io``: the first part of the host, or the last of the path."""
    host, _, path = target.host.partition("/")
    name = path.rpartition("/")[2] or host.partition(".")[0]
    taken = {one.part.name() for one in _repositories(sources, "HelmRepository")}
    return name if name not in taken else f"{name}-hardened"


def _new_repository(name: str, home: Part, target: NewTarget) -> str:
    """A repository in the namespace of the one it stands beside; the same API version where that is known."""
    version = text_of(home.data.get("apiVersion")) if home.group == _SOURCES else f"{_SOURCES}/v1"
    namespace = text_of(at(home.data, "metadata", "namespace"))
    interval = text_of(at(home.data, "spec", "interval")) if home.group == _SOURCES else ""
    lines = [f"apiVersion: {version}", "kind: HelmRepository", "metadata:", f"  name: {name}"]
    lines += [f"  namespace: {namespace}"] if namespace else []
    lines += ["spec:", f"  interval: {interval or '1h'}", f"  url: {target.repository}"]
    lines += ["  type: oci"] if target.is_oci else []
    lines += ["  secretRef:", f"    name: {target.pull_secret}"] if target.pull_secret and target.is_oci else []
    return "\n".join(lines) + "\n"


def _retarget_oci(reference: Reference, target: NewTarget, repository: _Repository) -> Iterator[AnyChange]:
    part = repository.part
    file, users = part.source.path, reference.details["users"]
    if users == 1:
        yield Change(file, part.index, Set(("spec", "url"), target.address))
        for key in as_map(at(part.data, "spec", "ref")):
            if key != "tag":
                yield Change(file, part.index, Delete(("spec", "ref", key)))
        yield Change(file, part.index, Set(("spec", "ref", "tag"), target.version))
        return
    name = f"{part.name()}-hardened"
    text = _new_repository(name, part, target).replace("kind: HelmRepository", "kind: OCIRepository")
    text = text.replace(f"url: {target.repository}", f"url: {target.address}").replace("  type: oci\n", "")
    yield NewDocument(file, part.index, text + f"  ref:\n    tag: {target.version}\n")
    yield Change(reference.file, reference.part, Set((*reference.path, "name"), name))


def write_pairs(values: Values, changes: PairChanges, source: Source) -> Iterator[AnyChange]:
    """Flux has no pairs."""
    yield from ()
