"""Run over any number of inputs: one that cannot be used never stops the rest.

With ``--jobs`` each input is handled in a worker process that was started anew (never forked: Helm's
Go runtime may be loaded), and results are put in the order the inputs were found in, so the output is
the same for any number of jobs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import lru_cache
from multiprocessing import get_context
from pathlib import Path

from chartlift import __version__
from chartlift.artefacts import list_artefacts, supply_chain
from chartlift.chart.discover import Input, discover
from chartlift.errors import BrokenInvariant, ChartliftError, Fault
from chartlift.journal import Journal
from chartlift.knowledge import Knowledge, load_knowledge
from chartlift.plan.units import check_targets
from chartlift.records import CatalogStamp, Result
from chartlift.references.local import Around
from chartlift.settings import BatchRun, Done, Settings

_LAST = ("tree", "manifest")


def run_batch(
    paths: Sequence[Path], settings: Settings, progress: Callable[[int, str], None] = lambda total, label: None
) -> BatchRun:
    """Handle every input that the paths mean. Errors of single inputs are collected, not raised.

    ``progress`` is called with the number of all inputs and the label of each one that is finished.
    """
    inputs, failures = _discover(paths, settings)
    _check_inputs(inputs, settings)
    knowledge = _knowledge(settings.mappings)
    check_targets(settings.options, knowledge)
    done = []
    for source, one in _each(inputs, settings, Journal(settings.journal, settings, knowledge)):
        done.append(one)
        progress(len(inputs), source.label)
    stamp = CatalogStamp(knowledge.catalog.revision, knowledge.catalog.date)
    records = tuple(record for one in done for record in one.records)
    artefacts = list_artefacts(records, settings.options, knowledge)
    return BatchRun(
        Result(__version__, stamp, records, artefacts, supply_chain(knowledge) if artefacts else None),
        (*failures, *(one.error for one in done if one.error is not None)),
        tuple(line for one in done for line in one.diff),
        any(one.changed for one in done),
    )


def _discover(paths: Sequence[Path], settings: Settings) -> tuple[list[Input], list[ChartliftError]]:
    inputs: dict[Path, Input] = {}
    failures = []
    for path in paths:
        try:
            for found in discover([path]):
                if found.relative == "." or not settings.below(found.base).excludes(found.relative):
                    inputs.setdefault(found.path.resolve(), found)
        except ChartliftError as error:
            failures.append(error)
    return list(inputs.values()), failures


def _check_inputs(inputs: Sequence[Input], settings: Settings) -> None:
    bare = [source for source in inputs if source.kind == "values"]
    if bare and not settings.chart_name:
        raise ChartliftError(
            "a values file does not say which chart it is for",
            file=bare[0].label,
            help="Add --chart NAME --chart-version V, for example --chart redis --chart-version 21.2.19.",
        )
    if settings.chart_name and not bare:
        raise ChartliftError("--chart is for bare values files", help="Leave it out, or give the values file as PATH.")
    if settings.values and sum(source.kind != "tree" for source in inputs) > 1:
        raise ChartliftError("--values is for one chart at a time", help="Give one PATH, or leave --values out.")


def _each(inputs: Sequence[Input], settings: Settings, journal: Journal) -> Iterator[tuple[Input, Done]]:
    """Charts first, each by itself; then what refers to them, which may stand in the same files."""
    trees = [source for source in inputs if source.kind == "tree"] if settings.references else []
    arounds = [Around(source, settings.below(source.base)) for source in trees]
    charts = [source for source in inputs if source.kind not in _LAST]
    apart = {source.path for source in charts if any(around.of(source) for around in arounds)}
    known = {source.path: done for source in charts if (done := journal.known(source)) is not None}
    alone = _alone([one for one in charts if one.path not in apart and one.path not in known], settings)
    for source in charts:
        done = known.get(source.path)
        if done is None:
            done = handle(source, settings, arounds) if source.path in apart else next(alone)
            journal.note(source, done)
        for around in arounds:
            if source.base == around.source.path:
                around.note(source, done.names, done.records)
        yield source, done
    for source in inputs:
        if source.kind in _LAST and settings.references:
            yield source, handle(source, settings, arounds)


def _alone(charts: Sequence[Input], settings: Settings) -> Iterator[Done]:
    """Charts that nothing outside speaks to, several at a time."""
    if settings.jobs == 1 or len(charts) < 2:
        yield from (handle(source, settings) for source in charts)
        return
    workers = min(settings.jobs, len(charts))
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        yield from pool.map(handle, charts, [settings] * len(charts))


def handle(source: Input, settings: Settings, arounds: Sequence[Around] = ()) -> Done:
    """Plan, rewrite, verify and write one input; an unusable one is its own result."""
    from chartlift.one import migrate_one

    asked = settings.below(source.base).accepting(source.label)
    try:
        return asked.acknowledged(migrate_one(source, asked, _knowledge(settings.mappings), arounds))
    except ChartliftError as error:
        return Done(error=error)
    except BrokenInvariant as bug:
        message = f"this is a bug in chartlift, not in your chart: {bug}"
        return Done(error=Fault(message, file=source.label, help="Please report it; the chart was left as it is."))


@lru_cache(maxsize=1)
def _knowledge(mappings: tuple[Path, ...]) -> Knowledge:
    """Loaded once a process: mapping files and the catalog's index are read, nothing more."""
    return load_knowledge(mappings)
