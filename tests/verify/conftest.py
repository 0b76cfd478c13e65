"""Charts written to a directory, Helm in its worker, and Kubernetes objects written by hand."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from chartlift.records import Finding
from chartlift.verify.checks.every import run_checks
from chartlift.verify.compare import Comparison, compare
from chartlift.verify.engine import Document, Rendered
from chartlift.verify.objects import RenderedObject, read_objects
from chartlift.verify.sdk import SdkEngine, native_reason

Objects = tuple[RenderedObject, ...]


@pytest.fixture(scope="session")
def engine() -> Iterator[SdkEngine]:
    """Helm itself, in two workers for the whole session."""
    if native_reason():
        pytest.skip(f"{native_reason()}: NOTHING rendered with Helm")
    with SdkEngine(jobs=2) as running:
        yield running


@pytest.fixture
def write_chart(tmp_path: Path) -> Callable[..., Path]:
    """Write a chart below ``tmp_path``: name, then files by path; ``extra`` goes into Chart.yaml."""

    def write(name: str, files: Mapping[str, str] | None = None, *, extra: str = "", place: str = "") -> Path:
        root = tmp_path / (place or name)
        base = {"Chart.yaml": f"apiVersion: v2\nname: {name}\nversion: 1.2.3\n{extra}"}
        for path, text in {**base, **(files or {})}.items():
            target = root / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text)
        return root

    return write


class Kube:
    """Builds Kubernetes objects and compares them."""

    def make(self, *documents: dict[str, Any], template: str = "c/templates/x.yaml") -> Objects:
        """Rendered objects out of plain data."""
        copies = tuple(Document(template, copy.deepcopy(data)) for data in documents)
        return read_objects(Rendered({}, copies), "default")

    def thing(self, kind: str, name: str, spec: dict[str, Any] | None = None, **rest: Any) -> dict[str, Any]:
        """A small object; ``metadata`` adds to the metadata, other keywords are top-level fields."""
        metadata = {"name": name, **rest.pop("metadata", {})}
        return {"apiVersion": "v1", "kind": kind, "metadata": metadata, **({"spec": spec} if spec else {}), **rest}

    def stateful(
        self, name: str = "db", *, claim: str | None = "data", path: str = "/data", main: Any = (), **spec: Any
    ) -> dict[str, Any]:
        """A StatefulSet with one container (``main`` adds to it), and a claim template unless None."""
        mounts = [{"name": claim, "mountPath": path}] if claim else []
        container = {"name": "main", "image": "docker.io/acme/db:1", "volumeMounts": mounts, **dict(main)}
        base: dict[str, Any] = {
            "selector": {"matchLabels": {"app": name}},
            "serviceName": f"{name}-headless",
            "replicas": 1,
            "template": {"metadata": {"labels": {"app": name}}, "spec": {"containers": [container]}},
        }
        if claim:
            size = {"resources": {"requests": {"storage": "8Gi"}}, "accessModes": ["ReadWriteOnce"]}
            base["volumeClaimTemplates"] = [{"metadata": {"name": claim}, "spec": size}]
        return self.thing("StatefulSet", name, {**base, **spec})

    def service(self, name: str = "db", port: int = 5432, **spec: Any) -> dict[str, Any]:
        ports = [{"name": "tcp", "port": port, "targetPort": "tcp"}]
        return self.thing("Service", name, {"selector": {"app": name}, "ports": ports, **spec})

    def compare(self, before: list[dict[str, Any]], after: list[dict[str, Any]]) -> Comparison:
        return compare(self.make(*before), self.make(*after))

    def rules(
        self,
        before: list[dict[str, Any]],
        after: list[dict[str, Any]],
        vendor: str = "bitnami",
        unstable: Mapping[str, frozenset[str]] | None = None,
    ) -> dict[str, str]:
        """Rule -> level of everything the checks find; images with ``vendor`` in them are the source's."""
        return {finding.rule: finding.level for finding in self.findings(before, after, vendor, unstable)}

    def findings(
        self,
        before: list[dict[str, Any]],
        after: list[dict[str, Any]],
        vendor: str = "bitnami",
        unstable: Mapping[str, frozenset[str]] | None = None,
    ) -> list[Finding]:
        old = self.make(*before)
        masked = {item.identity: (unstable or {}).get(str(item.identity), frozenset()) for item in old}
        comparison = compare(old, self.make(*after), masked)
        return list(run_checks(comparison, lambda image: vendor in image))


@pytest.fixture(scope="session")
def kube() -> Kube:
    return Kube()
