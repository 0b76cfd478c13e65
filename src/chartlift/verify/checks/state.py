"""What an upgrade would refuse: fields that Kubernetes does not let change.

"Forbidden: updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template',
'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and
'minReadySeconds'" is the API server's rule (``pkg/apis/apps/validation`` in kubernetes/kubernetes);
the others are in the same place for their kinds.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from chartlift.records import Finding, Yaml
from chartlift.verify.checks.finding import finding
from chartlift.verify.compare import Comparison
from chartlift.verify.fields import differences
from chartlift.verify.objects import RenderedObject, mapping
from chartlift.yamltext.paths import get_in

_FIXED = {
    "StatefulSet": ("selector", "serviceName", "podManagementPolicy", "volumeClaimTemplates"),
    "Deployment": ("selector",),
    "DaemonSet": ("selector",),
    "ReplicaSet": ("selector",),
    "Job": ("selector", "template", "completions", "completionMode"),
    "PersistentVolumeClaim": ("storageClassName", "accessModes", "volumeName", "volumeMode", "selector"),
}
_DEFAULTS = {"podManagementPolicy": "OrderedReady", "completionMode": "NonIndexed", "volumeMode": "Filesystem"}
_CLAIM_KIND: dict[str, Yaml] = {"apiVersion": "v1", "kind": "PersistentVolumeClaim"}
_MOST_NAMED = 3
_ORPHAN = (
    "Run `kubectl delete statefulset {name} --cascade=orphan` before the upgrade: pods and claims stay, "
    "and the new StatefulSet takes them over."
)
_PODS_TOO = (
    "Run `kubectl delete statefulset {name}` before the upgrade: the claims stay, the pods are made again "
    "(with the new selector they could not be taken over)."
)
_CLAIM_HELP = "Make a new claim and move the data, or set the old value again."


def check_immutable(comparison: Comparison) -> Iterator[Finding]:
    """Rule ``immutable-field-changed``: the API server would refuse the upgrade half way."""
    for before, after in comparison.in_place(*_FIXED):
        if after.kind == "Job" and after.hooks:
            continue
        for key in _FIXED[after.kind]:
            yield from _fixed_field(before, after, key)
    for before, after in comparison.in_place("Service"):
        if _is_headless(before) != _is_headless(after):
            yield _immutable(after, "spec.clusterIP", f"Delete Service {after.name} before the upgrade.")
    for before, after in comparison.in_place("RoleBinding", "ClusterRoleBinding"):
        if before.data.get("roleRef") != after.data.get("roleRef"):
            yield _immutable(after, "roleRef", f"Delete {after.identity} before the upgrade.")


def _fixed_field(before: RenderedObject, after: RenderedObject, key: str) -> Iterator[Finding]:
    default = _DEFAULTS.get(key)
    old, new = (_filled(item.spec.get(key, default)) for item in (before, after))
    changed = [difference.path for difference in differences({key: old}, {key: new})]
    if not changed:
        return
    if after.kind == "StatefulSet":
        cure = (_ORPHAN if _takes_over(before, after) else _PODS_TOO).format(name=after.name)
    elif after.kind == "PersistentVolumeClaim":
        cure = _CLAIM_HELP
    else:
        cure = f"Delete {after.identity} before the upgrade; its pods stop until the new ones run."
    yield _immutable(after, f"spec.{key}", cure, changed)


def _takes_over(before: RenderedObject, after: RenderedObject) -> bool:
    """Would the new StatefulSet find the pods of the old one? It adopts those that its selector matches."""
    selector = mapping(after.spec.get("selector"))
    wanted = mapping(selector.get("matchLabels"))
    if not wanted or selector.get("matchExpressions"):
        return selector == mapping(before.spec.get("selector"))
    labels = mapping(get_in(before.spec, ("template", "metadata", "labels"), None))
    return all(labels.get(key) == value for key, value in wanted.items())


def _filled(value: Yaml) -> Yaml:
    """With the kind that the API server writes into each claim template, whether the chart says it or not."""
    if not isinstance(value, list):
        return value
    return [_CLAIM_KIND | item if isinstance(item, dict) and "spec" in item else item for item in value]


def _immutable(item: RenderedObject, path: str, cure: str, changed: Sequence[str] = ()) -> Finding:
    field = path.rpartition(".")[2]
    inner = [name for name in changed if name != field]
    where = f" (in {', '.join(inner[:_MOST_NAMED])}{', ...' if len(inner) > _MOST_NAMED else ''})" if inner else ""
    message = f"{field} of {item.identity} changes{where}, which Kubernetes refuses for an object that exists"
    return finding("immutable-field-changed", "error", item, path, message, cure)


def _is_headless(service: RenderedObject) -> bool:
    return service.spec.get("clusterIP") == "None"
