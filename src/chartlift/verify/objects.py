"""The Kubernetes objects of a rendering, hooks, tests and CRDs included, with where each came from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from chartlift.records import Yaml
from chartlift.verify.engine import CrdFile, Document, Rendered, RenderFailed

HOOK = "helm.sh/hook"
CRD = "CustomResourceDefinition"
WORKLOADS = frozenset({"Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "Job", "CronJob", "Pod"})


@dataclass(frozen=True, slots=True, order=True)
class Identity:
    """What Kubernetes knows an object by. An empty namespace stands for the release's."""

    kind: str
    name: str
    namespace: str = ""

    def __str__(self) -> str:
        where = f"{self.namespace}/" if self.namespace else ""
        return f"{self.kind}/{where}{self.name}"


@dataclass(frozen=True, slots=True)
class RenderedObject:
    """One object as the chart would send it to the cluster."""

    identity: Identity
    api_version: str
    template: str
    data: dict[str, Yaml] = field(repr=False)
    hooks: tuple[str, ...] = ()

    @property
    def kind(self) -> str:
        return self.identity.kind

    @property
    def name(self) -> str:
        return self.identity.name

    @property
    def is_workload(self) -> bool:
        return self.kind in WORKLOADS

    @property
    def spec(self) -> dict[str, Yaml]:
        return mapping(self.data.get("spec"))

    @property
    def labels(self) -> dict[str, Yaml]:
        return mapping(mapping(self.data.get("metadata")).get("labels"))


def read_objects(rendered: Rendered, namespace: str) -> tuple[RenderedObject, ...]:
    """All objects in the order rendered. Errors: ``RenderFailed`` for a document that is no object."""
    found = [item for document in rendered.documents for item in _items(document)]
    objects = [_object(document, namespace) for document in found if document.data]
    return (*objects, *(item for crd in rendered.crds for item in _crds(crd)))


def mapping(value: Yaml) -> dict[str, Yaml]:
    """The value if it is a map, else an empty one: rendered text can hold anything anywhere."""
    return value if isinstance(value, dict) else {}


def items(value: Yaml) -> list[dict[str, Yaml]]:
    """The maps in a list; nothing for anything else."""
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def text(value: Yaml) -> str:
    """The value if it is text, else ``""``."""
    return value if isinstance(value, str) else ""


def _items(document: Document) -> Iterator[Document]:
    """A ``List`` is sent as its items."""
    inner = document.data.get("items")
    if text(document.data.get("kind")).endswith("List") and isinstance(inner, list):
        yield from (Document(document.template, item) for item in items(inner))
    else:
        yield document


def _object(document: Document, namespace: str) -> RenderedObject:
    metadata = mapping(document.data.get("metadata"))
    kind = text(document.data.get("kind"))
    if not kind:
        raise RenderFailed(
            "the template renders a document without a `kind`", file=document.template,
            help="Kubernetes would refuse it; compare with `helm template`.",
        )  # fmt: skip
    given = text(metadata.get("namespace"))
    name = text(metadata.get("name")) or text(metadata.get("generateName"))
    identity = Identity(kind, name, "" if given == namespace else given)
    return RenderedObject(
        identity, text(document.data.get("apiVersion")), document.template, document.data, _hooks(metadata)
    )


def _hooks(metadata: Mapping[str, Yaml]) -> tuple[str, ...]:
    hook = text(mapping(metadata.get("annotations")).get(HOOK))
    return tuple(part.strip() for part in hook.split(",") if part.strip())


def _crds(file: CrdFile) -> Iterator[RenderedObject]:
    for name in file.names:
        data: dict[str, Yaml] = {"kind": CRD, "metadata": {"name": name}, "content": file.digest}
        yield RenderedObject(Identity(CRD, name), "apiextensions.k8s.io/v1", file.file, data)
