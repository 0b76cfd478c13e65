"""Verify any two charts, as ``chartlift verify`` does."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from chartlift import __version__
from chartlift.chart.load import load_chart, values_map
from chartlift.files import read_text
from chartlift.knowledge import Knowledge
from chartlift.one import fit_knowledge, vendor_image_test
from chartlift.plan.options import Options
from chartlift.records import CatalogStamp, ChartRecord, Result, Verification, Yaml
from chartlift.verify.engine import EngineUnavailable
from chartlift.verify.open import open_engine
from chartlift.verify.rendering import Chain, VerifyInput
from chartlift.verify.run import Outcome, verify
from chartlift.verify.store import store_of


@dataclass(frozen=True, slots=True)
class Sides:
    """The two charts and the values files each is rendered with."""

    before: Path
    after: Path
    values_before: Sequence[Path]
    values_after: Sequence[Path]
    release: str
    namespace: str


def verify_charts(
    sides: Sides,
    knowledge: Knowledge,
    *,
    stores: Sequence[Path] = (),
    helm: Path | None = None,
    timeout: float = 30.0,
    accepted: frozenset[str] = frozenset(),
) -> Result:
    """Render and compare; the result has one record, named after the chart."""
    chart = load_chart(sides.after)
    load_chart(sides.before)
    outcome = _outcome(sides, knowledge, stores, helm, timeout, accepted)
    record = ChartRecord(
        str(sides.after), chart.name, chart.metadata.version, "none", findings=outcome.findings,
        verification=outcome.verification,
    )  # fmt: skip
    return Result(__version__, CatalogStamp(knowledge.catalog.revision, knowledge.catalog.date), (record,))


def _outcome(
    sides: Sides,
    knowledge: Knowledge,
    stores: Sequence[Path],
    helm: Path | None,
    timeout: float,
    accepted: frozenset[str],
) -> Outcome:
    try:
        engine = open_engine(helm, timeout)
    except EngineUnavailable as error:
        return Outcome(Verification("not-run", f"{error}. {error.help or ''}".strip()))
    return verify(
        _input(sides.before, sides.values_before, sides),
        _input(sides.after, sides.values_after, sides),
        engine,
        vendor_image=vendor_image_test(knowledge, ()),
        accepted=accepted,
        fit=fit_knowledge(knowledge, Options()),
        store=store_of(stores),
    )


def _input(chart: Path, values: Sequence[Path], sides: Sides) -> VerifyInput:
    layers: list[dict[str, Yaml]] = [values_map(read_text(file), str(file)) for file in values]
    label = "+".join(file.name for file in values) or "values.yaml"
    return VerifyInput(chart, [Chain(label, layers)], sides.release, sides.namespace, str(chart))
