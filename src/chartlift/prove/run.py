"""``mappings prove``: for each value of the source chart, does its effect arrive in the target chart?

A telling value is set under the switches it needs; the source is rendered without and with it. If that
does anything, the two are converted, the target is rendered the same way, and the effect has to arrive,
or the ledger has to say why not. What neither arrives nor is explained is lost (design, invariant 1).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from chartlift.errors import ChartliftError
from chartlift.mapping.engine import Conversion, Given, convert
from chartlift.mapping.model import Mapping as MappingFile
from chartlift.mapping.surfaces import Surface, source_surface, target_surface
from chartlift.prove.effect import Effect, Fields, effect_of, fields_of
from chartlift.prove.surroundings import surroundings
from chartlift.prove.telling import marks_of, telling_value
from chartlift.records import Yaml, YamlPath, format_path
from chartlift.verify.engine import Engine, RenderFailed, RenderRequest
from chartlift.verify.objects import read_objects
from chartlift.yamltext.paths import get_in, parse_path, set_in

State = Literal["arrived", "explained", "lost", "no-effect", "not-rendered"]
STATES: tuple[State, ...] = ("arrived", "explained", "lost", "no-effect", "not-rendered")
_MISSING = object()


@dataclass(frozen=True, slots=True)
class Proof:
    """What became of one value; ``reason`` is the ledger's for an explained one."""

    path: YamlPath
    state: State
    fate: str = ""
    reason: str = ""
    effect: tuple[str, ...] = ()
    """Some fields that the value changed in the source."""


@dataclass(frozen=True, slots=True)
class Sides:
    """The charts to render, ready with their dependencies, and the mapping between them."""

    mapping: MappingFile
    version: str
    source: Path
    target: Path
    engine: Engine = field(repr=False)
    together: Mapping[str, Mapping[str, Yaml]] = field(default_factory=dict)
    """Maps of the source's vendor whose values do nothing alone."""
    release: str = "proof"


def prove(sides: Sides, only: str = "", progress: Callable[[], None] = lambda: None) -> Iterator[Proof]:
    """Prove every leaf of the source version's values; ``only`` restricts to paths that begin so."""
    surface = source_surface(sides.mapping, sides.version)
    bundled = {bundled.values for bundled in sides.mapping.bundled}
    paths = [path for path in surface.defaults if path[0] not in bundled and format_path(path).startswith(only)]
    render = _Renders(sides, surface)
    render.learn(_always(sides.mapping))

    def one(item: tuple[int, YamlPath]) -> Proof:
        found = _prove_one(sides, surface, render, *item)
        progress()
        return found

    with ThreadPoolExecutor(max_workers=max(1, sides.engine.jobs)) as pool:
        yield from pool.map(one, enumerate(paths))


def _always(mapping: MappingFile) -> dict[str, Yaml]:
    wanted: Yaml = {}
    for path, value in mapping.proof.always.items():
        wanted = set_in(wanted, parse_path(path), value)
    return wanted if isinstance(wanted, dict) else {}


class _Renders:
    """Renders both sides, and keeps what was rendered: many values share their surroundings."""

    def __init__(self, sides: Sides, surface: Surface) -> None:
        self.sides, self.surface = sides, surface
        self._known: dict[str, Fields] = {}
        self._random: dict[Path, frozenset[str]] = {}
        self._converted: dict[str, Conversion] = {}

    def learn(self, values: Mapping[str, Yaml]) -> None:
        """See what both charts make up: passwords and certificates differ between two renderings of the same.

        Errors (``RenderFailed``): the source does not render. A target that does not render so may with more.
        """
        self._random[self.sides.source] = self.made_up(self.sides.source, values)
        self._random[self.sides.target] = frozenset()
        with suppress(RenderFailed):
            self._random[self.sides.target] = self.made_up(self.sides.target, self._wanted(self.convert(values)))

    def source(self, values: Mapping[str, Yaml]) -> Fields:
        return self._render(self.sides.source, values)

    def target(self, values: Mapping[str, Yaml]) -> tuple[Fields, Conversion]:
        converted = self.convert(values)
        return self._render(self.sides.target, self._wanted(converted)), converted

    def target_or_nothing(self, values: Mapping[str, Yaml]) -> Fields:
        """No fields where the target refuses: whatever it needed has then arrived with the value."""
        try:
            return self.target(values)[0]
        except RenderFailed:
            return {}

    def _wanted(self, converted: Conversion) -> Mapping[str, Yaml]:
        release = self.sides.mapping.target.release_values if self.sides.mapping.target else {}
        wanted: Yaml = converted.layers[0].values
        for path, value in release.items():
            if get_in(wanted, parse_path(path), None) is None:
                wanted = set_in(wanted, parse_path(path), value)
        return wanted if isinstance(wanted, dict) else {}

    def convert(self, values: Mapping[str, Yaml]) -> Conversion:
        key = repr(values)
        if key not in self._converted:
            mapping = self.sides.mapping
            self._converted[key] = convert(
                mapping,
                version=self.sides.version,
                source=self.surface,
                target=target_surface(mapping),
                layers=[Given(values, {})],
                name=mapping.source.chart,
                release=self.sides.release,
                extra=[addition for bundled in mapping.bundled for addition in bundled.wired()],
            )
        return self._converted[key]

    def _render(self, chart: Path, values: Mapping[str, Yaml]) -> Fields:
        key = f"{chart}\n{values!r}"
        if key not in self._known:
            rendered = self._fields(chart, values)
            self._known[key] = {path: text for path, text in rendered.items() if path not in self._random[chart]}
        return self._known[key]

    def made_up(self, chart: Path, values: Mapping[str, Yaml]) -> frozenset[str]:
        """Fields that differ between two renderings of the same values; a feature that is on may bring its own."""
        first, second = self._fields(chart, values), self._fields(chart, values)
        return frozenset(path for path in first if first[path] != second.get(path))

    def _fields(self, chart: Path, values: Mapping[str, Yaml]) -> Fields:
        request = RenderRequest(chart, values, self.sides.release)
        return fields_of(read_objects(self.sides.engine.render(request), request.namespace))


