"""Behaviour that was sized or chosen: replicas, ports, Service types, resources, storage."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal, InvalidOperation

from chartlift.records import Finding, Yaml
from chartlift.verify.checks.finding import finding
from chartlift.verify.compare import Comparison
from chartlift.verify.objects import RenderedObject, items, mapping, text
from chartlift.verify.workload import claim_templates, containers

_UNITS = {"m": Decimal("0.001")}
_UNITS |= {unit: Decimal(1000**power) for power, unit in enumerate("kMGTPE", start=1)}
_UNITS |= {f"{unit}i": Decimal(1024**power) for power, unit in enumerate("KMGTPE", start=1)}
_WORKLOADS = ("Deployment", "StatefulSet", "DaemonSet", "CronJob")
_PIN = "Set the old value in the chart's values if it was meant."


def check_replicas(comparison: Comparison) -> Iterator[Finding]:
    """Rule ``replicas-changed``; what an autoscaler governs on both sides does not count."""
    for before, after in comparison.matched("Deployment", "StatefulSet"):
        old, new = (item.spec.get("replicas", 1) for item in (before, after))
        if old != new:
            message = f"{after.identity} runs {new} replicas instead of {old}"
            yield finding("replicas-changed", "warning", after, "spec.replicas", message, _PIN)


def check_services(comparison: Comparison) -> Iterator[Finding]:
    """Rules ``ports-changed``, ``service-type-changed``."""
    for before, after in comparison.matched("Service"):
        old, new = _ports(before), _ports(after)
        if old != new:
            message = f"Service {after.name} listens on {_numbers(new)} instead of {_numbers(old)}"
            yield finding("ports-changed", "warning", after, "spec.ports", message, _PIN)
        was, now = (text(item.spec.get("type")) or "ClusterIP" for item in (before, after))
        if was != now:
            message = f"Service {after.name} is of type {now} instead of {was}"
            yield finding("service-type-changed", "warning", after, "spec.type", message, _PIN)


def check_resources(comparison: Comparison) -> Iterator[Finding]:
    """Rule ``resources-changed``: requests and limits of containers with the same name."""
    for before, after in comparison.matched(*_WORKLOADS):
        old = {text(c.get("name")): mapping(c.get("resources")) for c in containers(before)}
        for container in containers(after):
            name = text(container.get("name"))
            changed = _resource_changes(old.get(name), mapping(container.get("resources")))
            if changed:
                message = f"container {name} of {after.identity}: {', '.join(changed)}"
                yield finding("resources-changed", "warning", after, f"containers[{name}].resources", message, _PIN)


def check_storage(comparison: Comparison) -> Iterator[Finding]:
    """Rule ``storage-changed``: size, class or access of claims with the same name."""
    for before, after in comparison.matched("StatefulSet"):
        old = claim_templates(before)
        for name, claim in claim_templates(after).items():
            if name in old:
                path = f"spec.volumeClaimTemplates[{name}]"
                yield from _storage(after, path, mapping(old[name].get("spec")), mapping(claim.get("spec")))
    for before, after in comparison.matched("PersistentVolumeClaim"):
        yield from _storage(after, "spec", before.spec, after.spec)


def _storage(item: RenderedObject, path: str, old: Mapping[str, Yaml], new: Mapping[str, Yaml]) -> Iterator[Finding]:
    sizes = [_amounts(spec, "requests").get("storage") for spec in (old, new)]
    changed = [f"size {_shown(sizes[1])} instead of {_shown(sizes[0])}"] if _differ(*sizes) else []
    for key in ("storageClassName", "accessModes"):
        if old.get(key) != new.get(key):
            changed.append(f"{key} {_shown(new.get(key))} instead of {_shown(old.get(key))}")
    if changed:
        message = f"{item.identity} asks for {', '.join(changed)}"
        cure = "Set the old value; Kubernetes can grow a volume of some classes and shrinks none."
        yield finding("storage-changed", "warning", item, path, message, cure)


def _amounts(spec: Mapping[str, Yaml], kind: str) -> dict[str, Yaml]:
    return mapping(mapping(spec.get("resources")).get(kind))


def _resource_changes(old: Mapping[str, Yaml] | None, new: Mapping[str, Yaml]) -> list[str]:
    """Differences that mean something: ``500m`` is ``0.5``."""
    if old is None:
        return []
    changed = []
    for kind in ("requests", "limits"):
        was, now = mapping(old.get(kind)), mapping(new.get(kind))
        for name in sorted({*was, *now} - {"ephemeral-storage"}):
            if _differ(was.get(name), now.get(name)):
                changed.append(f"{name} {kind[:-1]} {_shown(now.get(name))} instead of {_shown(was.get(name))}")
    return changed


def _ports(service: RenderedObject) -> set[tuple[str, str]]:
    return {(str(port.get("port")), text(port.get("protocol")) or "TCP") for port in items(service.spec.get("ports"))}


def _numbers(ports: set[tuple[str, str]]) -> str:
    shown = sorted(ports, key=lambda port: (len(port[0]), port))
    return ", ".join(number if protocol == "TCP" else f"{number}/{protocol}" for number, protocol in shown) or "nothing"


def _differ(old: Yaml, new: Yaml) -> bool:
    return old != new and quantity(old) != quantity(new)


def quantity(value: Yaml) -> Decimal | str:
    """A Kubernetes quantity as a number, text that is none as it is (kubernetes.io: Quantity)."""
    shown = str(value)
    unit = next((unit for unit in sorted(_UNITS, key=len, reverse=True) if shown.endswith(unit)), "")
    try:
        return Decimal(shown.removesuffix(unit)) * _UNITS.get(unit, 1)
    except InvalidOperation:
        return shown


def _shown(value: Yaml) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return "none" if value is None or value == "" else str(value)
