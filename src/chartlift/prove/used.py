"""What becomes of the values that people set most: each is set to something telling and converted.

No chart is rendered. A key counts as often as it was seen set (``mapping.usage``), so that a value which
half of all users need weighs more than a hundred that nobody touches. Names and tags of images are left
out: the hardened images take their place, and ``mappings coverage --images`` counts those.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from chartlift.images.vendors import load_vendors
from chartlift.mapping.engine import Given, convert
from chartlift.mapping.load import Mappings
from chartlift.mapping.model import Mapping as MappingFile
from chartlift.mapping.surfaces import Surface, source_surface, target_surface
from chartlift.mapping.usage import Usage
from chartlift.prove.surroundings import surroundings
from chartlift.prove.telling import telling_value
from chartlift.records import USER_FATES, Fate, Yaml, YamlPath, format_path
from chartlift.yamltext.paths import parse_path, set_in

CARRIED: tuple[Fate, ...] = ("kept", "moved", "changed")
_IMAGE_FIELDS = ("registry", "repository", "tag", "digest")
_MISSING = object()


@dataclass(frozen=True, slots=True)
class UsedKey:
    """A key, in how many places it is set, what becomes of it, and why if it does not go along."""

    path: YamlPath
    count: int
    fate: Fate
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Used:
    """One mapping held against what users set, keys in the order of use."""

    mapping: str
    usage: Usage
    keys: tuple[UsedKey, ...] = field(repr=False)

    def count(self, *fates: Fate) -> int:
        """How many settings, a key once for each place, have one of the fates."""
        return sum(key.count for key in self.keys if key.fate in fates)


def use(mappings: Mappings, usages: Sequence[Usage]) -> Iterator[Used]:
    """Every mapping onto another chart for which there are figures."""
    for mapping_id in mappings.ids():
        mapping = mappings.get(mapping_id)
        if mapping is None or mapping.target is None:
            continue
        for usage in usages:
            if (usage.vendor, usage.chart) == (mapping.source.vendor, mapping.source.chart):
                yield Used(mapping.id, usage, tuple(_keys(mapping, usage)))


def _keys(mapping: MappingFile, usage: Usage) -> Iterator[UsedKey]:
    surfaces = [(version, source_surface(mapping, version)) for version in mapping.source.tested]
    bundled = {one.values for one in mapping.bundled}
    together = load_vendors().conventions(mapping.source.vendor).together
    for number, (key, count) in enumerate(usage.keys.items()):
        path = parse_path(key)
        known = next(((v, surface) for v, surface in surfaces if path in surface.defaults), None)
        if known is None or path[0] in bundled or _names_image(path):
            continue
        version, surface = known
        telling = mapping.proof.values.get(key, _MISSING)
        if telling is _MISSING:
            telling = telling_value(path, surface.defaults[path], number)
        values = set_in(surroundings(surface, path, mapping.proof, together), path, telling)  # type: ignore[arg-type]
        yield UsedKey(path, count, *_fate(mapping, version, surface, path, values))


def _names_image(path: YamlPath) -> bool:
    return len(path) > 1 and path[-1] in _IMAGE_FIELDS and str(path[-2]).lower().endswith("image")


def _fate(mapping: MappingFile, version: str, surface: Surface, path: YamlPath, values: Yaml) -> tuple[Fate, str]:
    assert isinstance(values, dict)  # noqa: S101 - a value below a map
    converted = convert(
        mapping,
        version=version,
        source=surface,
        target=target_surface(mapping),
        layers=[Given(values, {})],
        name=mapping.source.chart,
        release="used",
    )
    spoken = [o for o in converted.layers[0].outcomes if o.source is not None and o.source[: len(path)] == path]
    counted = Counter(outcome.fate for outcome in spoken)
    fate: Fate = next((fate for fate in (*CARRIED, *USER_FATES) if counted[fate]), "unmapped")
    reason = next((" ".join(o.reason.split()) for o in spoken if o.fate == fate and o.reason), "")
    return fate, reason


USED_HEADINGS = ("mapping", "places", "settings", "carried", "dropped", "manual", "unmapped")


def used_row(one: Used) -> tuple[str, ...]:
    """Cells of a table, in the order of ``USED_HEADINGS``."""
    total, carried = one.count(*USER_FATES), one.count(*CARRIED)
    share = f"{carried} ({100 * carried / total:.0f} %)" if total else "0"
    others = (str(one.count(fate)) for fate in ("dropped", "manual", "unmapped"))
    return (one.mapping, str(one.usage.places), str(total), share, *others)


def describe_keys(one: Used) -> Iterator[str]:
    """A line for each key, most-set first: how often, where, what becomes of it and why."""
    for key in one.keys:
        said = f": {key.reason}" if key.reason and key.fate not in CARRIED else ""
        yield f"  {key.count:>4}  {format_path(key.path)} [{key.fate}]{said}"
