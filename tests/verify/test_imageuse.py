"""Images wherever an object speaks of them, and nothing that only looks like one."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from chartlift.verify.imageuse import container_images, image_uses

POD = {
    "initContainers": [{"name": "i", "image": "docker.io/bitnami/os-shell:12"}],
    "containers": [{"name": "c", "image": "dhi.io/redis:8", "imagePullPolicy": "Always"}],
    "imagePullSecrets": [{"name": "s"}],
}


def found(kube: Any, data: dict[str, Any]) -> list[str]:
    (item,) = kube.make(data)
    return sorted(use.image for use in image_uses(item, lambda image: "bitnami/" in image))


def test_containers_of_all_sorts_and_hooks(kube: Any) -> None:
    cron = kube.thing("CronJob", "x", {"jobTemplate": {"spec": {"template": {"spec": POD}}}})
    hook = kube.thing("Pod", "x", POD, metadata={"annotations": {"helm.sh/hook": "test"}})
    for data in (cron, hook, kube.thing("Deployment", "x", {"template": {"spec": POD}})):
        assert found(kube, data) == ["dhi.io/redis:8", "docker.io/bitnami/os-shell:12"]
        (item,) = kube.make(data)
        assert sorted(container_images(item)) == found(kube, data)


def test_fields_of_custom_resources(kube: Any) -> None:
    spec = {"image": "docker.io/bitnami/a:1", "thanos": {"baseImage": "quay.io/t/t"}, "initImage": "x/y:2"}
    (item,) = kube.make(kube.thing("Prometheus", "p", spec))
    assert sorted((use.image, use.path) for use in image_uses(item)) == [
        ("docker.io/bitnami/a:1", "spec.image"),
        ("quay.io/t/t", "spec.thanos.baseImage"),
        ("x/y:2", "spec.initImage"),
    ]
    assert list(container_images(item)) == []


@pytest.mark.parametrize(
    "text",
    [
        "--reloader=docker.io/bitnami/a:1",
        "bitnami/a:1",
        "docker.io/bitnami/a",
        "image: 'bitnami/a:1'\nb: 2",
        '"bitnami/a:1",',
    ],
)
def test_text_that_names_one_of_the_vendor(kube: Any, text: str) -> None:
    assert len(found(kube, kube.thing("ConfigMap", "x", data={"f": text}))) == 1


def test_text_inside_a_secret(kube: Any) -> None:
    inner = base64.b64encode(b"singleuser: {image: bitnami/a:1}").decode()
    assert found(kube, kube.thing("Secret", "x", data={"values.yaml": inner})) == ["bitnami/a:1"]
    assert found(kube, kube.thing("Secret", "x", data={"x": "bitnami/a", "y": "/w=="})) == []
    assert found(kube, kube.thing("Secret", "x", stringData={"x": "bitnami/a:1"})) == ["bitnami/a:1"]


@pytest.mark.parametrize(
    "text",
    [
        "/opt/bitnami/scripts/run.sh",
        "cp /bitnami/redis/data /x",
        "see https://github.com/bitnami/charts/tree/main:1",
        "$DIR/bitnami/a:1",
        "the chart bitnami/redis says",
        "quay.io/acme/a:1",
    ],
)
def test_paths_links_and_others_are_left_alone(kube: Any, text: str) -> None:
    assert found(kube, kube.thing("ConfigMap", "x", data={"f": text})) == []


def test_metadata_labels_and_policies_are_no_images(kube: Any) -> None:
    data = kube.thing(
        "Deployment",
        "x",
        {"selector": {"matchLabels": {"image": "bitnami/a"}}, "imagePullPolicy": "Always"},
        metadata={"annotations": {"image": "docker.io/bitnami/a:1"}},
    )
    assert found(kube, data) == []
    assert found(kube, kube.thing("ConfigMap", "x", data={"image": "plain"})) == []
