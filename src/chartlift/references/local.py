"""Values that references give to charts of the same repository: an Application whose ``path`` is an umbrella chart.

They belong to that chart's plan: what it says of a dependency's values has to move with the dependency, or it would be
ignored without a word. So a chart is planned with them as overlays, and they are written back where they stand.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from chartlift.chart.discover import Input
from chartlift.errors import ChartliftError, EditRefused
from chartlift.plan.files import External
from chartlift.plan.names import NameChange
from chartlift.records import ChartRecord, Finding, Place
from chartlift.references.apply import apply_changes
from chartlift.references.carriers import changes_of, layer_of, text_of_values
from chartlift.references.elsewhere import Gone, pods_of
from chartlift.references.formats import FORMATS, find_local
from chartlift.references.records import AnyChange, Reference, Values
from chartlift.references.repository import Repository
from chartlift.references.sources import has_template, lone_templates
from chartlift.settings import Settings

RULE = "values-elsewhere"


@dataclass(frozen=True, slots=True)
class Outside:
    """What the references of a repository set for one chart of it."""

    repository: Repository
    home: str
    references: tuple[Reference, ...]


class Around:
    """A repository around the charts of one run: each chart is told what stands outside of it, as it is by then."""

    def __init__(self, source: Input, settings: Settings) -> None:
        out = settings.output
        self.source = source
        self.out = out / source.path.resolve().name if out is not None else None
        self.repository = Repository.open(source.path, self.out, settings.excludes)
        self.gone = Gone()
        self._found: dict[str, Outside] | None = None

    def of(self, chart: Input) -> Outside | None:
        """What stands outside of a chart; None where nothing does."""
        if chart.kind != "chart" or chart.base != self.source.path:
            return None
        if self._found is None:
            self._found = find_outside(self.repository)
        return self._found.get(chart.relative)

    def note(self, chart: Input, names: Sequence[NameChange], done: Sequence[ChartRecord]) -> None:
        """What a chart took away that other files may speak of."""
        self.gone.pods += pods_of([record.verification.pods for record in done])
        if names:
            releases = {one.release for one in find_local(self.repository) if one.local == chart.relative}
            for release in sorted(filter(None, releases)):
                self.gone.take(release, names)

    def update(self, texts: Mapping[str, bytes | None]) -> None:
        """Files that were written: offsets in them are others now."""
        self.repository.update(texts)
        self._found = None


def find_outside(repository: Repository) -> dict[str, Outside]:
    """By the chart's directory, relative to the root; only references that set something."""
    found: dict[str, list[Reference]] = {}
    for reference in find_local(repository):
        if any(reference.chains) or reference.unread:
            found.setdefault(reference.local, []).append(reference)
    return {home: Outside(repository, home, tuple(some)) for home, some in found.items()}


def external_layers(outside: Outside, own: Sequence[str]) -> tuple[list[External], list[Finding]]:
    """The layers beyond the chart's own files, each over its chain; and what cannot be read.

    ``own`` are the chart's values files that are planned anyway, its ``values.yaml`` first.
    """
    indices = {name: index for index, name in enumerate(own)}
    made: dict[tuple[object, ...], External] = {}
    findings = [
        _unread(reference, one.line, one.message) for reference in outside.references for one in reference.unread
    ]
    for reference in outside.references:
        for chain in reference.chains:
            below: tuple[int, ...] = (0,)
            for values in chain:
                name = _own_name(outside, values)
                if name in indices:
                    below = below if indices[name] == 0 else (*below, indices[name])
                    continue
                try:
                    below = _take(outside, reference, values, below, made, len(own))
                except ChartliftError as error:
                    findings.append(_unread(reference, values.line, str(error)))
                    break
    return list(made.values()), findings


def _take(
    outside: Outside,
    reference: Reference,
    values: Values,
    below: tuple[int, ...],
    made: dict[tuple[object, ...], External],
    first: int,
) -> tuple[int, ...]:
    key = (*below, values.id)
    if key not in made:
        layer = layer_of(values, outside.repository, below)
        if lone_templates(text_of_values(values, outside.repository)):
            raise EditRefused("they hold template expressions on lines of their own", file=values.file)
        # Places are told relative to the chart.
        layer.file = posixpath.relpath(layer.file, outside.home)
        label = f"{reference.title} ({reference.file})"
        made[key] = External(label, layer, first + len(made), (values, reference.format))
    return (*below, made[key].index)


def templated_keys(external: External) -> set[str]:
    """The keys of values that hold templates: what becomes of them may hang on what these give."""
    data = external.layer.document.data
    values = external.origin[0]
    terraform = isinstance(values, Values) and values.terraform
    table = data if isinstance(data, dict) else {}
    return {key for key, value in table.items() if has_template(value, terraform=terraform)}


def templated(external: External, key: str) -> Finding:
    """Values of a switched dependency that another tool puts in."""
    what = f"{external.label} sets values below {key} by template expressions, which were carried as text"
    place = external.layer.place((key,))
    return Finding(RULE, "error", what, place, "Look at what became of them, then accept this.")


def _own_name(outside: Outside, values: Values) -> str:
    """The name of a values file inside the chart; empty for all else."""
    prefix = f"{outside.home}/"
    return values.file.removeprefix(prefix) if values.kind == "file" and values.file.startswith(prefix) else ""


def _unread(reference: Reference, line: int, message: str) -> Finding:
    what = f"{reference.title} gives this chart values that were not converted: {message}"
    place = Place(posixpath.relpath(reference.file, reference.local), line)
    return Finding(RULE, "error", what, place, "Convert them by hand, then accept this.")


def external_texts(outside: Outside, layers: Sequence[External]) -> Mapping[str, str]:
    """The new text of each file that holds such values. Errors (``EditRefused``), with the file."""
    changes = [change for one in layers for change in _changes(outside, one)]
    return apply_changes(outside.repository, changes)


def _changes(outside: Outside, external: External) -> Iterator[AnyChange]:
    values, name = external.origin
    assert isinstance(values, Values)  # noqa: S101 - put there above
    yield from changes_of(values, external.layer, outside.repository, FORMATS[name])
