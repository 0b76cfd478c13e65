"""What ``mappings prove`` prints: counts, and each value that was lost."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path

from chartlift.errors import ChartliftError
from chartlift.images.vendors import load_vendors
from chartlift.mapping.load import load_mappings
from chartlift.mapping.model import Mapping
from chartlift.prove.run import STATES, Proof, Sides, check_sides, count_states, prove
from chartlift.records import format_path
from chartlift.verify.assemble import assemble
from chartlift.verify.engine import missing_dependencies
from chartlift.verify.open import open_engine
from chartlift.verify.store import ChartStore, store_of

_SECONDS = 60.0


def run_proof(
    mapping_id: str, stores: Sequence[Path], version: str | None, only: str, verbose: bool, extra: Sequence[Path]
) -> tuple[list[str], int]:
    """The lines to print and how many values were lost.

    Errors (``ChartliftError``): no such mapping, no target chart, a chart that the stores do not have.
    """
    mappings = load_mappings(extra)
    mapping = mappings.get(mapping_id)
    if mapping is None:
        raise ChartliftError(f"there is no mapping {mapping_id!r}", help=f"There are: {', '.join(mappings.ids())}.")
    check_sides(mapping)
    wanted = version or mapping.source.tested[0]
    with tempfile.TemporaryDirectory(prefix="chartlift-prove-") as directory:
        sides = _sides(mapping, wanted, store_of(stores), Path(directory))
        proofs = list(prove(sides, only))
    return list(_lines(mapping, wanted, proofs, verbose)), count_states(proofs)["lost"]


def _sides(mapping: Mapping, version: str, store: ChartStore, work: Path) -> Sides:
    assert mapping.target is not None  # noqa: S101 - checked by the caller
    source = _ready(store, mapping.source.chart, version, work / "source")
    target = _ready(store, mapping.target.chart, mapping.target.version, work / "target")
    together = load_vendors().conventions(mapping.source.vendor).together
    return Sides(mapping, version, source, target, open_engine(None, _SECONDS), together)


def _ready(store: ChartStore, name: str, version: str, work: Path) -> Path:
    """A chart of the store with its dependencies, ready to be rendered."""
    chart = store.find(name, version)
    if chart is None:
        raise ChartliftError(
            f"{name} {version} is in no chart store", help="Put it there: DIR/NAME/VERSION/ or DIR/NAME-VERSION.tgz."
        )
    ready = assemble(chart, store, work, label=f"{name} {version}")
    if ready.missing:
        raise missing_dependencies(", ".join(ready.missing), f"{name} {version}")
    return ready.path


def _lines(mapping: Mapping, version: str, proofs: Sequence[Proof], verbose: bool) -> list[str]:
    counts = count_states(proofs)
    effective = counts["arrived"] + counts["explained"] + counts["lost"]
    share = f"{100 * counts['arrived'] / effective:.1f} %" if effective else "none"
    target = f"{mapping.target.chart} {mapping.target.version}" if mapping.target else ""
    lines = [
        f"{mapping.source.chart} {version} -> {target}: {len(proofs)} values, {effective} of them with an effect: "
        f"{counts['arrived']} arrived ({share}), {counts['explained']} explained, {counts['lost']} lost; "
        f"{counts['no-effect']} without an effect, {counts['not-rendered']} that the source does not render with"
    ]
    shown = STATES if verbose else ("lost",)
    for proof in proofs:
        if proof.state in shown:
            where = f" (source: {', '.join(proof.effect)})" if proof.effect else ""
            said = f": {proof.reason}" if proof.reason else ""
            lines.append(f"  {proof.state:<12} {format_path(proof.path)} [{proof.fate}]{said}{where}")
    return lines
