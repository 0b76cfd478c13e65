"""One container of a rendered workload, as the kubelet would start it.

Field names and defaults are those of the Kubernetes API (Container and PodSpec in core/v1); what a
container leaves out of its security context it takes from the pod's.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from chartlift.records import Yaml
from chartlift.verify.objects import RenderedObject, items, mapping, text
from chartlift.verify.workload import CONTAINER_KEYS, claim_templates, pod_spec

_PROBES = ("livenessProbe", "readinessProbe", "startupProbe")
_HOOKS = ("postStart", "preStop")


@dataclass(frozen=True, slots=True)
class Run:
    """Something that is executed in a container: its own command, a probe's, a hook's."""

    path: str
    """Below the container: ``livenessProbe.exec.command``."""
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Mount:
    """A volume where a container sees it. ``kind`` is the volume's: ``configMap``, ``emptyDir``, ``claim``, ..."""

    path: str
    volume: str
    kind: str
    source: str = ""
    """Name of the ConfigMap, Secret or claim."""
    subpath: str = ""
    items: Mapping[str, str] = field(default_factory=dict)
    """Where single files of it go: path below the mount -> key."""

    def holds(self, path: str) -> bool:
        """Is a path at or below it?"""
        return path == self.path or path.startswith(self.path.rstrip("/") + "/")


@dataclass(frozen=True, slots=True)
class Container:
    """A container, with what it takes from its pod."""

    item: RenderedObject = field(repr=False)
    key: str
    """``containers``, ``initContainers`` or ``ephemeralContainers``."""
    index: int
    data: Mapping[str, Yaml] = field(repr=False)
    pod: Mapping[str, Yaml] = field(repr=False)

    @property
    def name(self) -> str:
        return text(self.data.get("name"))

    @property
    def image(self) -> str:
        return text(self.data.get("image"))

    @property
    def path(self) -> str:
        """Of the container in its pod: ``containers[0]``."""
        return f"{self.key}[{self.index}]"

    @property
    def command(self) -> tuple[str, ...]:
        return _words(self.data.get("command"))

    @property
    def args(self) -> tuple[str, ...]:
        return _words(self.data.get("args"))

    @property
    def env(self) -> dict[str, str]:
        """Variables by name; the value of one that is taken from elsewhere is ``""``."""
        return {text(one.get("name")): text(one.get("value")) for one in items(self.data.get("env"))}

    @property
    def taken_env(self) -> frozenset[str]:
        """Names of the variables whose value is taken from a Secret, a ConfigMap or the pod."""
        return frozenset(text(one.get("name")) for one in items(self.data.get("env")) if "valueFrom" in one)

    @property
    def ports(self) -> tuple[int, ...]:
        found = (port.get("containerPort") for port in items(self.data.get("ports")))
        return tuple(port for port in found if isinstance(port, int) and not isinstance(port, bool))

    def security(self, key: str) -> Yaml:
        """A field of the security context: the container's own, else the pod's."""
        own = mapping(self.data.get("securityContext")).get(key)
        return own if own is not None else mapping(self.pod.get("securityContext")).get(key)

    @property
    def user(self) -> int | None:
        """The user that is set for it; None leaves it to the image."""
        user = self.security("runAsUser")
        return user if isinstance(user, int) and not isinstance(user, bool) else None

    def runs(self) -> Iterator[Run]:
        """What is executed: the command with its arguments, probes and hooks."""
        if self.command:
            yield Run("command", self.command + self.args)
        for probe in _PROBES:
            if words := _words(mapping(mapping(self.data.get(probe)).get("exec")).get("command")):
                yield Run(f"{probe}.exec.command", words)
        lifecycle = mapping(self.data.get("lifecycle"))
        for hook in _HOOKS:
            if words := _words(mapping(mapping(lifecycle.get(hook)).get("exec")).get("command")):
                yield Run(f"lifecycle.{hook}.exec.command", words)

    def mounts(self) -> Iterator[Mount]:
        volumes = {text(volume.get("name")): volume for volume in items(self.pod.get("volumes"))}
        own = claim_templates(self.item)
        for mount in items(self.data.get("volumeMounts")):
            name, path = text(mount.get("name")), text(mount.get("mountPath"))
            subpath = text(mount.get("subPath")) or text(mount.get("subPathExpr"))
            kind, source, files = ("claim", name, {}) if name in own else _volume(volumes.get(name, {}))
            yield Mount(path.rstrip("/") or "/", name, kind, source, subpath, files)


def containers_of(item: RenderedObject) -> Iterator[Container]:
    """Init, normal and ephemeral containers of a workload, in that order."""
    pod = pod_spec(item)
    for key in CONTAINER_KEYS:
        for index, data in enumerate(items(pod.get(key))):
            yield Container(item, key, index, data, pod)


def _words(value: Yaml) -> tuple[str, ...]:
    return tuple(str(word) for word in value if isinstance(word, str | int)) if isinstance(value, list) else ()


def _volume(volume: Mapping[str, Yaml]) -> tuple[str, str, dict[str, str]]:
    """Kind, the name of what it holds, and single files of it."""
    for kind, naming in (("configMap", "name"), ("secret", "secretName"), ("persistentVolumeClaim", "claimName")):
        if kind in volume:
            held = mapping(volume[kind])
            files = {text(one.get("path")): text(one.get("key")) for one in items(held.get("items"))}
            return ("claim" if kind == "persistentVolumeClaim" else kind), text(held.get(naming)), files
    return next((key for key in sorted(volume) if key != "name"), "none"), "", {}
