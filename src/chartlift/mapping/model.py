"""The records of a mapping file; ``docs/mappings.md`` is the reference of the format."""

from __future__ import annotations

from collections.abc import Mapping as MappingABC
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Literal

from chartlift.records import Level, Yaml, YamlPath

if TYPE_CHECKING:
    from chartlift.mapping.rules import RuleBook

Action = Literal["keep", "to", "drop", "manual"]


@dataclass(frozen=True, slots=True)
class Source:
    """The chart that a mapping is for. ``tested`` are the versions whose values surfaces ship."""

    chart: str
    vendor: str
    versions: str
    tested: tuple[str, ...] = ()
    fingerprint: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PullSecrets:
    """Where the target takes pull secrets: a list of names (``string``) or of ``{name: x}`` (``object``)."""

    path: str
    shape: Literal["string", "object"]


@dataclass(frozen=True, slots=True)
class Target:
    """The chart that takes over."""

    chart: str
    repository: str
    version: str
    surface: str
    app_version: str | None = None
    same_values: bool = False
    """A source path that the target also has is kept without a rule."""
    release_values: MappingABC[str, Yaml] = field(default_factory=dict)
    """Target values that keep the object names of a direct release."""
    pull_secrets: PullSecrets | None = None
    strict: bool = False
    open: tuple[YamlPath, ...] = ()
    """Maps that the target renders whole, so that any key may stand below them."""
    on_request: bool = False
    """Only taken where the user names its vendor (``--target``), never by default."""
    harden: bool = False
    """Its own images are not hardened ones: they are replaced as those of a kept chart are."""

    @property
    def vendor(self) -> str:
        """Whose chart it is: the first part of its surface."""
        return self.surface.partition("/")[0]


@dataclass(frozen=True, slots=True)
class Function:
    """An expression with a name: ``gives`` sees the parameters in ``takes`` and the other functions."""

    name: str
    takes: tuple[str, ...]
    gives: str


@dataclass(frozen=True, slots=True)
class Rule:
    """What becomes of some source paths. ``where`` is its place in the file, for messages."""

    where: str
    sources: tuple[YamlPath, ...]
    action: Action
    targets: MappingABC[str, str | None] = field(default_factory=dict)
    """Target path -> expression; None where the value goes over as it is (or by ``transform``)."""
    reason: str = ""
    level: Level = "warning"
    when: str | None = None
    otherwise: str = ""
    versions: str | None = None
    transform: str | None = None
    arguments: MappingABC[str, Yaml] = field(default_factory=dict)
    append: bool = False
    secret: bool = False
    custom: bool = False
    """The target's own values do not know the path: something that the mapping adds reads it."""

    @property
    def plain(self) -> bool:
        """One source goes to one target unchanged."""
        return (
            self.action in ("keep", "to")
            and len(self.sources) >= 1
            and not self.append
            and self.transform is None
            and all(expression is None for expression in self.targets.values())
            and (self.action == "keep" or (len(self.targets) == 1 and len(self.sources) == 1))
        )


@dataclass(frozen=True, slots=True)
class Addition:
    """A value that the conversion itself needs, at a target path."""

    where: str
    to: str
    reason: str
    value: Yaml = None
    expression: str | None = None
    when: str | None = None
    append: bool = False
    replaces: tuple[Yaml, ...] | None = None
    slot: str | None = None
    """``images.set``: the image it is for; None is the first slot, the chart's main image."""


@dataclass(frozen=True, slots=True)
class Bundled:
    """A subchart that the source bundles and the target lacks."""

    dependency: str
    condition: str
    default: bool
    values: str
    versions: MappingABC[str, str]
    repository: str
    image_mapping: str | None
    wiring: tuple[Addition, ...]
    instead: MappingABC[str, Yaml]
    """Path in its values -> what to write for a default that renders inside the source chart only."""

    def wired(self) -> tuple[Addition, ...]:
        """The wiring, which holds in those chains that have the subchart switched on."""
        on = f"get({self.condition!r}, {self.default!r})"
        return tuple(replace(a, when=on if a.when is None else f"{on} and ({a.when})") for a in self.wiring)


@dataclass(frozen=True, slots=True)
class ImageSlot:
    """Where the source keeps one image; ``image`` None: there is no hardened one, for ``reason``."""

    path: str
    source: str
    image: str | None
    flavour: str | None
    to: str | None
    reason: str
    versions: str | None = None


@dataclass(frozen=True, slots=True)
class Images:
    """What hardening the images of the kept chart takes."""

    slots: tuple[ImageSlot, ...]
    set: tuple[Addition, ...]


@dataclass(frozen=True, slots=True)
class Proof:
    """What ``mappings prove`` sets so that values show their effect; paths are of the source chart."""

    always: MappingABC[str, Yaml] = field(default_factory=dict)
    """Path -> value, for every proof."""
    around: MappingABC[str, MappingABC[str, Yaml]] = field(default_factory=dict)
    """Beginning of a path -> values that a value below it needs beside it."""
    values: MappingABC[str, Yaml] = field(default_factory=dict)
    """Path -> a telling value, where the general one does not fit."""


@dataclass(frozen=True, slots=True)
class Condition:
    """A finding that holds under a condition."""

    where: str
    rule: str
    level: Level
    strategies: tuple[str, ...]
    message: str
    when: str | None = None
    at: str | None = None
    help: str = ""
    versions: str | None = None
    slot: str | None = None
    """Strategy ``images``: the image it speaks of; None is the first slot, the chart's main image."""


@dataclass(frozen=True, slots=True)
class Name:
    """An object by its name on both sides; target None: there is none any more."""

    kind: Literal["service", "secret", "workload", "claim"]
    source: str
    target: str | None
    when: str | None = None
    help: str = ""
    keys: MappingABC[str, str | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Volume:
    """A data volume on both sides."""

    claim: str
    source: MappingABC[str, str]
    target: MappingABC[str, str]
    when: str | None = None
    cure: str = ""
    handled: str = ""


@dataclass(frozen=True)
class Mapping:
    """One mapping file. ``file`` is shown in messages, ``builtin`` says whether it ships with chartlift."""

    id: str
    title: str
    file: str
    source: Source
    target: Target | None
    rules: tuple[Rule, ...]
    pins: tuple[YamlPath, ...]
    additions: tuple[Addition, ...]
    bundled: tuple[Bundled, ...]
    images: Images | None
    findings: tuple[Condition, ...]
    fullname: str
    names: tuple[Name, ...]
    volumes: tuple[Volume, ...]
    upgrade: str = ""
    notes: tuple[str, ...] = ()
    evidence: tuple[MappingABC[str, Yaml], ...] = ()
    builtin: bool = True
    proof: Proof = field(default_factory=lambda: Proof())
    functions: MappingABC[str, Function] = field(default_factory=dict)
    """What its expressions can call: the shared ones, those beside the file, and its own."""

    @cached_property
    def longest_first(self) -> tuple[tuple[YamlPath, int], ...]:
        """Every source path with the index of its rule, the most specific first."""
        found = [(source, index) for index, rule in enumerate(self.rules) for source in rule.sources]
        return tuple(sorted(found, key=lambda entry: (-len(entry[0]), sum(step == "*" for step in entry[0]))))

    @cached_property
    def books(self) -> dict[str, RuleBook]:
        """The rules by source path, for each version that was asked for (``rules.rule_book``)."""
        return {}
