"""Names that others rely on: objects that are gone, Services, Secrets and their keys, accounts.

A name in a cluster is an interface: clients hold Service names, Deployments of other charts hold
Secret names and keys, clouds hold service accounts (identity, in the design's words).
"""

from __future__ import annotations

from collections.abc import Iterator

from chartlift.records import Finding, Level
from chartlift.verify.checks.finding import finding
from chartlift.verify.compare import Comparison
from chartlift.verify.objects import CRD, RenderedObject, mapping, text
from chartlift.verify.workload import claim_names, pod_spec

_ELSEWHERE = frozenset({"Service", "Secret", "PersistentVolumeClaim", "NetworkPolicy", "PodDisruptionBudget"})
"""Kinds whose loss another rule reports."""
_INTERNAL = frozenset({"ConfigMap", "ServiceAccount", "Role", "RoleBinding", "ClusterRole", "ClusterRoleBinding"})
"""Kinds that a chart's own objects use; with those changed, their loss is part of the change."""
_RUNNING = frozenset({"Deployment", "StatefulSet", "DaemonSet", "ReplicaSet"})


def check_objects(comparison: Comparison) -> Iterator[Finding]:
    """Rules ``object-lost``, ``object-duplicate``."""
    for pair in comparison.pairs:
        if pair.status == "removed" and pair.before is not None and not _said_elsewhere(pair.before):
            yield _lost(pair.before)
    for item in comparison.duplicates:
        yield finding(
            "object-duplicate", "error", item, "", f"{item.identity} is rendered twice",
            "Give one of the two charts another nameOverride, or switch one off.",
        )  # fmt: skip


def _said_elsewhere(item: RenderedObject) -> bool:
    return item.kind in _ELSEWHERE or bool(claim_names(item))


def _lost(item: RenderedObject) -> Finding:
    level: Level = "warning"
    message, cure = f"{item.identity} is no longer rendered", "Add it yourself, or accept that it goes."
    if item.hooks or item.kind in _INTERNAL:
        level = "note"
    elif item.kind in _RUNNING:
        level = "error"
        message += ": what it ran stops"
    elif item.kind == CRD and "/crds/" not in f"/{item.template}":
        level = "error"
        message += ": Helm would delete the definition, and with it every object of that kind"
        cure = "Annotate it with `helm.sh/resource-policy: keep` in the cluster first."
    return finding("object-lost", level, item, "", message, cure)


def check_services(comparison: Comparison) -> Iterator[Finding]:
    """Rules ``service-renamed``, ``service-lost``: clients hold the name."""
    for before, after in _renamed(comparison, "Service"):
        yield finding(
            "service-renamed", "error", after, "metadata.name",
            f"Service {before.name} becomes {after.name}: clients that use the old name find nothing",
            f"Keep the name with fullnameOverride, or add a Service {before.name} of type ExternalName.",
        )  # fmt: skip
    for item in comparison.lost("Service"):
        yield finding(
            "service-lost", "error", item, "metadata.name",
            f"Service {item.name} is no longer rendered: clients that use it find nothing",
            f"Point clients of {item.name} elsewhere first, or add a Service of that name.",
        )  # fmt: skip


def check_secrets(comparison: Comparison) -> Iterator[Finding]:
    """Rules ``secret-renamed``, ``secret-lost``, ``secret-key-lost``."""
    for before, after in _renamed(comparison, "Secret"):
        yield _secret_gone("secret-renamed", comparison, before, after, f"Secret {before.name} becomes {after.name}")
    for item in comparison.lost("Secret"):
        yield _secret_gone("secret-lost", comparison, item, item, f"Secret {item.name} is no longer rendered")
    for before, after in comparison.matched("Secret"):
        for key in sorted(_keys(before) - _keys(after)):
            yield finding(
                "secret-key-lost", "warning", after, f"data.{key}",
                f"Secret {after.name} no longer has the key {key}: pods that read it do not start",
                "Set the name of the key in the chart's values, or bring your own Secret.",
            )  # fmt: skip


def _secret_gone(rule: str, comparison: Comparison, before: RenderedObject, at: RenderedObject, what: str) -> Finding:
    generated = bool(comparison.unstable_before.get(before.identity))
    if not generated:
        return finding(rule, "warning", at, "metadata.name", f"{what}: pods that read it do not start",
                       "Keep the old Secret, and name it with the chart's existingSecret value.")  # fmt: skip
    return finding(
        rule, "error", at, "metadata.name",
        f"{what}, and its content was generated: a new password does not open the old data",
        f"Annotate Secret {before.name} with `helm.sh/resource-policy: keep`, then name it with existingSecret.",
    )  # fmt: skip


def check_accounts(comparison: Comparison) -> Iterator[Finding]:
    """Rule ``service-account-changed``: clouds and policies grant rights to the account by name."""
    for before, after in comparison.matched(*_RUNNING):
        old, new = (text(pod_spec(item).get("serviceAccountName")) or "default" for item in (before, after))
        if old != new:
            yield finding(
                "service-account-changed", "warning", after, "spec.template.spec.serviceAccountName",
                f"pods of {after.identity} run as service account {new} instead of {old}",
                "Keep the name with serviceAccount.name where rights outside the chart hang on it.",
            )  # fmt: skip


def _renamed(comparison: Comparison, kind: str) -> Iterator[tuple[RenderedObject, RenderedObject]]:
    for pair in comparison.pairs:
        if pair.status == "renamed" and pair.item.kind == kind and pair.both:
            yield pair.both


def _keys(secret: RenderedObject) -> set[str]:
    return {*mapping(secret.data.get("data")), *mapping(secret.data.get("stringData"))}
