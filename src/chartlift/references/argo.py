"""Argo CD: ``Application``, ``ApplicationSet`` and the repositories that an ``AppProject`` allows.

Fields and precedence: https://argo-cd.readthedocs.io/en/stable/user-guide/helm/ (parameters over
valuesObject over values over valueFiles) and .../user-guide/multiple_sources/. An OCI repository is written
without its scheme where ``chart`` names the chart.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from chartlift.images.vendors import plain_address
from chartlift.records import Yaml, YamlPath
from chartlift.references.files import Gathering, pairs_values
from chartlift.references.records import (
    AnyChange,
    Append,
    Change,
    NewTarget,
    Pair,
    PairChanges,
    Reference,
    Remark,
    Sources,
    Values,
    as_map,
)
from chartlift.references.sources import TEMPLATE_WORD, Part, Source, at, maps_of, text_of, word_of
from chartlift.references.spelling import local_home, split_address
from chartlift.yamltext.edit import Delete, Set

NAME = "argo"
_GROUP = "argoproj.io"
_FIELD = re.compile(r"\{\{-?\s*\.?(\w+)\s*-?\}\}")


@dataclass(frozen=True, slots=True)
class _Site:
    """One source of an Application or of an ApplicationSet's template."""

    part: Part
    spec: YamlPath
    path: YamlPath
    data: Mapping[str, Yaml]
    sources: Sources

    @property
    def helm(self) -> dict[str, Yaml]:
        return as_map(self.data.get("helm"))


def find(sources: Sources) -> Iterator[Reference]:
    """Every chart that an Application or ApplicationSet of the repository installs."""
    for source in sources.relevant():
        for part in source.parts:
            if part.group == _GROUP and part.kind in ("Application", "ApplicationSet"):
                yield from _of_document(part, sources)


def _of_document(part: Part, sources: Sources) -> Iterator[Reference]:
    spec: YamlPath = ("spec",) if part.kind == "Application" else ("spec", "template", "spec")
    single = as_map(at(part.data, *spec, "source"))
    listed = maps_of(at(part.data, *spec, "sources"))
    sites = [((*spec, "sources", index), one) for index, one in enumerate(listed)] or [((*spec, "source"), single)]
    for path, data in sites:
        site = _Site(part, spec, path, data, sources)
        reference = _reference(site)
        if reference is not None:
            yield from _elements(site, reference) if part.kind == "ApplicationSet" else [reference]


def _reference(site: _Site) -> Reference | None:
    url, chart = text_of(site.data.get("repoURL")), text_of(site.data.get("chart"))
    form = "named"
    repository = url
    if not chart and url.startswith("oci://"):
        form = "address"
        repository, chart = split_address(url)
    if "/" in chart:
        # The registry alone as repoURL, and the rest of the path before the chart's name.
        above, _, chart = chart.rpartition("/")
        repository = f"{url.rstrip('/')}/{above}"
    local = "" if chart else local_home("", text_of(site.data.get("path")) or "-", site.sources)
    if (not chart or not url) and not local:
        return None
    part, kind = site.part, f"Argo CD {site.part.kind}"
    gathering, remarks = _layers(site, local)
    release = text_of(site.helm.get("releaseName"))
    if not release and part.kind == "Application":
        release = part.name()
    return Reference(
        NAME, kind, part.name(), part.source.path, part.line((*site.path, "repoURL")), repository, chart,
        text_of(site.data.get("targetRevision")), part.index, site.path,
        release=release if release and "{{" not in release else None,
        namespace=text_of(at(part.data, *site.spec, "destination", "namespace")) or None,
        chains=gathering.chains(),
        fresh=Values("map", part.source.path, part.index, (*site.path, "helm", "valuesObject"), part.line(site.path)),
        unread=tuple(gathering.unread), remarks=tuple(remarks), local=local,
        details={"form": form, "url": url, "project": text_of(at(part.data, *site.spec, "project"))},
    )  # fmt: skip


