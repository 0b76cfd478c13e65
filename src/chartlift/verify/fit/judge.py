"""For each container one statement: can it run on its new image, as far as facts go?"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from chartlift.records import ContainerFit, Finding, Verdict
from chartlift.verify.compare import Comparison
from chartlift.verify.fit import programs, settings, storage
from chartlift.verify.fit.subject import FitKnowledge, Subject, subjects

_CHECKS: tuple[Callable[[Subject], Iterator[Finding]], ...] = (
    programs.check_programs,
    programs.check_start,
    settings.check_environment,
    settings.check_arguments,
    settings.check_paths,
    settings.check_transport,
    storage.check_data,
    storage.check_owner,
    storage.check_writing,
    storage.check_ports,
    storage.check_collation,
    storage.check_platform,
)


@dataclass(frozen=True, slots=True)
class Fit:
    """The statements of one comparison and the findings behind them."""

    containers: tuple[ContainerFit, ...]
    findings: tuple[Finding, ...]


def judge_fit(comparison: Comparison, knowledge: FitKnowledge) -> Fit:
    """Judge every container that runs another image than before and a hardened one now."""
    containers, findings = [], []
    for subject in subjects(comparison, knowledge):
        mine = [finding for check in _CHECKS for finding in check(subject)]
        findings += mine
        containers.append(_state(subject, mine))
    return Fit(tuple(containers), tuple(findings))


def _state(subject: Subject, findings: Sequence[Finding]) -> ContainerFit:
    breaking = [finding for finding in findings if finding.level == "error"]
    verdict, reason = _unbroken(subject, findings)
    if breaking:
        verdict, reason = "breaks", _said(breaking)
    return ContainerFit(
        object=str(subject.container.item.identity),
        container=subject.container.name,
        image=subject.container.image,
        verdict=verdict,
        reason=reason,
        source=str(subject.source) if subject.source is not None else "",
        rules=tuple(dict.fromkeys(finding.rule for finding in breaking or findings)),
    )


def _said(breaking: Sequence[Finding]) -> str:
    """The first reason in its own words; the others by their rules."""
    first, *rest = breaking
    others = ", ".join(dict.fromkeys(finding.rule for finding in rest if finding.rule != first.rule))
    return first.message.partition(": ")[2] + (f"; also {others}" if others else "")


def _unbroken(subject: Subject, findings: Sequence[Finding]) -> tuple[Verdict, str]:
    rules = ", ".join(dict.fromkeys(finding.rule for finding in findings))
    if subject.mapping:
        reason = f"the mapping {subject.mapping} was worked out for it" + (f"; {rules}" if rules else "")
        return ("look" if rules else "fits"), reason
    if subject.entry is not None and subject.entry.vendor_contract:
        return (
            "unknown",
            "start scripts, variables or paths of the old image differ, and no mapping speaks for the chart",
        )
    return ("look", rules) if rules else ("fits", "nothing known speaks against it")
