"""Pod Security Standards of rendered workloads: what keeps a pod out of ``baseline`` and ``restricted``.

The controls are those of https://kubernetes.io/docs/concepts/security/pod-security-standards/, which the
API server's own admission enforces (``k8s.io/pod-security-admission/policy``). There is no kept Python
library for them; what there is (kube-linter, kubescape) is in Go or a platform of its own.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Literal

from chartlift.records import Yaml
from chartlift.verify.fit.container import Container, containers_of
from chartlift.verify.objects import RenderedObject, items, mapping, text
from chartlift.verify.workload import pod_spec, pod_template

Profile = Literal["privileged", "baseline", "restricted"]
PROFILES: tuple[Profile, ...] = ("privileged", "baseline", "restricted")
_BASELINE_CAPABILITIES = frozenset(
    "AUDIT_WRITE CHOWN DAC_OVERRIDE FOWNER FSETID KILL MKNOD NET_BIND_SERVICE SETFCAP SETGID SETPCAP SETUID "
    "SYS_CHROOT".split()
)
_RESTRICTED_VOLUMES = frozenset(
    "configMap csi downwardAPI emptyDir ephemeral persistentVolumeClaim projected secret".split()
)
_SYSCTLS = frozenset(
    "kernel.shm_rmid_forced net.ipv4.ip_local_port_range net.ipv4.ip_local_reserved_ports "
    "net.ipv4.ip_unprivileged_port_start net.ipv4.ping_group_range net.ipv4.tcp_fin_timeout "
    "net.ipv4.tcp_keepalive_intvl net.ipv4.tcp_keepalive_probes net.ipv4.tcp_keepalive_time "
    "net.ipv4.tcp_rmem net.ipv4.tcp_syncookies net.ipv4.tcp_wmem".split()
)
_SELINUX = frozenset({"", "container_t", "container_init_t", "container_kvm_t", "container_engine_t"})
_SECCOMP = frozenset({"RuntimeDefault", "Localhost"})


def profile_of(item: RenderedObject) -> tuple[Profile, tuple[str, ...]]:
    """The strictest profile that admits a workload's pods, and what keeps them out of the next one."""
    baseline = tuple(dict.fromkeys(_baseline(item)))
    if baseline:
        return "privileged", baseline
    restricted = tuple(dict.fromkeys(_restricted(item)))
    return ("baseline", restricted) if restricted else ("restricted", ())


def standards(before: Sequence[RenderedObject], after: Sequence[RenderedObject]) -> dict[str, object]:
    """Counts of workloads by profile on both sides, and the workloads that are not ``restricted`` after."""
    old, new = dict(_profiles(before)), dict(_profiles(after))
    return {
        "before": _counts(old),
        "after": _counts(new),
        "workloads": [
            {"object": name, "before": old[name][0] if name in old else None, "after": profile, "why": list(why)}
            for name, (profile, why) in new.items()
            if profile != "restricted" or (name in old and old[name][0] != profile)
        ],
    }


def _profiles(objects: Sequence[RenderedObject]) -> Iterator[tuple[str, tuple[Profile, tuple[str, ...]]]]:
    for item in objects:
        if pod_spec(item):
            yield str(item.identity), profile_of(item)


def _counts(profiles: Mapping[str, tuple[Profile, tuple[str, ...]]]) -> dict[str, int]:
    return {profile: sum(found == profile for found, _ in profiles.values()) for profile in PROFILES}


def _baseline(item: RenderedObject) -> Iterator[str]:
    pod = pod_spec(item)
    for key in ("hostNetwork", "hostPID", "hostIPC"):
        if pod.get(key) is True:
            yield key
    if any("hostPath" in volume for volume in items(pod.get("volumes"))):
        yield "hostPath volume"
    security = mapping(pod.get("securityContext"))
    if any(text(one.get("name")) not in _SYSCTLS for one in items(security.get("sysctls"))):
        yield "unsafe sysctl"
    annotations = mapping(mapping(pod_template(item).get("metadata")).get("annotations"))
    if any("apparmor" in key and value == "unconfined" for key, value in annotations.items()):
        yield "AppArmor unconfined"
    yield from _common(security)
    for container in containers_of(item):
        yield from (f"{container.name}: {why}" for why in _container_baseline(container))


def _common(security: Mapping[str, Yaml]) -> Iterator[str]:
    """Fields that pod and container share."""
    selinux = mapping(security.get("seLinuxOptions"))
    if text(selinux.get("type")) not in _SELINUX or selinux.get("user") or selinux.get("role"):
        yield "SELinux options"
    if text(mapping(security.get("seccompProfile")).get("type")) == "Unconfined":
        yield "seccomp Unconfined"
    if text(mapping(security.get("appArmorProfile")).get("type")) == "Unconfined":
        yield "AppArmor unconfined"
    if mapping(security.get("windowsOptions")).get("hostProcess") is True:
        yield "hostProcess"


def _container_baseline(container: Container) -> Iterator[str]:
    security = mapping(container.data.get("securityContext"))
    if security.get("privileged") is True:
        yield "privileged"
    if any(name not in _BASELINE_CAPABILITIES for name in _capabilities(security, "add")):
        yield "added capabilities"
    if text(security.get("procMount")) not in ("", "Default"):
        yield "procMount"
    if any(port.get("hostPort") for port in items(container.data.get("ports"))):
        yield "hostPort"
    yield from _common(security)


def _restricted(item: RenderedObject) -> Iterator[str]:
    for volume in items(pod_spec(item).get("volumes")):
        kinds = [key for key in volume if key != "name" and key not in _RESTRICTED_VOLUMES]
        if kinds:
            yield f"volume of kind {kinds[0]}"
    for container in containers_of(item):
        yield from (f"{container.name}: {why}" for why in _container_restricted(container))


def _container_restricted(container: Container) -> Iterator[str]:
    security = mapping(container.data.get("securityContext"))
    if security.get("allowPrivilegeEscalation") is not False:
        yield "allowPrivilegeEscalation is not false"
    if container.security("runAsNonRoot") is not True:
        yield "runAsNonRoot is not true"
    if container.user == 0:
        yield "runs as root"
    if "ALL" not in _capabilities(security, "drop"):
        yield "capabilities are not all dropped"
    if any(name != "NET_BIND_SERVICE" for name in _capabilities(security, "add")):
        yield "added capabilities"
    if text(mapping(container.security("seccompProfile")).get("type")) not in _SECCOMP:
        yield "no seccomp profile"


def _capabilities(security: Mapping[str, Yaml], key: str) -> list[str]:
    listed = mapping(security.get("capabilities")).get(key)
    return [str(name) for name in listed] if isinstance(listed, list) else []
