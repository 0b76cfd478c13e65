"""Images outside charts: in plain manifests, and in the ``images`` of a kustomization.

Only the source vendor's are moved: a manifest of one's own was written for the image it names. An image that a
kustomization sets is moved there, since its ``name`` has to go on matching the manifest.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from dataclasses import dataclass

from chartlift.images.choose import ImageChoice
from chartlift.images.reference import ImageReference, parse_reference
from chartlift.images.scan import find_template_images
from chartlift.plan.files import Splice
from chartlift.plan.images import ImagePlanner, ImageTally
from chartlift.records import Place, Yaml
from chartlift.references.kustomize import FILES
from chartlift.references.records import AnyChange, Change, TextChange
from chartlift.references.repository import YAML_ENDINGS, Repository
from chartlift.references.sources import Part, Source, maps_of, text_of
from chartlift.yamltext.edit import Delete, Set

_NOT_HERE = "an `images` entry of {} sets it, and matches it by this name"


@dataclass(frozen=True, slots=True)
class _Finder:
    """Looks for the source vendor's images and says what they become."""

    planner: ImagePlanner
    tally: ImageTally
    set_elsewhere: dict[str, str]

    def is_vendors(self, reference: ImageReference) -> bool:
        return self.planner.is_source(reference)

    def knows(self, reference: ImageReference) -> bool:
        return self.planner.images.knows(reference)


def plan_manifests(repository: Repository, planner: ImagePlanner) -> tuple[list[AnyChange], ImageTally]:
    """The changes of plain manifests and kustomizations, and the images they name."""
    tally = ImageTally()
    finder = _Finder(planner, tally, {})
    changes: list[AnyChange] = []
    files = [path for path in repository.asked() if path.endswith(YAML_ENDINGS) or posixpath.basename(path) in FILES]
    words = planner.images.vendors.image_words(planner.options.source_prefixes)
    named = [path for path in files if any(word in repository.text(path) for word in words)]
    for path in named:
        if posixpath.basename(path) in FILES:
            changes += _kustomization(repository, path, finder)
    for path in named:
        if posixpath.basename(path) not in FILES and not repository.in_chart(path):
            changes += _manifest(repository, path, finder)
    return changes, tally


def _kustomization(repository: Repository, path: str, finder: _Finder) -> Iterator[AnyChange]:
    source = repository.try_read(path)
    for part in source.parts if source else ():
        for index, entry in enumerate(maps_of(part.data.get("images"))):
            name = text_of(entry.get("name"))
            named, reference = parse_reference(name), parse_reference(_written(entry, name))
            if named is not None and finder.is_vendors(named):
                finder.set_elsewhere[name] = path
            if reference is None or not finder.is_vendors(reference):
                continue
            choice = finder.planner.choose_for(reference, finder.planner.need())
            finder.tally.note(str(reference), choice, Place(path, part.line(("images", index)), f"images[{index}]"))
            if choice.status == "mapped" and choice.target is not None:
                yield from _entry(part, index, entry, choice.target)


def _written(entry: dict[str, Yaml], name: str) -> str:
    tag = text_of(entry.get("newTag"))
    return (text_of(entry.get("newName")) or name) + (f":{tag}" if tag else "")


def _entry(part: Part, index: int, entry: dict[str, Yaml], target: ImageReference) -> Iterator[AnyChange]:
    path = ("images", index)
    wanted = {"newName": target.name, "newTag": target.tag, "digest": target.digest}
    for key, value in wanted.items():
        if value:
            yield Change(part.source.path, part.index, Set((*path, key), value))
        elif key in entry:
            yield Change(part.source.path, part.index, Delete((*path, key)))


def _manifest(repository: Repository, path: str, finder: _Finder) -> Iterator[AnyChange]:
    """Literal images of Kubernetes objects; a file that is a template is edited where the image is literal."""
    source = repository.try_read(path)
    if source is None or not any(part.kind and part.group != "argoproj.io" for part in source.parts):
        return
    for found in find_template_images(source.text, known=finder):
        part = _part_at(source, found.start)
        if (
            part is None
            or not part.kind
            or part.data.get("apiVersion") is None
            or not finder.is_vendors(found.reference)
        ):
            continue
        place = Place(path, found.line)
        choice = _choice(finder, found.reference)
        finder.tally.note(str(found.reference), choice, place)
        if choice.status == "mapped" and choice.target is not None:
            yield TextChange(path, Splice(found.start, found.end, str(choice.target)))


def _choice(finder: _Finder, reference: ImageReference) -> ImageChoice:
    names = {reference.name, str(reference.normalised().name), reference.name.removeprefix("docker.io/")}
    elsewhere = next((finder.set_elsewhere[name] for name in sorted(names) if name in finder.set_elsewhere), None)
    if elsewhere is not None:
        return ImageChoice(None, "kept", _NOT_HERE.format(elsewhere), None, ())
    return finder.planner.choose_for(reference, finder.planner.need())


def _part_at(source: Source, offset: int) -> Part | None:
    return next((part for part in source.parts if part.start <= offset < part.end), None)
