"""A telling value for a key: another one than the default, of its type, that can be found again in what is rendered.

Where a field of Kubernetes takes only some words, numbers or shapes, the key's name says which
(https://kubernetes.io/docs/reference/kubernetes-api/); anything else gets a text that stands nowhere else.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from chartlift.records import Yaml, YamlPath

MARK = "chartlift"
_WORDS: dict[str, tuple[str, ...]] = {
    "type": ("LoadBalancer", "NodePort"),
    "pullpolicy": ("Always", "IfNotPresent"),
    "imagepullpolicy": ("Always", "IfNotPresent"),
    "sessionaffinity": ("ClientIP", "None"),
    "externaltrafficpolicy": ("Local", "Cluster"),
    "internaltrafficpolicy": ("Local", "Cluster"),
    "pathtype": ("Exact", "Prefix"),
    "podantiaffinitypreset": ("hard", "soft"),
    "podaffinitypreset": ("hard", "soft"),
    "restartpolicy": ("OnFailure", "Never"),
    "podmanagementpolicy": ("Parallel", "OrderedReady"),
    "resourcespreset": ("large", "medium"),
    "dnspolicy": ("Default", "ClusterFirst"),
    "loglevel": ("debug", "info"),
    "apiversion": ("networking.k8s.io/v1", "v1"),
}
_QUANTITIES = frozenset({"size", "memory", "storage", "ephemeral-storage", "sizelimit"})
_NUMBERS = ("seconds", "targetcpu", "targetmemory", "minavailable", "maxunavailable", "threshold", "replicas", "limit")
"""Ends of names that take a number even where the default is an empty text."""
_SECONDS = frozenset({"interval", "scrapetimeout", "timeout"})


def telling_value(path: YamlPath, default: Yaml, number: int) -> Yaml:
    """A value for a key; ``number`` makes texts and numbers of different keys differ."""
    name = str(path[-1]).lower()
    if name in _WORDS:
        return next(word for word in _WORDS[name] if word != default)
    if isinstance(default, bool):
        return not default
    if isinstance(default, int | float):
        return _number(name, default, number)
    if isinstance(default, list):
        return [*default, *_item(name, number)]
    if default == {} or isinstance(default, dict):
        return _map(name, number)
    return _text(name, number)


def marks_of(value: Yaml) -> tuple[str, ...]:
    """The texts in a telling value that can be found again; numbers and plain words cannot."""
    if isinstance(value, dict):
        return tuple(mark for key, item in value.items() for mark in (*marks_of(key), *marks_of(item)))
    if isinstance(value, list):
        return tuple(mark for item in value for mark in marks_of(item))
    return (value,) if isinstance(value, str) and MARK in value.lower() else ()


def _number(name: str, default: float, number: int) -> Yaml:
    if "port" in name:
        return 20000 + number % 10000
    return int(default) + 3 if float(default).is_integer() else default + 0.5


def _text(name: str, number: int) -> Yaml:
    if name in _QUANTITIES:
        return "13Gi"
    if name.endswith(_NUMBERS):
        return 3 + number % 40
    if name == "cpu":
        return "1300m"
    if name in _SECONDS:
        return "47s"
    if "schedule" in name:
        return "13 4 * * *"
    if "port" in name:
        return str(20000 + number % 10000)
    if "hostname" in name or name in ("host", "domain"):
        return f"{MARK}-{number}.example.com"
    if name.endswith(("ip", "clusterip", "loadbalancerip")):
        return "10.96.13.13"
    if "path" in name or name.endswith("dir"):
        return f"/{MARK}-{number}"
    return f"{MARK}-{number}"


def _map(name: str, number: int) -> Yaml:
    mark = f"{MARK}-{number}"
    shapes: tuple[tuple[tuple[str, ...], Yaml], ...] = (
        (("securitycontext",), {"runAsUser": 13000 + number % 1000}),
        (("affinity",), {"nodeAffinity": {"preferredDuringSchedulingIgnoredDuringExecution": [
            {"weight": 1, "preference": {"matchExpressions": [{"key": mark, "operator": "Exists"}]}}]}}),
        (("resources",), {"limits": {"memory": "1313Mi"}, "requests": {"memory": "131Mi"}}),
        (("requests", "limits"), {"memory": "1313Mi"}),
        (("probe",), {"tcpSocket": {"port": 20000 + number % 10000}}),
        (("updatestrategy", "strategy"), {"type": "RollingUpdate", "rollingUpdate": None}),
        (("sessionaffinityconfig",), {"clientIP": {"timeoutSeconds": 600 + number}}),
        (("selector", "matchlabels"), {"matchLabels": {mark: "yes"}}),
        (("lifecyclehooks", "lifecycle"), {"preStop": {"exec": {"command": ["sleep", str(number)]}}}),
    )  # fmt: skip
    for words, shape in shapes:
        if any(name.endswith(word) for word in words):
            return shape
    return {mark: f"{MARK}-value-{number}"}


_ITEMS: tuple[tuple[tuple[str, ...], Callable[[str], Any]], ...] = (
    (("envvars", "extraenv", "env"), lambda mark: {"name": mark.upper().replace("-", "_"), "value": mark}),
    (("volumemounts",), lambda mark: {"name": mark, "mountPath": f"/{mark}"}),
    (("volumes",), lambda mark: {"name": mark, "emptyDir": {}}),
    (("tolerations",), lambda mark: {"key": mark, "operator": "Exists"}),
    (("hostaliases",), lambda mark: {"ip": "10.13.13.13", "hostnames": [f"{mark}.example.com"]}),
    (("topologyspreadconstraints",), lambda mark: {
        "maxSkew": 1, "topologyKey": mark, "whenUnsatisfiable": "ScheduleAnyway", "labelSelector": {}}),
    (("containers", "sidecars"), lambda mark: {"name": mark, "image": f"registry.example.com/{mark}:1"}),
    (("pullsecrets",), lambda mark: mark),
    (("extrahosts",), lambda mark: {"name": f"{mark}.example.com", "path": "/"}),
    (("extratls", "tls"), lambda mark: {"hosts": [f"{mark}.example.com"], "secretName": mark}),
    (("extraports", "ports"), lambda mark: {"name": mark[:15], "port": 21313, "targetPort": 21313}),
    (("extrarules", "rules"), lambda mark: {"apiGroups": [""], "resources": [mark], "verbs": ["get"]}),
    (("extradeploy", "extraobjects"), lambda mark: {
        "apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": mark}, "data": {"a": mark}}),
    (("relabelings",), lambda mark: {"targetLabel": mark, "replacement": "x"}),
    (("accessmodes",), lambda _: "ReadOnlyMany"),
    (("sourceranges", "cidrs"), lambda _: "10.13.0.0/16"),
)  # fmt: skip


def _item(name: str, number: int) -> list[Yaml]:
    mark = f"{MARK}-{number}"
    for words, make in _ITEMS:
        if any(name.endswith(word) for word in words):
            return [make(mark)]
    return [mark]
