"""All references of one repository: find, convert, verify, write.

The charts of the tree were handled before, each by itself; what lies here sees what became of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from chartlift.chart.discover import Input
from chartlift.chart.files import FileTree
from chartlift.knowledge import Knowledge
from chartlift.migration import diff_files
from chartlift.plan.images import ImagePlanner, image_records, left_as_they_are
from chartlift.plan.ledger import close_ledger
from chartlift.plan.options import Options
from chartlift.plan.units import Unit
from chartlift.records import ChartRecord, Finding, ImageRecord, Place, ValueRecord, Verification
from chartlift.references.check import check_rewritten
from chartlift.references.convert import UNREAD, Converted, Refused, convert, target_of
from chartlift.references.elsewhere import Gone, find_elsewhere, pods_of
from chartlift.references.formats import find_references
from chartlift.references.grouping import group, unit_of
from chartlift.references.leftovers import RULE, find_leftovers
from chartlift.references.local import Around
from chartlift.references.manifests import plan_manifests
from chartlift.references.records import Reference
from chartlift.references.repository import Repository
from chartlift.references.settle import Settled, settle
from chartlift.settings import Done, Settings

_NOT_VERIFIED = Verification("not-run", "nothing changed")


@dataclass(frozen=True, slots=True)
class _Run:
    """What every step needs."""

    repository: Repository
    label: str
    settings: Settings
    knowledge: Knowledge
    out: Path | None
    """Where changed files go, if not back to where they are."""

    @property
    def options(self) -> Options:
        return self.settings.options


def migrate_references(source: Input, settings: Settings, knowledge: Knowledge, around: Around | None = None) -> Done:
    """Convert the references below a directory, or those of one file; nothing is written before all is planned."""
    root, only = (source.path, "") if source.kind == "tree" else (source.path.parent, source.path.name)
    out = settings.output
    if out is not None and not only:
        out = out / root.resolve().name
    label = source.label if not only else source.path.parent.as_posix()
    repository = around.repository if around is not None else Repository.open(root, out, settings.excludes, only)
    repository.forget_charts()
    run = _Run(repository, label, settings, knowledge, out)
    found = [one for one in find_references(repository) if not only or one.file == only]
    known, others = _known(found, run)
    images, tally = plan_manifests(repository, ImagePlanner(knowledge, settings.options))
    results = [convert(one, repository, settings.options, knowledge) for one in group(known)]
    settled = settle(results, others, repository, images if settings.options.strategy != "chart" else ())
    check_rewritten(settled.converted, found, repository, settled.texts, settings.options)
    records = [*_records(settled, known, run)]
    rest = ChartRecord(
        label, "plain manifests", "", "images" if tally.changed else "none", "",
        images=image_records(tally), findings=(*tally.findings.values(), *left_as_they_are(tally)),
        reference="plain manifests",
    )  # fmt: skip
    records += [rest] if rest.images else []
    spoken = _spoken(records) | {(reference.file, reference.line) for reference, _ in known}
    prefixes = settings.options.source_prefixes
    leftovers = tuple(find_leftovers(repository, knowledge.vendors, prefixes, spoken, settled.texts))
    gone = _gone(settled, records, around)
    leftovers = (*find_elsewhere(repository, gone, settled.texts), *leftovers)
    if leftovers:
        records.append(
            ChartRecord(label, "other places", "", "none", "other places", findings=leftovers, reference=RULE)
        )
    return _finish([_accepting(one, settings.options) for one in records], settled, found, run)


def _gone(settled: Settled, records: Sequence[ChartRecord], around: Around | None) -> Gone:
    """Names and labels that references took away, with those that charts did before."""
    gone = around.gone if around is not None else Gone()
    gone.pods += pods_of([record.verification.pods for record in records])
    for one in settled.converted:
        for release in (reference.release for reference in one.group.references):
            gone.take(release, one.planned.names)
    return gone


def _known(found: Sequence[Reference], run: _Run) -> tuple[list[tuple[Reference, Unit]], list[Reference]]:
    pairs = [(one, unit_of(one, run.options, run.knowledge) or _of_others(one, run)) for one in found]
    known = [(reference, unit) for reference, unit in pairs if unit is not None]
    return known, [reference for reference, unit in pairs if unit is None]


def _of_others(reference: Reference, run: _Run) -> Unit | None:
    """A chart of nobody that is known, whose values name images of the source vendor."""
    words = run.knowledge.vendors.image_words(run.options.source_prefixes)
    files = {values.file for chain in reference.chains for values in chain}
    if not any(word in run.repository.text(file) for file in files for word in words):
        return None
    return Unit((), reference.chart, reference.version or "?", True, None, None, "images")


def _records(settled: Settled, known: Sequence[tuple[Reference, Unit]], run: _Run) -> Iterator[ChartRecord]:
    """One record a reference, in the order of the files; a shared layer is told of with the first that uses it."""
    converted: dict[int, list[tuple[Converted, int]]] = {}
    for one in settled.converted:
        for index, reference in enumerate(one.group.references):
            converted.setdefault(id(reference), []).append((one, index))
    refused = {id(reference): one for one in settled.refused for reference in one.group.references}
    told: set[object] = set()
    for reference, unit in known:
        if unit.vendor is None and not _names_images(converted.get(id(reference), ())):
            continue
        if id(reference) in converted:
            yield _converted(reference, unit, converted[id(reference)], told, run)
        else:
            yield _stays(reference, unit, refused.get(id(reference)), run)


def _names_images(parts: Sequence[tuple[Converted, int]]) -> bool:
    """Of a chart of others only what names an image of the source vendor is told."""
    return any(one.planned.images for one, _ in parts)


def _converted(
    reference: Reference, unit: Unit, parts: Sequence[tuple[Converted, int]], told: set[object], run: _Run
) -> ChartRecord:
    record = _record(reference, unit, run)
    values: list[ValueRecord] = []
    findings: list[Finding] = list(_remarks(reference, unit, run))
    images: list[ImageRecord] = []
    for one, index in parts:
        for number in sorted({node for chain in one.group.paths[index] for node in chain}):
            key = one.group.nodes[number].values.id
            values += [] if key in told else _values(one, number)
            told.add(key)
        if ("group", id(one)) not in told:
            told.add(("group", id(one)))
            images += one.planned.images
            findings += one.planned.findings
    verification = _verification(reference, unit, parts, run)
    findings += verification[1]
    return replace(
        record, images=tuple(dict.fromkeys(images)), values=tuple(values), findings=tuple(dict.fromkeys(findings)),
        verification=verification[0],
    )  # fmt: skip


def _values(one: Converted, number: int) -> list[ValueRecord]:
    return [record for records in close_ledger([one.layers[number]]).values() for record in records]


def _record(reference: Reference, unit: Unit, run: _Run) -> ChartRecord:
    target = target_of(unit, run.options)
    shown = None if target is None or unit.target is None else replace(unit.target, repository=target.repository)
    mapping = unit.mapping.id if unit.mapping is not None and unit.strategy != "none" else ""
    return ChartRecord(
        run.label, unit.name, unit.version, unit.strategy, f"{reference.file} ({reference.name})", shown,
        mapping=mapping, vendor=unit.vendor or "", place=Place(reference.file, reference.line),
        reference=reference.kind,
    )  # fmt: skip


def _stays(reference: Reference, unit: Unit, refused: Refused | None, run: _Run) -> ChartRecord:
    """A reference that is left as it is, with the reason and the words to change it to."""
    target = target_of(unit, run.options)
    reason = refused.reason if refused is not None else unit.reason or "nothing is known of this chart"
    say = f"By hand: {target.address} {target.version}." if target is not None else ""
    finding = Finding(
        RULE, "warning", f"{unit.name} {unit.version} ({reference.title}) stays: {reason}",
        Place(reference.file, reference.line), " ".join(filter(None, (refused.help if refused else "", say))),
    )  # fmt: skip
    record = replace(_record(reference, unit, run), strategy="none", target=None, mapping="")
    return replace(record, findings=(finding,), verification=_NOT_VERIFIED)


def _remarks(reference: Reference, unit: Unit, run: _Run) -> Iterator[Finding]:
    for remark in reference.remarks:
        place = Place(remark.file or reference.file, remark.line)
        yield Finding(remark.rule, remark.level, remark.message, place, remark.help)
    for unread in reference.unread:
        level = "error" if unit.strategy == "chart" else "warning"
        yield Finding(UNREAD, level, unread.message, Place(reference.file, unread.line), unread.help)  # type: ignore[arg-type]
    place = Place(reference.file, reference.line)
    if unit.strategy == "images" and unit.vendor is not None:
        yield from _kept(unit, place)
    if not unit.exact:
        written = reference.version or "(none)"
        message = f"the version {written} is no single one: the values were read as those of {unit.version}"
        yield Finding("version-range", "warning", message, place, "Compare with what runs: `helm list`.")
    target = target_of(unit, run.options)
    if target is not None and target.is_oci:
        message = f"{target.repository} needs a login, a free one too, where the chart is fetched ({reference.kind})"
        yield Finding("chart-registry-login", "note", message, place, f"helm registry login {target.host}")


def _kept(unit: Unit, place: Place) -> Iterator[Finding]:
    """A chart that stays: why, and whether the images of its defaults are known."""
    why = unit.reason or "there is no hardened chart of it; what its values name as images is hardened"
    yield Finding("chart-kept", "note", f"{unit.name} {unit.version}: {why}", place)
    if unit.mapping is None:
        yield Finding(
            "chart-not-at-hand",
            "warning",
            f"{unit.name} {unit.version} is not mapped, so the images of its defaults are not known",
            place,
            "Name its images in the values, or install it as a dependency of a chart with the chart vendored.",
        )


def _verification(
    reference: Reference, unit: Unit, parts: Sequence[tuple[Converted, int]], run: _Run
) -> tuple[Verification, tuple[Finding, ...]]:
    if not run.settings.verify:
        return Verification("not-run", "verification was not asked for"), ()
    if not any(one.changes for one, _ in parts):
        return _NOT_VERIFIED, ()
    from chartlift.references.verification import verify_reference

    return verify_reference(reference, unit, parts, run.settings, run.knowledge)


def _spoken(records: Sequence[ChartRecord]) -> set[tuple[str, int]]:
    """Lines that a record speaks of."""
    found: set[tuple[str, int]] = set()
    for record in records:
        places = [f.place for f in record.findings] + [u for image in record.images for u in image.uses]
        places += [value.place for value in record.values]
        found |= {(place.file, place.line) for place in places if place.line is not None}
    return found


def _accepting(record: ChartRecord, options: Options) -> ChartRecord:
    findings = tuple(replace(one, accepted=one.accepted or one.rule in options.accepted) for one in record.findings)
    return replace(record, findings=findings)


def _finish(records: Sequence[ChartRecord], settled: Settled, found: Sequence[Reference], run: _Run) -> Done:
    repository, settings = run.repository, run.settings
    before = {path: repository.data(path) for path in settled.texts}
    changes: Mapping[str, bytes | None] = {path: text.encode("utf-8") for path, text in settled.texts.items()}
    if settings.rewrite:
        _write(before, changes, found, run)
    diff = tuple(diff_files(run.label, before, changes)) if settings.rewrite else ()
    return Done(tuple(records), diff, bool(changes))


def _write(
    before: Mapping[str, bytes], changes: Mapping[str, bytes | None], found: Sequence[Reference], run: _Run
) -> None:
    from chartlift.rewrite.output import replace_file, write_in_place

    settings, repository = run.settings, run.repository
    if settings.in_place:
        write_in_place(FileTree(run.label, dict(before)), repository.root, changes)
    elif run.out is not None:
        used = {source.path for source in repository.relevant() if not repository.in_chart(source.path)}
        used |= {reference.file for reference in found}
        used |= {values.file for reference in found for chain in reference.chains for values in chain}
        for path in sorted({*used, *changes}):
            data = changes.get(path)
            replace_file(run.out / path, repository.data(path) if data is None else data)
