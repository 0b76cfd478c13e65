"""Read the rewritten files again, and hold what they say against what was planned (design, invariant 3).

The references are looked for anew in the new texts: each that was converted has to name the new chart, and its values
have to be the planned ones, in the same order.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

from chartlift.errors import BrokenInvariant, ChartliftError
from chartlift.plan.options import Options
from chartlift.records import Yaml
from chartlift.references.carriers import layer_of, written_data
from chartlift.references.convert import Converted, target_of
from chartlift.references.formats import find_references
from chartlift.references.grouping import chains_of
from chartlift.references.records import Reference, Sources, Values
from chartlift.references.sources import Source, read_source
from chartlift.yamltext.edit import same_yaml


class Rewritten:
    """The repository as it will be: the new texts over the old files."""

    def __init__(self, sources: Sources, texts: Mapping[str, str]) -> None:
        self.sources = sources
        self.texts = texts
        self.read = {path: read_source(path, text) for path, text in texts.items()}

    def paths(self) -> Collection[str]:
        return self.sources.paths()

    def __contains__(self, path: object) -> bool:
        return path in self.sources

    def __getitem__(self, path: str) -> Source:
        return self.read[path] if path in self.read else self.sources[path]

    def relevant(self) -> Iterator[Source]:
        for source in self.sources.relevant():
            yield self.read.get(source.path, source)

    def try_read(self, path: str) -> Source | None:
        return self.read[path] if path in self.read else self.sources.try_read(path)

    def text(self, path: str) -> str:
        return self.texts[path] if path in self.texts else self.sources.text(path)


def check_rewritten(
    converted: Sequence[Converted],
    found: Sequence[Reference],
    sources: Sources,
    texts: Mapping[str, str],
    options: Options,
) -> None:
    """Errors (``BrokenInvariant``): a reference or its values are not what was planned."""
    if not texts:
        return
    after = Rewritten(sources, texts)
    again = find_references(after)
    old, new = _numbered(found), _numbered(again)
    wanted = {id(reference): key for key, reference in old.items()}
    for one in converted:
        for index, reference in enumerate(one.group.references):
            now = new.get(wanted[id(reference)])
            if now is None:
                raise BrokenInvariant(f"{reference.file}: {reference.title} is not there any more")
            _check(one, index, reference, now, after, options)


def _numbered(found: Sequence[Reference]) -> dict[tuple[str, str, int], Reference]:
    """References by their file and kind, counted: names and lines may change, the order does not."""
    counts: dict[tuple[str, str], int] = {}
    keys = {}
    for reference in sorted(found, key=lambda one: (one.file, one.line, one.format)):
        key = (reference.file, reference.kind)
        counts[key] = counts.get(key, 0) + 1
        keys[(*key, counts[key])] = reference
    return keys


def _check(
    one: Converted, index: int, reference: Reference, now: Reference, after: Rewritten, options: Options
) -> None:
    target = target_of(one.group.unit, options)
    if target is not None and (now.chart, now.version) != (target.name, target.version):
        raise BrokenInvariant(f"{reference.file}: {reference.title} names {now.chart} {now.version}")
    planned = [_merged(_planned(one, chain, after)) for chain in one.group.paths[index]]
    try:
        written = [_merged(_written(chain, after)) for chain in chains_of(now)]
    except ChartliftError as error:
        raise BrokenInvariant(f"{reference.file}: {reference.title}: {error}") from error
    if not all(any(same_yaml(plan, found) for found in written) for plan in planned):
        raise BrokenInvariant(f"{reference.file}: the values of {reference.title} are not what was planned")


def _planned(one: Converted, chain: Sequence[int], after: Rewritten) -> list[Yaml]:
    values = [one.group.nodes[number].values for number in chain]
    return [
        written_data(some, one.layers[number].data, after.sources, new=True)
        for some, number in zip(values, chain, strict=True)
    ]


def _written(chain: Sequence[Values], after: Rewritten) -> list[Yaml]:
    return [written_data(values, layer_of(values, after, ()).data, after) for values in chain]


def _merged(layers: Sequence[Yaml]) -> Yaml:
    from chartlift.chart.values import merge_layers

    return merge_layers([layer for layer in layers if isinstance(layer, dict)])
