"""The shapes in which charts write an image as values, told from maps that only look like one.

There is no standard: Bitnami splits registry, repository, tag and digest; others write one string, a
string beside a tag, or flat keys. A ``repository:`` alone proves nothing (git, backups, chart
repositories: vmware-labs/distribution-tooling-for-helm#112), so each shape asks for a second sign.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from chartlift.images.found import Known, Shape, Slot
from chartlift.images.reference import is_digest, is_tag, parse_reference
from chartlift.records import Yaml

_NAMED = re.compile(r"^(?P<base>.*image)(?P<join>[_-]?)(?P<part>repository|repo|name)$", re.IGNORECASE)
_IMAGE_KEY = re.compile(r"image$", re.IGNORECASE)
_NO_IMAGE = re.compile(r"pull|credential|secret", re.IGNORECASE)
_SIGNS = frozenset({"registry", "pullPolicy", "imagePullPolicy", "pullSecrets", "imagePullSecrets", "digest"})
_FOREIGN = frozenset(
    [
        "branch",
        "revision",
        "url",
        "ref",
        "chart",
        "index",
        "bucket",
        "sshKey",
        "sshPrivateKey",
        "credentials",
        "password",
        "s3",
        "path",
    ]
)
"""Beside ``repository`` these speak of git, a backup or a chart, unless a ``registry`` is there too."""
_FILE = re.compile(r"\.(?:png|svg|jpe?g|gif|ico|webp|iso|qcow2|img|raw)$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Candidate:
    """One image in a map: its shape and the key that each part has, or would have, there."""

    shape: Shape
    keys: Mapping[Slot, str]


def is_image_key(key: str) -> bool:
    """Whether a key's name speaks of an image: ``image``, ``initImage``, ``images``; not of its secret."""
    return "image" in key.lower() and not _NO_IMAGE.search(key)


def find_candidates(merged: Mapping[str, Yaml], parent: str, known: Known) -> Iterator[Candidate]:
    """Find the images that a map writes with its own keys. ``parent`` is the key the map stands at."""
    plain = _plain(merged, parent, known)
    if plain is not None:
        yield plain
    for key, value in merged.items():
        if not isinstance(value, str) or not value or (plain and key in plain.keys.values()):
            continue
        flat = _NAMED.match(key)
        if flat:
            yield from _flat(merged, flat)
        elif _IMAGE_KEY.search(key):
            yield from _string(merged, key, value, known)


def _plain(merged: Mapping[str, Yaml], parent: str, known: Known) -> Candidate | None:
    """``registry``/``repository``/``tag``/``digest``, or ``name`` for ``repository`` below an image key."""
    key = next((k for k in ("repository", "repo", "name") if _text(merged, k)), None)
    if key is None:
        return None
    value = _text(merged, key)
    if key != "repository" and not is_image_key(parent):
        return None
    if key == "name" and not _is_named(merged, value):
        return None
    if not is_image_key(parent) and not _is_proven(merged, value, known):
        return None
    if "://" in value or value.endswith(".git") or value.startswith(("/", ".", "git@")):
        return None
    return Candidate("map", _plain_keys(merged, key, value))


def _is_named(merged: Mapping[str, Yaml], value: str) -> bool:
    """Whether ``name`` is the repository, and not the label of an entry in a list of images."""
    if "image" in merged or "newTag" in merged or "newName" in merged:
        return False
    return "/" in value or bool((_SIGNS | {"tag"}) & merged.keys())


def _plain_keys(merged: Mapping[str, Yaml], repository: str, value: str) -> dict[Slot, str]:
    inner = parse_reference(value)
    if inner is not None and (inner.tag or inner.digest) and not _scalar(merged, "tag"):
        return {"whole": repository}
    keys: dict[Slot, str] = {"repository": repository, "tag": "tag"}
    if "registry" in merged:
        keys["registry"] = "registry"
    keys["digest"] = "sha" if "sha" in merged and "digest" not in merged else "digest"
    return keys


