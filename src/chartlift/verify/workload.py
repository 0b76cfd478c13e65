"""Pods within workloads: their containers, the claims they mount and where.

Field names are those of the Kubernetes API (https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from chartlift.records import Yaml
from chartlift.verify.objects import RenderedObject, items, mapping, text

CONTAINER_KEYS = ("initContainers", "containers", "ephemeralContainers")


@dataclass(frozen=True, slots=True, order=True)
class Mount:
    """A persistent claim as a container sees it."""

    claim: str
    path: str
    subpath: str


def pod_template(workload: RenderedObject) -> dict[str, Yaml]:
    """The pod that a workload makes: metadata and spec; empty for what makes none."""
    if workload.kind == "Pod":
        return workload.data
    spec = workload.spec
    if workload.kind == "CronJob":
        spec = mapping(mapping(spec.get("jobTemplate")).get("spec"))
    return mapping(spec.get("template")) if workload.is_workload else {}


def pod_spec(workload: RenderedObject) -> dict[str, Yaml]:
    return mapping(pod_template(workload).get("spec"))


def containers(workload: RenderedObject) -> Iterator[dict[str, Yaml]]:
    """Init, normal and ephemeral containers, in that order."""
    spec = pod_spec(workload)
    for key in CONTAINER_KEYS:
        yield from items(spec.get(key))


def claim_templates(workload: RenderedObject) -> dict[str, dict[str, Yaml]]:
    """The claims a StatefulSet makes for each of its pods, by name."""
    if workload.kind != "StatefulSet":
        return {}
    found = items(workload.spec.get("volumeClaimTemplates"))
    return {text(mapping(claim.get("metadata")).get("name")): claim for claim in found}


def claim_names(workload: RenderedObject) -> frozenset[str]:
    """Names of the claims that hold a workload's data; ``<template>-<StatefulSet>-N`` for those of its own."""
    return frozenset(_claims_by_volume(workload).values())


def claim_mounts(workload: RenderedObject) -> frozenset[Mount]:
    """Where the main containers mount the claims (init containers only prepare them)."""
    claims = _claims_by_volume(workload)
    found = set()
    for container in items(pod_spec(workload).get("containers")):
        for mount in items(container.get("volumeMounts")):
            claim = claims.get(text(mount.get("name")))
            if claim:
                subpath = text(mount.get("subPath")) or text(mount.get("subPathExpr"))
                found.add(Mount(claim, text(mount.get("mountPath")).rstrip("/"), subpath.strip("/")))
    return frozenset(found)


def _claims_by_volume(workload: RenderedObject) -> dict[str, str]:
    """Volume name -> claim name. A claim template wins over a volume of the pod with its name, as in Kubernetes
    (StatefulSetSpec.volumeClaimTemplates: "takes precedence over any volumes in the template").
    """
    found = {}
    for volume in items(pod_spec(workload).get("volumes")):
        claim = text(mapping(volume.get("persistentVolumeClaim")).get("claimName"))
        if claim:
            found[text(volume.get("name"))] = claim
    return found | {name: f"{name}-{workload.name}-N" for name in claim_templates(workload)}
