"""Pod Security Standards of rendered workloads."""

from __future__ import annotations

from typing import Any

import pytest

from chartlift.verify.standards import profile_of, standards

GOOD = {
    "allowPrivilegeEscalation": False,
    "runAsNonRoot": True,
    "capabilities": {"drop": ["ALL"]},
    "seccompProfile": {"type": "RuntimeDefault"},
}


def deployment(kube: Any, container: dict[str, Any], **pod: Any) -> Any:
    spec = {"containers": [{"name": "app", "image": "x", **container}], **pod}
    return kube.make(kube.thing("Deployment", "app", {"template": {"spec": spec}}))[0]


def test_restricted(kube: Any) -> None:
    assert profile_of(deployment(kube, {"securityContext": GOOD})) == ("restricted", ())
    shared = {"runAsNonRoot": True, "seccompProfile": {"type": "Localhost", "localhostProfile": "p"}}
    own = {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"], "add": ["NET_BIND_SERVICE"]}}
    assert profile_of(deployment(kube, {"securityContext": own}, securityContext=shared))[0] == "restricted"


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"allowPrivilegeEscalation": None}, "allowPrivilegeEscalation is not false"),
        ({"runAsNonRoot": None}, "runAsNonRoot is not true"),
        ({"runAsUser": 0}, "runs as root"),
        ({"capabilities": {"drop": ["NET_RAW"]}}, "capabilities are not all dropped"),
        ({"capabilities": {"drop": ["ALL"], "add": ["CHOWN"]}}, "added capabilities"),
        ({"seccompProfile": None}, "no seccomp profile"),
    ],
)
def test_baseline_only(kube: Any, change: dict[str, Any], why: str) -> None:
    assert profile_of(deployment(kube, {"securityContext": {**GOOD, **change}})) == ("baseline", (f"app: {why}",))


@pytest.mark.parametrize(
    ("container", "pod", "why"),
    [
        ({"securityContext": {**GOOD, "privileged": True}}, {}, "app: privileged"),
        ({"securityContext": {**GOOD, "capabilities": {"add": ["SYS_ADMIN"]}}}, {}, "app: added capabilities"),
        ({"securityContext": GOOD, "ports": [{"containerPort": 1, "hostPort": 1}]}, {}, "app: hostPort"),
        ({"securityContext": GOOD}, {"hostNetwork": True}, "hostNetwork"),
        ({"securityContext": GOOD}, {"volumes": [{"name": "v", "hostPath": {"path": "/"}}]}, "hostPath volume"),
        ({"securityContext": GOOD}, {"securityContext": {"sysctls": [{"name": "vm.max_map_count"}]}}, "unsafe sysctl"),
    ],
)
def test_privileged(kube: Any, container: dict[str, Any], pod: dict[str, Any], why: str) -> None:
    profile, found = profile_of(deployment(kube, container, **pod))
    assert profile == "privileged"
    assert why in found


def test_counts_of_both_sides_and_what_is_not_restricted(kube: Any) -> None:
    loose, strict = deployment(kube, {}), deployment(kube, {"securityContext": GOOD})
    found = standards([loose], [strict])
    assert found["before"] == {"privileged": 0, "baseline": 1, "restricted": 0}
    assert found["after"] == {"privileged": 0, "baseline": 0, "restricted": 1}
    assert standards([strict], [strict])["workloads"] == []
