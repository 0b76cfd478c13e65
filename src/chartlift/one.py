"""One input from its files to its records: load, plan, rewrite, verify, write."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from chartlift.chart.discover import Input
from chartlift.chart.files import FileTree
from chartlift.chart.load import VALUES_FILE
from chartlift.errors import ChartliftError
from chartlift.images.choose import Destination
from chartlift.images.reference import parse_reference
from chartlift.knowledge import Knowledge
from chartlift.migration import Migrated, diff_files, migrate_input, unified_diff, write_back, write_output
from chartlift.plan.options import Options
from chartlift.records import ChartRecord, Verification
from chartlift.rewrite.output import replace_file, write_in_place
from chartlift.settings import Done, Settings
from chartlift.yamltext.load import decode, read_yaml

_MOST_ROUNDS = 4
"""Holding one image can only add to what stays, so this ends; a chart has needed two."""

if TYPE_CHECKING:
    from chartlift.references.local import Around
    from chartlift.verify.fit.subject import FitKnowledge
    from chartlift.verify.rendering import Chain


def migrate_one(source: Input, settings: Settings, knowledge: Knowledge, arounds: Sequence[Around] = ()) -> Done:
    """Handle one input; nothing is written before it was planned, rewritten and verified."""
    if source.kind in ("tree", "manifest"):
        from chartlift.references.run import migrate_references

        around = next((one for one in arounds if one.source is source), None)
        return migrate_references(source, settings, knowledge, around)
    if source.kind == "values":
        from chartlift.values_file import migrate_values_file

        one = migrate_values_file(source, settings, knowledge)
    else:
        around = next((one for one in arounds if one.of(source) is not None), None)
        return _migrate_chart(source, settings, knowledge, around)
    return _finish(one, _verified(one, settings, knowledge) if settings.verify else one.records, settings)


def _migrate_chart(source: Input, settings: Settings, knowledge: Knowledge, around: Around | None) -> Done:
    """Plan, rewrite, verify; again with the images held that containers would break on."""
    overlays = _overlays(source, settings.values)
    options = settings.options
    for _ in range(_MOST_ROUNDS):
        outside = around.of(source) if around is not None else None
        one = migrate_input(
            source,
            overlays,
            options,
            knowledge,
            rewrite=settings.rewrite,
            stores=settings.stores,
            outside=outside,
            environments=settings.environments(source.path),
        )
        records = _verified(one, settings, knowledge) if settings.verify else one.records
        held = {**options.held, **_breaking(records, options)}
        if len(held) == len(options.held):
            break
        options = replace(options, held=held)
    done = _finish(one, records, settings)
    return done if around is None or not one.outside else _write_outside(one, done, settings, around)


def _write_outside(one: Migrated, done: Done, settings: Settings, around: Around) -> Done:
    """The files around the chart that hold values for it."""
    before = {path: around.repository.data(path) for path in one.outside}
    if settings.in_place:
        write_in_place(FileTree(around.source.label, dict(before)), around.source.path, one.outside)
    elif around.out is not None:
        for path, data in one.outside.items():
            replace_file(around.out / path, data or b"")
    around.update(one.outside)
    diff = (*done.diff, *diff_files(around.source.label, before, one.outside))
    return replace(done, diff=diff, changed=True)


def _breaking(records: Sequence[ChartRecord], options: Options) -> dict[str, str]:
    """Images whose containers a fact speaks against, with that fact; accepted rules do not count."""
    found: dict[str, str] = {}
    for record in records:
        for one in record.verification.containers:
            source = parse_reference(one.source)
            if one.verdict == "breaks" and source is not None and not options.accepted.issuperset(one.rules):
                why = f"container {one.container} of {one.object} would break on {one.image.partition('@')[0]}"
                found.setdefault(str(source.normalised()), f"{why}: {one.reason} [{', '.join(one.rules)}]")
    return found


def _finish(one: Migrated, records: Sequence[ChartRecord], settings: Settings) -> Done:
    if settings.output is not None:
        write_output(one, settings.output)
    elif settings.in_place:
        write_back(one)
    changed = bool(one.changes) or (not settings.rewrite and bool(one.plan.files))
    return Done(tuple(records), tuple(unified_diff(one)), changed, names=one.plan.names)


def _overlays(source: Input, values: Sequence[Path]) -> list[str]:
    """The files of ``--values`` as paths of the chart; others cannot be rewritten with it."""
    names = []
    for file in values:
        try:
            name = file.resolve().relative_to(source.path.resolve()).as_posix()
        except ValueError:
            raise ChartliftError(
                "this values file lies outside the chart", file=str(file),
                help="Put it beside the chart, or convert it by itself: chartlift migrate FILE --chart NAME.",
            ) from None  # fmt: skip
        if name != VALUES_FILE:
            names.append(name)
    return names


def _verified(one: Migrated, settings: Settings, knowledge: Knowledge) -> list[ChartRecord]:
    if one.source.kind == "values":
        reason = "a bare values file: there is no chart to render"
        return [replace(record, verification=Verification("not-run", reason)) for record in one.records]
    if not one.changes:
        return [replace(one.records[0], verification=Verification("not-run", "nothing changed")), *one.records[1:]]
    return _render_both(one, settings, knowledge)


def _render_both(one: Migrated, settings: Settings, knowledge: Knowledge) -> list[ChartRecord]:
    from chartlift.rewrite.output import write_tree
    from chartlift.verify.engine import DEFAULT_RELEASE, EngineUnavailable
    from chartlift.verify.judge import Explained
    from chartlift.verify.open import open_engine
    from chartlift.verify.rendering import VerifyInput
    from chartlift.verify.run import verify
    from chartlift.verify.store import store_of

    own = one.records[0]
    try:
        engine = open_engine(settings.helm, settings.timeout)
    except EngineUnavailable as error:
        unavailable = Verification("not-run", f"{error}. {error.help or ''}".strip())
        return [replace(own, verification=unavailable), *one.records[1:]]
    with tempfile.TemporaryDirectory(prefix="chartlift-") as work:
        before, after = one.source.path, Path(work, "after")
        write_tree(one.tree, after)
        # Values may hold names that were worked out from the release's name: it has to be the same one.
        release = settings.options.release or DEFAULT_RELEASE
        outcome = verify(
            VerifyInput(before, _chains(one, one.plan.chart.tree), release, label=one.source.label),
            VerifyInput(after, _chains(one, one.tree), release, label=one.source.label),
            engine,
            vendor_image=vendor_image_test(knowledge, settings.options.source_prefixes),
            explained=[
                Explained(known.rule, "*", known.reason, f"*/charts/{known.chart}/*", known.words)
                for known in one.plan.foretold
            ],
            accepted=settings.options.accepted,
            reported=reported_images(one.records),
            fit=fit_knowledge(knowledge, settings.options, one.records),
            store=store_of(settings.stores),
        )
    findings = (*own.findings, *outcome.findings)
    return [replace(own, findings=findings, verification=outcome.verification), *one.records[1:]]


def reported_images(records: Sequence[ChartRecord]) -> frozenset[str]:
    """Images that stay, as the records say with the reason."""
    return frozenset(image.source for record in records for image in record.images if image.target is None)


def fit_knowledge(knowledge: Knowledge, options: Options, records: Sequence[ChartRecord] = ()) -> FitKnowledge:
    """What judging containers needs; ``records`` say which charts have a mapping that speaks for their images."""
    from chartlift.verify.fit.subject import FitKnowledge

    destination = Destination(options.registry, options.image_prefix)
    images = knowledge.images.with_source_prefixes(options.source_prefixes)
    top = records[0].name if records else ""
    vouched = {_templates_of(top, record.key): record.mapping for record in records if record.mapping}
    return FitKnowledge(images, knowledge.catalog, knowledge.programs, destination, vouched)


def _templates_of(top: str, key: str) -> str:
    """How the paths of a unit's templates begin, as Helm writes them."""
    return "/charts/".join([top, *key.split(".")]) + "/" if key else f"{top}/templates/"


