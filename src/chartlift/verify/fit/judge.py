"""For each container one statement: can it run on its new image, as far as facts go?"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from chartlift.records import ContainerFit, Finding
from chartlift.verify.compare import Comparison
from chartlift.verify.fit import programs, settings, storage
from chartlift.verify.fit.subject import FitKnowledge, Subject, subjects

_CHECKS: tuple[Callable[[Subject], Iterator[Finding]], ...] = (
    programs.check_programs,
    programs.check_start,
    settings.check_environment,
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
    container = subject.container
    rules = tuple(dict.fromkeys(finding.rule for finding in findings))
    identity = str(container.item.identity)
    if any(finding.level == "error" for finding in findings):
        return ContainerFit(identity, container.name, container.image, "breaks", ", ".join(rules))
    if subject.mapping:
        reason = f"the mapping {subject.mapping} was worked out for it" + (f"; {', '.join(rules)}" if rules else "")
        return ContainerFit(identity, container.name, container.image, "look" if rules else "fits", reason)
    if subject.entry is not None and subject.entry.vendor_contract:
        reason = "start scripts, variables or paths of the old image differ, and no mapping speaks for the chart"
        return ContainerFit(identity, container.name, container.image, "unknown", reason)
    if rules:
        return ContainerFit(identity, container.name, container.image, "look", ", ".join(rules))
    return ContainerFit(identity, container.name, container.image, "fits", "nothing known speaks against it")