def _is_proven(merged: Mapping[str, Yaml], value: str, known: Known) -> bool:
    """Whether a map away from any image key is one: by its siblings, or because its value is known."""
    if _FOREIGN & merged.keys() and "registry" not in merged:
        return False
    if _SIGNS & merged.keys():
        return True
    if "tag" in merged and is_tag(_scalar(merged, "tag") or "x"):
        return True
    reference = parse_reference(value)
    return reference is not None and "/" in reference.name and known.knows(reference)


def _flat(merged: Mapping[str, Yaml], match: re.Match[str]) -> Iterator[Candidate]:
    """``imageRepository`` beside ``imageTag``, ``initImageName`` beside ``initImageTag``."""
    value = _text(merged, match[0])
    tag = _sibling(merged, match, "tag")
    repository = parse_reference(value)
    if repository is None or (tag is None and "/" not in value):
        return
    if tag is None and (repository.tag or repository.digest):
        yield Candidate("sibling", {"whole": match[0]})
        return
    keys: dict[Slot, str] = {"repository": match[0], "tag": tag or _spell(match, "tag")}
    for slot in ("registry", "digest"):
        found = _sibling(merged, match, slot)
        if found is not None:
            keys[slot] = found
    yield Candidate("sibling", keys)


def _sibling(merged: Mapping[str, Yaml], match: re.Match[str], part: str) -> str | None:
    """The key of the same image that holds another part, in the map's own spelling."""
    wanted = f"{match['base']}{match['join']}{part}".lower()
    return next((key for key in merged if key.lower() == wanted), None)


def _spell(match: re.Match[str], part: str) -> str:
    """Spell a key that is not there yet like the one that is."""
    return f"{match['base']}{match['join']}{part if match['part'].islower() else part.capitalize()}"


def _string(merged: Mapping[str, Yaml], key: str, value: str, known: Known) -> Iterator[Candidate]:
    """``image: repository:tag`` as one string, or ``image: repository`` beside a tag."""
    reference = parse_reference(value)
    if reference is None or _FILE.search(value):
        return
    tag = next((name for name in _tag_keys(key) if _has_text(merged, name)), None)
    if tag is not None and not reference.tag and not reference.digest:
        yield Candidate("sibling", _sibling_keys(merged, key, tag))
    elif reference.tag or reference.digest or "/" in value or key == "image" or known.knows(reference):
        yield Candidate("string", {"whole": key})


def _sibling_keys(merged: Mapping[str, Yaml], key: str, tag: str) -> dict[Slot, str]:
    keys: dict[Slot, str] = {"repository": key, "tag": tag}
    own = ("registry", "digest") if key == "image" else ()
    for slot in ("registry", "digest"):
        names = (f"{key}{slot.capitalize()}", f"{key}_{slot}", *(s for s in own if s == slot))
        found = next((name for name in names if name in merged), None)
        if found is not None:
            keys[slot] = found
    return keys


def _tag_keys(key: str) -> tuple[str, ...]:
    names = (f"{key}Tag", f"{key}_tag", f"{key}-tag")
    if key.lower() == "image":
        return (*names, "tag")
    return (*names, re.sub(r"_?-?image$", "", key, flags=re.IGNORECASE) + "Tag")


def _text(merged: Mapping[str, Yaml], key: str) -> str:
    value = merged.get(key)
    return value if isinstance(value, str) else ""


def _has_text(merged: Mapping[str, Yaml], key: str) -> bool:
    """Whether the key is there with a scalar that can be a tag: text, a number, or nothing yet."""
    return key in merged and not isinstance(merged[key], dict | list | bool)


def _scalar(merged: Mapping[str, Yaml], key: str) -> str:
    value = merged.get(key)
    return str(value) if isinstance(value, str | int | float) and not isinstance(value, bool) else ""


def digest_text(value: str) -> str:
    """A digest as a reference writes it; charts with a ``sha`` key leave ``sha256:`` away."""
    if re.fullmatch(r"[0-9a-f]{64}", value):
        return f"sha256:{value}"
    return value if is_digest(value) else ""