def _layers(site: _Site, local: str) -> tuple[Gathering, list[Remark]]:
    part, helm, remarks = site.part, site.helm, list[Remark]()
    gathering = Gathering(site.sources, "")
    line = part.line((*site.path, "helm"))
    optional = helm.get("ignoreMissingValueFiles") is True
    for name in map(text_of, _items(helm.get("valueFiles"))):
        if local and not name.startswith("$"):
            gathering.file(name, line, base=local, optional=optional)
        else:
            _value_file(site, gathering, name, line, optional=optional)
    inline, whole = helm.get("values"), helm.get("valuesObject")
    if isinstance(whole, dict) and whole:
        where = (*site.path, "helm", "valuesObject")
        if isinstance(inline, str) and inline.strip():
            message = "`values` beside `valuesObject`: Argo CD heeds the second only; the first was left alone"
            remarks.append(Remark("values-not-heeded", "note", part.line((*site.path, "helm", "values")), message))
        gathering.add(Values("map", part.source.path, part.index, where, part.line(where)))
    elif isinstance(inline, str) and inline.strip():
        where = (*site.path, "helm", "values")
        gathering.add(Values("text", part.source.path, part.index, where, part.line(where) + 1))
    if _items(helm.get("fileParameters")):
        gathering.missing(line, "fileParameters take values from files, which are not read")
    gathering.add(_parameters(site))
    return gathering, remarks


def _value_file(site: _Site, gathering: Gathering, name: str, line: int, *, optional: bool) -> None:
    """``$ref/path`` is a file of another source; anything else lies in the packed chart itself."""
    if not name.startswith("$"):
        if name.startswith("http"):
            gathering.file(name, line)
        elif not optional:
            gathering.missing(line, f"{name} is a file of the packed chart, which is not at hand")
        return
    ref, _, path = name[1:].partition("/")
    known = {text_of(one.get("ref")) for one in maps_of(at(site.part.data, *site.spec, "sources"))}
    if ref in known:
        gathering.file(path, line, base="", optional=optional)
    else:
        gathering.missing(line, f"{name}: no source has `ref: {ref}`")


def _parameters(site: _Site) -> Values | None:
    path = (*site.path, "helm", "parameters")
    pairs = [
        Pair(text_of(one.get("name")), word_of(one.get("value")), site.part.line((*path, index)),
             one.get("forceString") is True, index)
        for index, one in enumerate(maps_of(site.helm.get("parameters")))
    ]  # fmt: skip
    return pairs_values(site.part.source.path, site.part.index, path, site.part.line(path), pairs)


def _items(value: Yaml) -> list[Yaml]:
    return value if isinstance(value, list) else []


def _elements(site: _Site, reference: Reference) -> Iterator[Reference]:
    """One reference for each element of a list generator that names the chart or its version."""
    part = site.part
    plain = part.source.plain
    fields = {key: _FIELD.fullmatch(plain(text_of(site.data.get(key)))) for key in ("chart", "targetRevision")}
    if not any(fields.values()):
        yield reference
        return
    found = list(_list_elements(part))
    if part.source.marks:
        yield replace(reference, fixed="templates stand in it without quotes, so it is no YAML as it stands")
        return
    if not found:
        yield replace(reference, fixed="a generator names the chart or its version, and it is no list")
        return
    charts = {text_of(data.get(fields["chart"][1])) if fields["chart"] else reference.chart for _, data in found}
    for path, data in found:
        chart = text_of(data.get(fields["chart"][1])) if fields["chart"] else reference.chart
        version = text_of(data.get(fields["targetRevision"][1])) if fields["targetRevision"] else reference.version
        passed = _passed_values(site, path, data)
        shared = len(charts) > 1 and any(reference.chains) and passed is None
        yield replace(
            reference if passed is None else replace(reference, chains=passed),
            chart=chart,
            version=version,
            line=part.line(path),
            name=f"{reference.name} ({chart})",
            fixed="one template gives values to several charts: split it" if shared else "",
            fresh=_element_values(site, path, [p for p, _ in found]) if len(charts) > 1 else reference.fresh,
            details={
                **reference.details,
                "element": path,
                "all": [p for p, _ in found],
                "fields": {key: match[1] for key, match in fields.items() if match},
            },
        )


def _passed_values(site: _Site, element: YamlPath, data: Mapping[str, Yaml]) -> tuple[tuple[Values, ...], ...] | None:
    """The chains where the template's only values are a field of the element; None where they are not."""
    match = _FIELD.fullmatch(site.part.source.plain(text_of(site.helm.get("values"))))
    if match is None or any(site.helm.get(key) for key in ("valueFiles", "valuesObject", "parameters")):
        return None
    where = (*element, match[1])
    if not text_of(data.get(match[1])).strip():
        return ((),)
    return ((Values("text", site.part.source.path, site.part.index, where, site.part.line(where) + 1),),)


