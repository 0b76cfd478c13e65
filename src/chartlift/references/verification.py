"""Render what a reference installs, before and after, from charts at hand (``--chart-store``)."""

from __future__ import annotations

from collections.abc import Sequence

from chartlift.knowledge import Knowledge
from chartlift.plan.units import Unit
from chartlift.records import ChartRecord, Finding, Verification, Yaml
from chartlift.references.convert import Converted
from chartlift.references.records import Reference
from chartlift.settings import Settings
from chartlift.verify.rendering import Chain, VerifyInput
from chartlift.yamltext.document import Document


def verify_reference(
    reference: Reference, unit: Unit, parts: Sequence[tuple[Converted, int]], settings: Settings, knowledge: Knowledge
) -> tuple[Verification, tuple[Finding, ...]]:
    """Both sides rendered with every chain of the reference, where both charts are at hand."""
    from chartlift.one import fit_knowledge, vendor_image_test
    from chartlift.verify.engine import DEFAULT_NAMESPACE, DEFAULT_RELEASE, EngineUnavailable
    from chartlift.verify.judge import Explained
    from chartlift.verify.open import open_engine
    from chartlift.verify.run import verify
    from chartlift.verify.store import store_of

    store = store_of(settings.stores)
    target = unit.target
    name, version = (target.name, target.version) if target else (unit.name, unit.version)
    before, after = store.find(unit.name, unit.version), store.find(name, version)
    if before is None or after is None:
        missing = f"{unit.name} {unit.version}" if before is None else f"{name} {version}"
        return Verification("not-run", f"{missing} is not at hand: give a directory that has it (--chart-store)"), ()
    try:
        engine = open_engine(settings.helm, settings.timeout)
    except EngineUnavailable as error:
        return Verification("not-run", f"{error}. {error.help or ''}".strip()), ()
    options, release = settings.options, reference.release or DEFAULT_RELEASE
    namespace = reference.namespace or DEFAULT_NAMESPACE
    images = [image for one, _ in parts for image in one.planned.images]
    outcome = verify(
        VerifyInput(before, _chains(parts, old=True), release, namespace, reference.file),
        VerifyInput(after, _chains(parts, old=False), release, namespace, reference.file),
        engine,
        vendor_image=vendor_image_test(knowledge, options.source_prefixes),
        explained=[
            Explained(known.rule, "*", known.reason, words=known.words)
            for one, _ in parts
            for known in one.planned.foretold
        ],
        accepted=options.accepted,
        reported=frozenset(image.source for image in images if image.target is None),
        fit=fit_knowledge(knowledge, options, [_speaker(unit, name)]),
        store=store,
    )
    return outcome.verification, outcome.findings


def _speaker(unit: Unit, name: str) -> ChartRecord:
    """Which mapping speaks for the images of the chart that is rendered in the end."""
    mapping = unit.mapping.id if unit.mapping is not None and unit.strategy != "none" else ""
    return ChartRecord("", name, unit.version, unit.strategy, mapping=mapping)


def _chains(parts: Sequence[tuple[Converted, int]], *, old: bool) -> list[Chain]:
    found = []
    for one, index in parts:
        for chain in one.group.paths[index]:
            label = " + ".join(one.group.nodes[number].values.file for number in chain) or "defaults"
            found.append(Chain(label, [_data(one, number, old=old) for number in chain]))
    return found


def _data(one: Converted, number: int, *, old: bool) -> dict[str, Yaml]:
    layer = one.layers[number]
    document: Document = layer.document
    data = document.data if old else layer.data
    return data if isinstance(data, dict) else {}
