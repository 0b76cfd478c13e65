"""The records that every stage hands on: findings, images, values, charts, the result.

One frozen type per thing; a report never recomputes (shared design, "Flow"). Field names are
those of the JSON report ``chartlift.report/v1``, except ``from``/``to``, which Python reserves
or hides: they are ``source``/``target`` here.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

Yaml: TypeAlias = "bool | int | float | str | list[Yaml] | dict[str, Yaml] | None"
"""What a YAML document holds once read as Helm reads it: keys are strings."""

YamlPath: TypeAlias = tuple[str | int, ...]
"""Keys and list indices from the root of a document."""

Level = Literal["error", "warning", "note"]
Strategy = Literal["chart", "images", "none"]
Fate = Literal["kept", "moved", "changed", "dropped", "manual", "unmapped", "added", "pinned"]
USER_FATES: tuple[Fate, ...] = ("kept", "moved", "changed", "dropped", "manual", "unmapped")
TOOL_FATES: tuple[Fate, ...] = ("added", "pinned")
ImageStatus = Literal["mapped", "unmapped", "kept", "hardened"]
"""mapped: becomes ``target``; unmapped: nothing is known of it; kept: stays, with a reason;
hardened: is already where it should be."""


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """Where something is: a file relative to the input, a 1-based line, a dotted value path."""

    file: str
    line: int | None = None
    path: str | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """Something a person should know; ``error`` blocks unless its rule was accepted."""

    rule: str
    level: Level
    message: str
    place: Place
    help: str = ""
    accepted: bool = False
    accepted_for: str = ""
    """Why it was accepted, where a configuration file says so."""

    @property
    def blocks(self) -> bool:
        return self.level == "error" and not self.accepted


@dataclass(frozen=True, slots=True)
class ImageRecord:
    """One image reference, what becomes of it, and everywhere it is used."""

    source: str
    target: str | None
    status: ImageStatus
    reason: str
    uses: tuple[Place, ...] = ()


@dataclass(frozen=True, slots=True)
class ValueRecord:
    """The fate of one leaf. ``before``/``after`` feed side-by-side views and are redacted there."""

    fate: Fate
    source: str | None
    target: str | None
    place: Place
    reason: str = ""
    rule: str = ""
    before: Yaml = None
    after: Yaml = None
    secret: bool = False


@dataclass(frozen=True, slots=True)
class Foretold:
    """Something that verification will find and a mapping has taken care of: it is told, and does not block."""

    rule: str
    chart: str
    """The key of the dependency."""
    words: str
    """How the finding's message begins."""
    reason: str


@dataclass(frozen=True, slots=True)
class TargetChart:
    """The chart that takes over, as a dependency names it."""

    name: str
    repository: str
    version: str
    app_version: str | None = None


Verdict = Literal["fits", "look", "breaks", "unknown"]


@dataclass(frozen=True, slots=True)
class ContainerFit:
    """Can a container of the result run on its new image? ``fits``: nothing known speaks against it;
    ``look``: a person should; ``breaks``: a fact does; ``unknown``: too little is known to say."""

    object: str
    container: str
    image: str
    verdict: Verdict
    reason: str
    source: str = ""
    """The image it ran before."""
    rules: tuple[str, ...] = ()
    """What was found: for ``breaks`` only the rules that say so."""


@dataclass(frozen=True, slots=True)
class PodLabels:
    """The labels of all pods, before and after."""

    before: frozenset[frozenset[tuple[str, str]]] = frozenset()
    after: frozenset[frozenset[tuple[str, str]]] = frozenset()


@dataclass(frozen=True, slots=True)
class Verification:
    """What rendering showed. ``not-run`` always carries the reason."""

    status: Literal["passed", "failed", "not-run"]
    reason: str = ""
    objects: Mapping[str, object] = field(default_factory=dict)
    images: tuple[str, ...] = ()
    containers: tuple[ContainerFit, ...] = ()
    pod_security: Mapping[str, object] = field(default_factory=dict)
    """Pod Security Standards of the workloads before and after."""
    pods: PodLabels = PodLabels()
    """For what else in a repository selects them; in no report."""


NOT_RUN = Verification("not-run", "verification was not asked for")


@dataclass(frozen=True, slots=True)
class ChartRecord:
    """One chart (a chart directory, or one dependency of it) and all that was decided."""

    path: str
    name: str
    version: str
    strategy: Strategy
    key: str = ""
    """The values key in the parent (alias or name) for a dependency; empty for the chart itself."""
    target: TargetChart | None = None
    images: tuple[ImageRecord, ...] = ()
    values: tuple[ValueRecord, ...] = ()
    findings: tuple[Finding, ...] = ()
    verification: Verification = NOT_RUN
    mapping: str = ""
    """Id of the chart's mapping, where it speaks for the images that the chart runs now."""
    vendor: str = ""
    """Whose chart it is, where that is known."""
    place: Place | None = None
    """Where a file of the user's names the chart."""
    reference: str = ""
    """What kind of reference installs the chart, such as ``Argo CD Application``; empty for charts of the tree."""

    @property
    def is_chart(self) -> bool:
        """Is it a chart at all? Plain manifests and what else names a vendor have records without a version."""
        return bool(self.version) or not self.reference

    @property
    def stands_alone(self) -> bool:
        """Is it rendered by itself, and not with the chart around it?"""
        return self.is_chart and (not self.key or bool(self.reference))

    def file_of(self, place: Place) -> str:
        """A place's file as the command was told of it: below the chart's folder, or the file that was given."""
        base = self.path.replace("\\", "/")
        same = posixpath.basename(base) == posixpath.basename(place.file)
        return posixpath.normpath(base if same else posixpath.join(base, place.file.replace("\\", "/")))


@dataclass(frozen=True, slots=True)
class CatalogStamp:
    """Which snapshot of the catalog was believed: a commit and its ISO date."""

    revision: str
    date: str


@dataclass(frozen=True, slots=True)
class Artefact:
    """A hardened image or chart that a result pulls."""

    kind: Literal["image", "chart"]
    home: str
    """At its publisher, without a digest: ``dhi.io/redis:8.4.6-debian13``."""
    at: str
    """Where the result names it: the same, or a mirror."""
    digest: str = ""


@dataclass(frozen=True, slots=True)
class SupplyChain:
    """How a hardened artefact is checked by whoever pulls it; ``{artefact}`` stands for its name."""

    login: str = ""
    verify: tuple[str, ...] = ()
    key: str = ""
    free: str = ""
    paid: str = ""


@dataclass(frozen=True, slots=True)
class Result:
    """Everything a run decided; the only input of a report."""

    version: str
    catalog: CatalogStamp
    charts: tuple[ChartRecord, ...]
    artefacts: tuple[Artefact, ...] = ()
    supply_chain: SupplyChain | None = None

    @property
    def findings(self) -> tuple[Finding, ...]:
        return tuple(finding for chart in self.charts for finding in chart.findings)

    @property
    def blocked(self) -> bool:
        return any(finding.blocks for finding in self.findings)


_PLAIN_KEY = re.compile(r'[^\s."\[\]*]+')


def format_path(path: Sequence[str | int]) -> str:
    """``("a", "b.c", 0)`` -> ``a."b.c"[0]``: the way paths are written in mappings and reports."""
    text = ""
    for part in path:
        if isinstance(part, int):
            text += f"[{part}]"
            continue
        key = part if _PLAIN_KEY.fullmatch(part) else '"' + part.replace("\\", "\\\\").replace('"', '\\"') + '"'
        text += f".{key}" if text else key
    return text
