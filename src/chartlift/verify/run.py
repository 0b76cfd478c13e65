"""Verify a migration: render before and after with every chain of values, compare, check, report.

"Verified" means rendered by Helm and compared (design, invariant 8); where that was not possible the
result is ``not-run`` and says why.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from chartlift.accept import BLOCKING
from chartlift.errors import ChartliftError
from chartlift.records import Finding, Place, PodLabels, Verification
from chartlift.verify.assemble import assemble
from chartlift.verify.checks.every import run_checks
from chartlift.verify.details import object_summary
from chartlift.verify.engine import Engine, EngineUnavailable, MissingDependencies, RenderRequest, missing_dependencies
from chartlift.verify.fit.judge import judge_fit
from chartlift.verify.fit.subject import FitKnowledge
from chartlift.verify.imageuse import container_images, image_uses
from chartlift.verify.judge import Explained, Terms, merge_chains
from chartlift.verify.objects import RenderedObject, mapping
from chartlift.verify.rendering import Rendering, VerifyInput, compare_all, render_all
from chartlift.verify.shown import Scrubber
from chartlift.verify.standards import standards
from chartlift.verify.store import ChartStore
from chartlift.verify.upgrade import upgrade_of
from chartlift.verify.workload import pod_template

_WHERE = re.compile(r"(?P<file>[\w.@+-]+(?:/[\w.@+-]+)+):(?P<line>\d+):\d+")
_RENDER_HELP = "Run `helm template` on it with the same values, mend what it says, and verify again."


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a verification gives to the record of a chart."""

    verification: Verification
    findings: tuple[Finding, ...] = ()


def verify(
    before: VerifyInput,
    after: VerifyInput,
    engine: Engine,
    *,
    vendor_image: Callable[[str], bool],
    explained: Sequence[Explained] = (),
    accepted: Collection[str] = (),
    reported: Collection[str] = (),
    fit: FitKnowledge | None = None,
    store: ChartStore | None = None,
) -> Outcome:
    """Render and compare. ``vendor_image``: is this reference one of the source vendor's?
    ``explained`` and ``accepted`` (rule ids) acknowledge findings; ``reported`` are images of the vendor
    that the plan said would stay; with ``fit`` each container is judged on its new image.

    Errors (``ChartliftError``): a chart that cannot be read safely. Whatever Helm says against a chart
    is an outcome: ``not-run`` for the one before, ``failed`` for the one after.
    """
    terms = Terms(vendor_image, explained, frozenset(accepted), frozenset(reported), fit)
    with tempfile.TemporaryDirectory(prefix="chartlift-verify-") as directory:
        try:
            old = _prepare(before, Path(directory, "before"), store)
            new = _prepare(after, Path(directory, "after"), store)
            rendered = render_all([*old, *new], engine)
            first, second = rendered[: len(old)], rendered[len(old) :]
            return _refused(first, second) or _compared(before, first, second, engine, terms)
        except (EngineUnavailable, MissingDependencies) as error:
            return _not_run(error)


def _prepare(side: VerifyInput, workdir: Path, store: ChartStore | None) -> list[RenderRequest]:
    ready = assemble(side.chart, store or ChartStore(), workdir, label=side.label)
    if ready.missing:
        raise missing_dependencies(", ".join(ready.missing), side.label or str(side.chart))
    return list(side.requests(ready.path))


def _not_run(error: ChartliftError, said_first: str = "") -> Outcome:
    reason = f"{said_first}{error}. {error.help or ''}".strip()
    return Outcome(Verification("not-run", reason))