def _prove_one(sides: Sides, surface: Surface, render: _Renders, number: int, path: YamlPath) -> Proof:
    around = surroundings(surface, path, sides.mapping.proof, sides.together)
    value = sides.mapping.proof.values.get(format_path(path), _MISSING)
    telling: Yaml = telling_value(path, surface.defaults[path], number) if value is _MISSING else value  # type: ignore[assignment]
    with_it = set_in(around, path, telling)
    assert isinstance(with_it, dict)  # noqa: S101 - a value below a map
    try:
        effect = effect_of(render.source(around), render.source(with_it))
    except RenderFailed as failure:
        return Proof(path, "not-rendered", reason=f"source: {failure.message}")
    if effect.only_secrets():
        effect = effect.without(render.made_up(sides.source, around) | render.made_up(sides.source, with_it))
    if not effect:
        return Proof(path, "no-effect")
    try:
        after, conversion = render.target(with_it)
        before = render.target_or_nothing(around)
    except RenderFailed as failure:
        return _judge(path, effect, None, render.convert(with_it), telling, f"target: {failure.message}")
    if all(after.get(field) == value for field, value in effect.changed.items()):
        # The target has it so by default: setting it changes nothing there, and nothing is missing.
        return Proof(path, "arrived", "same as the target's default", "", tuple(sorted(effect.changed)[:3]))
    return _judge(path, effect, effect_of(before, after), conversion, telling, "")


def _judge(
    path: YamlPath, effect: Effect, arrived: Effect | None, conversion: Conversion, telling: Yaml, failure: str
) -> Proof:
    """Arrived: the marks that the source shows stand in what changed in the target; without any, something changed."""
    outcomes = [o for o in conversion.layers[0].outcomes if o.source is not None and _about(o.source, path)]
    fates = {outcome.fate for outcome in outcomes}
    shown = tuple(sorted(effect.changed)[:3])
    fate = ", ".join(sorted(fates))
    reason = next((" ".join(o.reason.split()) for o in outcomes if o.fate in ("dropped", "manual") and o.reason), "")
    if arrived and arrived.holds(effect.held(marks_of(telling))):
        return Proof(path, "arrived", fate, "", shown)
    if reason:
        return Proof(path, "explained", fate, reason, shown)
    said = next(
        (" ".join(condition.message.split()) for condition, _ in conversion.findings if _speaks(condition.at, path)), ""
    )
    if said:
        return Proof(path, "explained", fate, said, shown)
    return Proof(path, "lost", fate, failure or ("the target changes, but not by this" if arrived else ""), shown)


def _about(source: YamlPath, path: YamlPath) -> bool:
    return source[: len(path)] == path or path[: len(source)] == source


def _speaks(at: str | None, path: YamlPath) -> bool:
    """A finding of the mapping at the value itself, or at the map right around it."""
    return at is not None and parse_path(at) in (path, path[:-1])


def count_states(proofs: Sequence[Proof]) -> dict[State, int]:
    """How many values ended how."""
    return {state: sum(proof.state == state for proof in proofs) for state in STATES}


def check_sides(mapping: MappingFile) -> None:
    """Errors (``ChartliftError``): the mapping has no target chart, so there is nothing to arrive in."""
    if mapping.target is None:
        raise ChartliftError(
            f"the mapping {mapping.id} keeps its chart: there is no target to prove", file=mapping.file
        )