def _element_values(site: _Site, element: YamlPath, every: Sequence[YamlPath]) -> Values:
    """A field of the element for its values, which the template passes on; elements without values have none."""
    part, file = site.part, site.part.source.path
    also = [Change(file, part.index, Set((*other, "values"), ""), weak=True) for other in every if other != element]
    passed = Set((*site.path, "helm", "values"), "{{" + _dot(part) + "values}}")
    return Values(
        "text", file, part.index, (*element, "values"), part.line(element),
        also=(*also, Change(file, part.index, passed)),
    )  # fmt: skip


def _dot(part: Part) -> str:
    return "." if at(part.data, "spec", "goTemplate") is True else ""


def _list_elements(part: Part) -> Iterator[tuple[YamlPath, dict[str, Yaml]]]:
    for index, generator in enumerate(maps_of(at(part.data, "spec", "generators"))):
        for number, element in enumerate(maps_of(at(generator, "list", "elements"))):
            yield ("spec", "generators", index, "list", "elements", number), element


def retarget(reference: Reference, target: NewTarget, sources: Sources) -> Iterator[AnyChange]:
    """Name the new chart, its version and where it comes from; let projects allow that."""
    file, part, path = reference.file, reference.part, reference.path
    url = target.host if target.is_oci else target.repository
    if reference.details["form"] == "address":
        url = target.address
    if "element" in reference.details:
        yield from _retarget_element(reference, target, url, sources)
    else:
        yield Change(file, part, Set((*path, "repoURL"), url))
        yield Change(file, part, Set((*path, "targetRevision"), target.version))
        if reference.details["form"] == "named":
            yield Change(file, part, Set((*path, "chart"), target.name))
    yield from _allow(reference, url, sources)


def _retarget_element(reference: Reference, target: NewTarget, url: str, sources: Sources) -> Iterator[AnyChange]:
    """The element says what it differs in; the repository becomes a field of each."""
    details, file, part = reference.details, reference.file, reference.part
    fields, element = details["fields"], details["element"]
    assert isinstance(fields, dict) and isinstance(element, tuple)  # noqa: S101 - made above
    wanted = {"chart": target.name, "targetRevision": target.version}
    for key, value in wanted.items():
        where = (*element, fields[key]) if key in fields else (*reference.path, key)
        yield Change(file, part, Set(where, value))
    document = next(one for one in sources[file].parts if one.index == part)
    every = details["all"]
    assert isinstance(every, list)  # noqa: S101 - made above
    for other in every:
        mine = other == element
        yield Change(file, part, Set((*other, "repoURL"), url if mine else details["url"]), weak=not mine)  # type: ignore[arg-type]
    yield Change(file, part, Set((*reference.path, "repoURL"), "{{" + _dot(document) + "repoURL}}"))


def _allow(reference: Reference, url: str, sources: Sources) -> Iterator[AnyChange]:
    """The project of the Application, if it allows the old repository, allows the new one as well.

    Where a template says which project it is, that is each that allows the old one.
    """
    project = str(reference.details["project"])
    known = bool(project) and "{{" not in project and TEMPLATE_WORD not in project
    old = plain_address(str(reference.details["url"]))
    for source in sources.relevant():
        for part in source.parts:
            if part.group != _GROUP or part.kind != "AppProject" or (known and part.name() != project):
                continue
            allowed = [text_of(one) for one in _items(at(part.data, "spec", "sourceRepos"))]
            if any(plain_address(one) == old for one in allowed) and url not in allowed and "*" not in allowed:
                yield Append(source.path, part.index, ("spec", "sourceRepos"), url)


def write_pairs(values: Values, changes: PairChanges, source: Source) -> Iterator[AnyChange]:
    """``parameters``: a list of ``{name, value, forceString}``."""
    for index, pair in changes.changed.items():
        yield Change(values.file, values.part, Set((*values.path, index, "name"), pair.name))
        yield Change(values.file, values.part, Set((*values.path, index, "value"), pair.value))
        if pair.string:
            yield Change(values.file, values.part, Set((*values.path, index, "forceString"), True))
    for pair in changes.added:
        item: dict[str, Yaml] = {"name": pair.name, "value": pair.value}
        yield Append(values.file, values.part, values.path, item | ({"forceString": True} if pair.string else {}))
    for index in sorted(changes.removed, reverse=True):
        yield Change(values.file, values.part, Delete((*values.path, index)))