def _refused(first: Sequence[Rendering], second: Sequence[Rendering]) -> Outcome | None:
    """The outcome if a side does not render; one before decides nothing about the migration."""
    for rendering in (*first, *second):
        if isinstance(rendering.failure, MissingDependencies):
            raise rendering.failure
    scrubber = Scrubber(values=(rendering.request.values for rendering in (*first, *second)))
    for rendering in first:
        if rendering.failure:
            message = scrubber.hide(str(rendering.failure))
            return Outcome(Verification("not-run", f"the chart as it was does not render: {message}"))
    failures = [rendering for rendering in second if rendering.failure]
    findings = tuple(dict.fromkeys(_render_failed(rendering, scrubber) for rendering in failures))
    if not findings:
        return None
    return Outcome(Verification("failed", f"the result does not render: {findings[0].message}"), findings)


def _render_failed(rendering: Rendering, scrubber: Scrubber) -> Finding:
    failure = rendering.failure
    message = scrubber.hide(failure.message if failure else "")
    where = _WHERE.search(message)
    place = Place(where["file"], int(where["line"])) if where else Place(rendering.request.shown)
    return Finding("render-failed", "error", message, place, (failure and failure.help) or _RENDER_HELP)


def _compared(
    before: VerifyInput, first: Sequence[Rendering], second: Sequence[Rendering], engine: Engine, terms: Terms
) -> Outcome:
    both = (*first, *second)
    scrubber = Scrubber((item for side in both for item in side.objects), (side.request.values for side in both))
    labels = [chain.label for chain in before.chains]
    comparisons = dict(zip(labels, compare_all(first, second, engine), strict=True))
    ignored = dict(zip(labels, map(_ignored_values, first, second), strict=True))
    fits = {label: judge_fit(comparisons[label], terms.fit) for label in labels} if terms.fit else {}
    found = {
        label: [
            *run_checks(comparisons[label], terms.vendor_image, terms.reported),
            *ignored[label],
            *(fits[label].findings if label in fits else ()),
        ]
        for label in labels
    }
    merged = list(merge_chains(found))
    findings = tuple(terms.judge(finding, scrubber) for finding in merged)
    objects = object_summary(comparisons, upgrade_of(merged), scrubber)
    verdict = replace(
        _verdict(findings, objects, second),
        containers=tuple(dict.fromkeys(one for fit in fits.values() for one in fit.containers)),
        pod_security=standards(_all(first), _all(second)),
        pods=PodLabels(_pod_labels(first), _pod_labels(second)),
    )
    return Outcome(verdict, findings)


def _all(renderings: Sequence[Rendering]) -> list[RenderedObject]:
    """The objects of all chains, each once; one that chains render differently counts by the last."""
    return list({item.identity: item for rendering in renderings for item in rendering.objects}.values())


def _pod_labels(renderings: Sequence[Rendering]) -> frozenset[frozenset[tuple[str, str]]]:
    found = set()
    for item in (one for rendering in renderings for one in rendering.objects if one.is_workload):
        labels = mapping(mapping(pod_template(item).get("metadata")).get("labels"))
        found.add(frozenset((key, str(value)) for key, value in labels.items()))
    return frozenset(found)


def _verdict(findings: Sequence[Finding], objects: Mapping[str, object], second: Sequence[Rendering]) -> Verification:
    blocking = list(dict.fromkeys(finding.rule for finding in findings if finding.blocks))
    reason = BLOCKING + ", ".join(blocking) if blocking else ""
    return Verification("failed" if blocking else "passed", reason, objects, _images(second))


def _images(renderings: Sequence[Rendering]) -> tuple[str, ...]:
    """Every image of the result: those that containers run, and those in fields of other objects."""
    items = [item for rendering in renderings for item in rendering.objects]
    run = {image for item in items for image in container_images(item)}
    return tuple(sorted(run | {use.image for item in items for use in image_uses(item)}))


def _ignored_values(old: Rendering, new: Rendering) -> Iterator[Finding]:
    """Rule ``value-ignored``: Helm's warnings about values, where the chart before had none such."""
    for warning in new.warnings:
        if warning not in old.warnings:
            yield Finding(
                "value-ignored", "warning", f"Helm says: {warning}", Place(new.request.shown),
                "The value has another shape than the chart's default; Helm leaves one of the two out.",
            )  # fmt: skip
