"""Render both sides of a migration with every chain of values, and compare chain by chain.

Renderings are independent, so they run on as many engine workers as there are. The same input is
rendered a second time only where a difference could come from a random function (``mask``).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from chartlift.chart.coalesce import merge_layers
from chartlift.records import Yaml
from chartlift.verify.compare import Comparison, compare
from chartlift.verify.engine import DEFAULT_NAMESPACE, DEFAULT_RELEASE, Engine, RenderFailed, RenderRequest
from chartlift.verify.mask import Unstable, is_suspect, may_be_unstable, unstable_fields
from chartlift.verify.objects import RenderedObject, read_objects


@dataclass(frozen=True, slots=True)
class Chain:
    """Values files in Helm's order, read, under the label that a report names them by."""

    label: str = "values.yaml"
    layers: Sequence[Mapping[str, Yaml]] = ()


@dataclass(frozen=True, slots=True)
class VerifyInput:
    """One side. Chains of the two sides belong together by position."""

    chart: Path
    chains: Sequence[Chain] = (Chain(),)
    release: str = DEFAULT_RELEASE
    namespace: str = DEFAULT_NAMESPACE
    label: str = ""
    kube_version: str | None = None

    def requests(self, chart: Path) -> Iterator[RenderRequest]:
        """One request a chain, for the chart as it was put together at ``chart``."""
        for chain in self.chains:
            values = merge_layers(chain.layers)
            label = self.label or str(self.chart)
            yield RenderRequest(chart, values, self.release, self.namespace, self.kube_version, label)


@dataclass(frozen=True, slots=True)
class Rendering:
    """One rendered chain, or why there is none."""

    request: RenderRequest
    objects: tuple[RenderedObject, ...] = ()
    warnings: tuple[str, ...] = ()
    failure: RenderFailed | None = field(default=None, compare=False)


def render_all(requests: Sequence[RenderRequest], engine: Engine) -> list[Rendering]:
    """Render in parallel; results in the order asked. Errors: ``EngineUnavailable``."""
    with ThreadPoolExecutor(max_workers=max(1, engine.jobs)) as pool:
        return list(pool.map(lambda request: _render(request, engine), requests))


def _render(request: RenderRequest, engine: Engine) -> Rendering:
    try:
        rendered = engine.render(request)
        return Rendering(request, read_objects(rendered, request.namespace), rendered.warnings)
    except RenderFailed as failure:
        return Rendering(request, failure=failure)


def compare_all(before: Sequence[Rendering], after: Sequence[Rendering], engine: Engine) -> list[Comparison]:
    """Compare chain by chain, with what is random on both sides masked."""
    plain = [compare(old.objects, new.objects) for old, new in zip(before, after, strict=True)]
    doubtful = [index for index, comparison in enumerate(plain) if _is_doubtful(comparison)]
    if not doubtful:
        return plain
    random = {chart: may_be_unstable(chart) for chart in {before[0].request.chart, after[0].request.chart}}
    again = [side[i] for i in doubtful for side in (before, after) if random[side[i].request.chart]]
    unstable = _unstable(again, engine)
    for index in doubtful:
        old, new = before[index], after[index]
        plain[index] = compare(old.objects, new.objects, unstable.get(id(old)), unstable.get(id(new)))
    return plain


def _unstable(renderings: Sequence[Rendering], engine: Engine) -> dict[int, Unstable]:
    second = render_all([rendering.request for rendering in renderings], engine)
    return {
        id(first): unstable_fields(first.objects, other.objects)
        for first, other in zip(renderings, second, strict=True)
    }


def _is_doubtful(comparison: Comparison) -> bool:
    """Whether a difference, or a Secret that is gone, may hold generated text."""
    if any(pair.before and pair.before.kind == "Secret" and pair.status in _GONE for pair in comparison.pairs):
        return True
    return any(is_suspect(pair.item.kind, change) for pair in comparison.pairs for change in pair.changes)


_GONE = frozenset({"removed", "renamed"})
