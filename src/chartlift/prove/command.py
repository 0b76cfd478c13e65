"""What ``mappings prove`` prints: each value that was lost, as soon as it is known, and the counts."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from chartlift.errors import ChartliftError
from chartlift.images.vendors import load_vendors
from chartlift.mapping.load import load_mappings
from chartlift.mapping.model import Mapping
from chartlift.prove.run import Proof, Sides, check_sides, count_states, prove
from chartlift.records import format_path
from chartlift.verify.assemble import assemble
from chartlift.verify.engine import missing_dependencies
from chartlift.verify.open import open_engine
from chartlift.verify.store import ChartStore, store_of

_SECONDS = 60.0


def run_proof(
    mapping_id: str,
    stores: Sequence[Path],
    version: str | None,
    only: str,
    verbose: bool,
    extra: Sequence[Path],
    say: Callable[[str], None],
) -> int:
    """Say each value worth a line as soon as it is known, then the counts; return how many were lost.

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
        proofs: list[Proof] = []
        for proof in prove(sides, only):
            proofs.append(proof)
            if verbose or proof.state == "lost":
                say(_line(proof))
    say(_counts(mapping, wanted, proofs))
    return count_states(proofs)["lost"]


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
    ready = assemble(chart, store, work, label=f"{name} {version}", crds=False)
    if ready.missing:
        raise missing_dependencies(", ".join(ready.missing), f"{name} {version}")
    return ready.path


def _counts(mapping: Mapping, version: str, proofs: Sequence[Proof]) -> str:
    counts = count_states(proofs)
    effective = counts["arrived"] + counts["explained"] + counts["lost"]
    share = f"{100 * counts['arrived'] / effective:.1f} %" if effective else "none"
    target = f"{mapping.target.chart} {mapping.target.version}" if mapping.target else ""
    return (
        f"{mapping.source.chart} {version} -> {target}: {len(proofs)} values, {effective} of them with an effect: "
        f"{counts['arrived']} arrived ({share}), {counts['explained']} explained, {counts['lost']} lost; "
        f"{counts['no-effect']} without an effect, {counts['not-rendered']} that the source does not render with"
    )


def _line(proof: Proof) -> str:
    where = f" (source: {', '.join(proof.effect)})" if proof.effect else ""
    said = f": {proof.reason}" if proof.reason else ""
    return f"  {proof.state:<12} {format_path(proof.path)} [{proof.fate}]{said}{where}"
