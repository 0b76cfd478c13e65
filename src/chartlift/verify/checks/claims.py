"""Where the data is: claims that are gone or renamed, kinds of workload, mount paths.

A pod that is green on an empty volume is the worst that a migration can cause, so all of this is an
error. Claims of a StatefulSet are called ``<template>-<StatefulSet>-<ordinal>``
(https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/#stable-storage).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from chartlift.records import Finding
from chartlift.verify.checks.finding import finding
from chartlift.verify.compare import Comparison
from chartlift.verify.objects import RenderedObject, mapping, text
from chartlift.verify.workload import claim_mounts, claim_names, claim_templates

_CLAIM_HELP = "Back up and move the data first, or keep the name of the claim with the chart's values."


def check_kinds(comparison: Comparison) -> Iterator[Finding]:
    """Rule ``workload-kind-changed``."""
    for pair in comparison.pairs:
        if pair.status != "replaced" or not pair.both:
            continue
        before, after = pair.both
        holds_data = bool(claim_names(before))
        yield finding(
            "workload-kind-changed", "error" if holds_data else "warning", after, "kind",
            f"{before.identity} becomes {after.identity}"
            + (": its volumes do not follow" if holds_data else ""),
            _CLAIM_HELP if holds_data else "Check what addresses its pods by name.",
        )  # fmt: skip


def check_claims(comparison: Comparison) -> Iterator[Finding]:
    """Rules ``claim-renamed``, ``claim-lost``: the pods would run on an empty volume, or on none."""
    kept = {name for pair in comparison.pairs if pair.after for name in _claims(pair.after)}
    known = {name for pair in comparison.pairs if pair.before for name in _claims(pair.before)}
    for pair in comparison.pairs:
        if pair.before is None:
            continue
        lost = sorted(_claims(pair.before) - kept)
        fresh = sorted(_claims(pair.after) - known) if pair.after else []
        at = pair.after or pair.before
        if lost and fresh:
            message = f"{at.identity} uses claim {_list(fresh)} instead of {_list(lost)}: the data stays behind"
            yield finding("claim-renamed", "error", at, _claim_path(at), message, _CLAIM_HELP)
        elif lost:
            yield finding("claim-lost", "error", at, _claim_path(at), _lost(pair.before, at, lost), _CLAIM_HELP)


def check_mounts(comparison: Comparison) -> Iterator[Finding]:
    """Rule ``mount-changed``: the same claim, seen at another place, can look empty to what runs there."""
    for before, after in comparison.matched("StatefulSet", "Deployment", "DaemonSet"):
        old, new = claim_mounts(before), claim_mounts(after)
        for claim in sorted({mount.claim for mount in old} & claim_names(after)):
            was, now = ([_where(m.path, m.subpath) for m in sorted(s) if m.claim == claim] for s in (old, new))
            if was != now:
                yield finding(
                    "mount-changed", "error", after, "spec.template.spec.containers",
                    f"claim {claim} was mounted at {_list(was)} and is at {_list(now) or 'no place'}: "
                    "the data may not be found",
                    "Compare the data directories of both images; set mount path or subPath so that they agree.",
                )  # fmt: skip


def _claims(item: RenderedObject) -> frozenset[str]:
    return frozenset({item.name}) if item.kind == "PersistentVolumeClaim" else claim_names(item)


def _claim_path(item: RenderedObject) -> str:
    if item.kind == "PersistentVolumeClaim":
        return "metadata.name"
    return "spec.volumeClaimTemplates" if claim_templates(item) else "spec.template.spec.volumes"


def _lost(before: RenderedObject, at: RenderedObject, claims: list[str]) -> str:
    if before.kind == "PersistentVolumeClaim":
        kept = text(mapping(mapping(before.data.get("metadata")).get("annotations")).get("helm.sh/resource-policy"))
        end = "is no longer rendered" if kept == "keep" else "is no longer rendered: Helm would delete it"
        return f"{before.identity} {end}"
    gone = "is gone" if at is before else "no longer uses it"
    return f"claim {_list(claims)} is left without a user: {before.identity} {gone}"


def _where(path: str, subpath: str) -> str:
    return f"{path} (subPath {subpath})" if subpath else path


def _list(names: Sequence[str]) -> str:
    return ", ".join(names)
