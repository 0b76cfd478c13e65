"""What guarded a workload and is weaker now: policies, disruption budgets, security contexts, probes."""

from __future__ import annotations

from collections.abc import Iterator

from chartlift.records import Finding, Yaml
from chartlift.verify.checks.finding import finding
from chartlift.verify.compare import Comparison
from chartlift.verify.objects import RenderedObject, items, mapping
from chartlift.verify.workload import pod_spec

_WORKLOADS = ("Deployment", "StatefulSet", "DaemonSet", "CronJob")
_PROBES = ("livenessProbe", "readinessProbe", "startupProbe")
_GUARDS = {
    "NetworkPolicy": "what may reach its pods is no longer limited",
    "PodDisruptionBudget": "a node drain may take all its pods at once",
}
Container = dict[str, Yaml]


def check_policies(comparison: Comparison) -> Iterator[Finding]:
    """Rule ``protection-lost``."""
    for item in comparison.lost(*_GUARDS):
        yield finding(
            "protection-lost", "warning", item, "",
            f"{item.identity} is no longer rendered: {_GUARDS[item.kind]}",
            "Switch it on in the new chart if it has one, or keep it as an object of your own.",
        )  # fmt: skip


def check_security(comparison: Comparison) -> Iterator[Finding]:
    """Rule ``security-weakened``: a restriction that held for a container does not any more."""
    for before, after, old, new in _containers(comparison):
        now = _restrictions(after, new)
        lost = [name for name, held in _restrictions(before, old).items() if held and not now[name]]
        if lost:
            yield finding(
                "security-weakened", "warning", after, f"containers[{new.get('name')}].securityContext",
                f"container {new.get('name')} of {after.identity} loses {', '.join(lost)}",
                "Set it in the chart's containerSecurityContext or podSecurityContext.",
            )  # fmt: skip


def check_probes(comparison: Comparison) -> Iterator[Finding]:
    """Rule ``probe-lost``."""
    for _, after, old, new in _containers(comparison):
        lost = [probe for probe in _PROBES if old.get(probe) and not new.get(probe)]
        if lost:
            yield finding(
                "probe-lost", "warning", after, f"containers[{new.get('name')}].{lost[0]}",
                f"container {new.get('name')} of {after.identity} loses its {' and '.join(lost)}",
                "Set the probe in the chart's values.",
            )  # fmt: skip


def _containers(
    comparison: Comparison,
) -> Iterator[tuple[RenderedObject, RenderedObject, Container, Container]]:
    """The main containers on both sides, by name; a single one on each side is the same one."""
    for before, after in comparison.matched(*_WORKLOADS):
        old, new = (items(pod_spec(item).get("containers")) for item in (before, after))
        named = {str(container.get("name")): container for container in new}
        for container in old:
            other = named.get(str(container.get("name")))
            if other is None and len(old) == len(new) == 1:
                other = new[0]
            if other is not None:
                yield before, after, container, other


def _restrictions(workload: RenderedObject, container: Container) -> dict[str, bool]:
    """What holds for a container, its own settings over the pod's."""
    own = mapping(container.get("securityContext"))
    both = mapping(pod_spec(workload).get("securityContext")) | own
    dropped = mapping(own.get("capabilities")).get("drop")
    return {
        "runAsNonRoot": both.get("runAsNonRoot") is True,
        "readOnlyRootFilesystem": own.get("readOnlyRootFilesystem") is True,
        "allowPrivilegeEscalation: false": own.get("allowPrivilegeEscalation") is False,
        "privileged: false": own.get("privileged") is not True,
        "dropped capabilities": isinstance(dropped, list) and "ALL" in dropped,
        "seccompProfile": bool(both.get("seccompProfile")),
    }
