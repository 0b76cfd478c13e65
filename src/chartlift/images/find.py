"""Find every image in a values document, whatever its shape, with the chart's defaults below it.

A values file often sets only a part (``image.tag``); what it means follows from the defaults at the
same path, from ``global.imageRegistry`` (Bitnami's ``common.images.image``: the global wins), and
from ``appVersion`` where the tag is empty (what ``helm create`` writes).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from chartlift.images.found import (
    FoundImage,
    Known,
    KnowsNothing,
    RegistryFrom,
    Shape,
    Slot,
    TagFrom,
    scalar_text,
)
from chartlift.images.reference import ImageReference, parse_reference
from chartlift.images.scan import (
    TextImage,
    find_chart_annotation_images,
    find_template_images,
    scan_text,
    text_image,
)
from chartlift.images.shapes import Candidate, digest_text, find_candidates, is_image_key
from chartlift.records import Yaml, YamlPath

__all__ = [
    "FoundImage",
    "Known",
    "Shape",
    "TextImage",
    "find_chart_annotation_images",
    "find_images",
    "find_template_images",
]

_NOTHING = KnowsNothing()


def find_images(
    data: Yaml,
    *,
    app_version: str | None = None,
    defaults: Yaml = None,
    known: Known = _NOTHING,
    global_registry: str = "",
    every: bool = False,
) -> list[FoundImage]:
    """Find the images that ``data`` writes, or takes part in writing, in document order.

    ``defaults`` are the chart's own values at the same root. ``known`` proves an image inside text.
    ``global_registry`` is ``global.imageRegistry`` where ``data`` is a part of the values; a
    ``global`` in ``data`` itself goes first. With ``every`` the images that only the defaults name are
    given too (their ``written`` is empty).
    """
    merged = _merge(defaults, data)
    own = _global_registry(merged)
    search = _Search(known, app_version or "", own or global_registry, every)
    return list(search.walk((), "", merged, data, can_write=True))


def _merge(below: Yaml, above: Yaml) -> Yaml:
    """What Helm makes of values over defaults: maps merge, all else replaces, null removes."""
    if not isinstance(above, dict):
        return below if above is None else above
    if not isinstance(below, dict):
        return above
    merged = {key: _merge(value, above.get(key)) for key, value in below.items() if above.get(key, 0) is not None}
    return merged | {key: value for key, value in above.items() if key not in below}


def _global_registry(merged: Yaml) -> str:
    section = merged.get("global") if isinstance(merged, dict) else None
    registry = section.get("imageRegistry") if isinstance(section, dict) else None
    return registry if isinstance(registry, str) else ""


@dataclass(frozen=True, slots=True)
class _Search:
    known: Known
    app_version: str
    global_registry: str
    every: bool

    def walk(self, path: YamlPath, parent: str, merged: Yaml, data: Yaml, *, can_write: bool) -> Iterator[FoundImage]:
        """``merged`` is what Helm sees at ``path``; ``data`` what this document writes there."""
        if data is None and not self.every:
            return
        if isinstance(merged, dict):
            own = data if isinstance(data, dict) else {}
            yield from self._map(path, parent, merged, own, can_write=can_write)
        elif isinstance(merged, list):
            own_list = data if isinstance(data, list) else []
            for index, item in enumerate(merged):
                below = own_list[index] if index < len(own_list) else None
                yield from self._item((*path, index), parent, item, below, can_write=can_write and bool(own_list))
        elif isinstance(merged, str):
            yield from self._text(path, merged, can_write=can_write)

    def _item(self, path: YamlPath, parent: str, merged: Yaml, data: Yaml, *, can_write: bool) -> Iterator[FoundImage]:
        """A list item; below an image key (``images: [repository:tag]``) a string is an image."""
        if isinstance(merged, str) and is_image_key(parent):
            reference = parse_reference(merged)
            if reference is not None and ("/" in merged or reference.tag or reference.digest):
                yield self._found(
                    path[:-1], Candidate("string", {"whole": ""}), path, {"": merged}, {"": data}, can_write
                )
                return
        yield from self.walk(path, parent, merged, data, can_write=can_write)

    def _map(
        self, path: YamlPath, parent: str, merged: Mapping[str, Yaml], own: Mapping[str, Yaml], *, can_write: bool
    ) -> Iterator[FoundImage]:
        taken: set[str] = set()
        for candidate in find_candidates(merged, parent, self.known):
            taken.update(candidate.keys.values())
            found = self._found(path, candidate, None, merged, own, can_write)
            if found.written or self.every:
                yield found
        for key, value in merged.items():
            if key not in taken:
                yield from self.walk((*path, key), key, value, own.get(key), can_write=can_write)

    def _text(self, path: YamlPath, text: str, *, can_write: bool) -> Iterator[FoundImage]:
        for image in scan_text(text, self.known):
            yield text_image(path, text, image, can_write=can_write)

    def _found(
        self,
        path: YamlPath,
        candidate: Candidate,
        whole: YamlPath | None,
        merged: Mapping[str, Yaml],
        own: Mapping[str, Yaml],
        can_write: bool,
    ) -> FoundImage:
        keys = candidate.keys
        values: dict[Slot, str] = {slot: scalar_text(merged.get(key)) for slot, key in keys.items()}
        written = frozenset(slot for slot, key in keys.items() if own.get(key) is not None)
        reference, tag_from, registry_from = self._read(values, written)
        holder = path if "whole" not in keys else whole or (*path, keys["whole"])
        return FoundImage(
            path=holder,
            shape=candidate.shape,
            slots={slot: whole or (*path, key) for slot, key in keys.items()},
            reference=reference,
            tag_from=tag_from,
            registry_from=registry_from,
            values={slot: value for slot, value in values.items() if keys[slot] in merged},
            written=written,
            can_write=can_write,
        )

    def _read(
        self, values: Mapping[Slot, str], written: frozenset[Slot]
    ) -> tuple[ImageReference | None, TagFrom, RegistryFrom]:
        """Put the parts together the way charts do, and say where tag and registry came from."""
        if "whole" in values:
            reference = parse_reference(values["whole"])
            has_registry = reference is not None and bool(reference.registry)
            has_tag = reference is not None and bool(reference.tag)
            return reference, "value" if has_tag else "none", "repository" if has_registry else "none"
        registry, registry_from = self._registry(values, written)
        tag, tag_from = self._tag(values, written)
        tag, _, inner = tag.partition("@")
        name = "/".join(part for part in (registry.strip("/"), values["repository"]) if part)
        digest = digest_text(inner) or digest_text(values.get("digest", ""))
        text = name + (f":{tag}" if tag else "") + (f"@{digest}" if digest else "")
        reference = parse_reference(text)
        if reference is not None and registry_from == "none" and reference.registry:
            registry_from = "repository"
        return reference, tag_from, registry_from

    def _registry(self, values: Mapping[Slot, str], written: frozenset[Slot]) -> tuple[str, RegistryFrom]:
        if "registry" not in values:
            return "", "none"
        if self.global_registry:
            return self.global_registry, "global"
        if not values["registry"]:
            return "", "none"
        return values["registry"], "value" if "registry" in written else "default"

    def _tag(self, values: Mapping[Slot, str], written: frozenset[Slot]) -> tuple[str, TagFrom]:
        tag = values.get("tag", "")
        if tag:
            return tag, "value" if "tag" in written else "default"
        return (self.app_version, "appVersion") if self.app_version else ("", "none")
