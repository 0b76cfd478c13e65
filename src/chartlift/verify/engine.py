"""What it takes to render a chart, and the ways in which that ends.

Two implementations: Helm 4 in a worker process (``sdk``) and a ``helm`` binary (``binary``). Both
give documents read the way Helm reads YAML (design, "verify"), so nothing above knows which ran.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Protocol

from chartlift.errors import ChartliftError
from chartlift.records import Yaml

DEFAULT_RELEASE = "release"
DEFAULT_NAMESPACE = "default"
INSTALL_HELP = "Run `pip install chartlift[helm]`, or give a helm binary with --helm PATH."


@dataclass(frozen=True, slots=True)
class RenderLimits:
    """What one rendering may cost; a chart is untrusted input."""

    seconds: float = 30.0
    output: int = 64 * 1024 * 1024
    """Bytes of rendered text, CRDs not counted."""
    memory: int = 4 * 1024 * 1024 * 1024
    """Address space in bytes. Helm's Go runtime reserves 1.8 GB of it before the first chart is loaded
    (70 MB of that in use), so a limit below 2 GiB would stop every chart."""


LIMITS = RenderLimits()


@dataclass(frozen=True, slots=True)
class RenderRequest:
    """One rendering: a chart directory or archive, the user's values merged, and who it is for."""

    chart: Path
    values: Mapping[str, Yaml] = field(default_factory=dict)
    release: str = DEFAULT_RELEASE
    namespace: str = DEFAULT_NAMESPACE
    kube_version: str | None = None
    label: str = ""
    """How messages call the chart; the path if empty."""

    @property
    def shown(self) -> str:
        return self.label or str(self.chart)


@dataclass(frozen=True, slots=True)
class Document:
    """One YAML document that a template produced."""

    template: str
    data: dict[str, Yaml]


@dataclass(frozen=True, slots=True)
class CrdFile:
    """One file of ``crds/``: never rendered, so its digest is all that a comparison needs."""

    file: str
    names: tuple[str, ...]
    digest: str


@dataclass(frozen=True, slots=True)
class Rendered:
    """What Helm made of a chart. ``manifests``: template path -> text, without notes and empty ones."""

    manifests: Mapping[str, str]
    documents: tuple[Document, ...]
    crds: tuple[CrdFile, ...] = ()
    notes: str = ""
    warnings: tuple[str, ...] = ()
    """What Helm said on standard error: values that it ignores, above all."""


class Engine(Protocol):
    """Renders charts; ``jobs`` is how many at a time (``render`` may be called from that many threads)."""

    jobs: int

    def render(self, request: RenderRequest) -> Rendered:
        """Render one chart. Errors: ``RenderFailed``, ``EngineUnavailable``."""
        ...

    def __enter__(self) -> Engine: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


class RenderFailed(ChartliftError):
    """Helm could not render the chart; the message is Helm's, on one line."""


class MissingDependencies(RenderFailed):
    """Charts that a chart depends on are not in ``charts/``; ``path`` names them."""


class EngineUnavailable(ChartliftError):
    """There is no Helm to render with, so nothing can be verified."""


def helm_message(message: str, request: RenderRequest, most: int = 600) -> str:
    """Helm's message on one line: where it started and what the cause was, without the chain between.

    Where the chart lies (a temporary directory, often) is no part of it: reports must not differ by that.
    """
    line = " ".join(message.replace(str(request.chart.absolute()), request.shown).split())
    links = line.split(": error calling ")
    if len(links) > 2:
        line = f"{links[0]}: error calling ... {links[-1]}"
    return line if len(line) <= most else f"{line[: most // 3]} ... {line[-(most * 2 // 3) :]}"


def missing_dependencies(names: str, chart: str) -> MissingDependencies:
    """``names``: name and version of each, as a person would look for them."""
    return MissingDependencies(
        f"not in charts/: {names}",
        file=chart,
        help=f"Put {names} into a directory and give it with --chart-store DIR, or run `helm dependency update`.",
    )


def took_too_long(seconds: float, chart: str) -> RenderFailed:
    """``chart`` as messages call it."""
    return RenderFailed(
        f"rendering took longer than {seconds:g} seconds and was stopped: a template may loop for ever",
        file=chart,
        help="Look for recursive includes and large ranges in its templates, and in those of its subcharts.",
    )