def vendor_image_test(knowledge: Knowledge, prefixes: Sequence[str]) -> Callable[[str], bool]:
    """Is an image reference one of the source vendor's?"""
    vendors = knowledge.images.with_source_prefixes(tuple(prefixes)).vendors

    def is_vendors(text: str) -> bool:
        reference = parse_reference(text)
        found = vendors.vendor_image(reference) if reference is not None else None
        return found is not None and found[0] == vendors.mirrored

    return is_vendors


def _outside_chains(one: Migrated, *, old: bool) -> Iterator[Chain]:
    """The chains that end in values outside of the chart."""
    from chartlift.verify.rendering import Chain

    for external in one.plan.external:
        layers = [one.plan.layers[index] for index in (*external.layer.below, external.index) if index]
        found = [layer.document.data if old else layer.data for layer in layers]
        yield Chain(external.label, [data if isinstance(data, dict) else {} for data in found])


def _chains(one: Migrated, tree: FileTree) -> list[Chain]:
    from chartlift.verify.rendering import Chain

    chains = [Chain(), *_outside_chains(one, old=tree is one.plan.chart.tree)]
    for label, files in one.plan.chains.items():
        layers = []
        for name in files:
            data = read_yaml(decode(tree.files[name], file=name), file=name)
            layers.append(data if isinstance(data, dict) else {})
        chains.append(Chain(label, layers))
    return chains
