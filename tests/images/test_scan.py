"""Images in templates and in the annotation of Chart.yaml: literal ones, at their exact place."""

import pytest

from chartlift.images.find import find_chart_annotation_images, find_template_images
from chartlift.images.reference import ImageReference


class Bitnami:
    def knows(self, reference: ImageReference) -> bool:
        return reference.normalised().name.startswith("docker.io/bitnami/")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("      image: bitnami/redis:7\n", [("bitnami/redis:7", 1)]),
        ("a: 1\n- image: 'acme/x:1' # pinned\n", [("acme/x:1", 2)]),
        ('initImage: "acme/x:1"\n', [("acme/x:1", 1)]),
        ('image: {{ default "docker.io/bitnami/redis:7" .Values.image }}\n', [("docker.io/bitnami/redis:7", 1)]),
        ("args: [--image=bitnami/kubectl:1.33]\n", [("bitnami/kubectl:1.33", 1)]),
        ("{{/* c */}}\n\nimage: busybox:1.37\n", [("busybox:1.37", 3)]),
    ],
)
def test_literal_images_of_a_template(text: str, expected: list[tuple[str, int]]) -> None:
    images = find_template_images(text, Bitnami())
    assert [(text[i.start : i.end], i.line) for i in images] == expected
    assert [str(i.reference) for i in images] == [name for name, _ in expected]


@pytest.mark.parametrize(
    "text",
    [
        "image: {{ .Values.image }}\n",
        "image: {{ .Values.registry }}/bitnami/redis:7\n",
        "image: docker.io/bitnami/redis:{{ .Chart.AppVersion }}\n",
        'image: "{{ .Values.image.repository }}:{{ .Values.image.tag }}"\n',
        "{{/* image: bitnami/redis:7 */}}\n",
        "{{- /*\n image: bitnami/redis:7\n*/ -}}\n",
        "  # image: bitnami/redis:7\n",
        "image: redis\n",
        "imagePullPolicy: Always\n",
        "see https://hub.docker.com/r/bitnami/redis:7\n",
        "helm repo add bitnami https://charts.bitnami.com/bitnami\n",
        "mountPath: /bitnami/redis\n",
    ],
)
def test_what_a_template_does_not_name(text: str) -> None:
    assert find_template_images(text, Bitnami()) == []


ANNOTATION = "- name: redis\n  image: docker.io/bitnami/redis:7\n- image: 'docker.io/bitnami/os-shell:12'\n  name: x\n"


@pytest.mark.parametrize("key", ["images", "artifacthub.io/images"])
def test_the_annotation(key: str) -> None:
    found = find_chart_annotation_images({"name": "x", "annotations": {key: ANNOTATION, "category": "Database"}})
    assert [(str(f.reference), f.line) for f in found] == [
        ("docker.io/bitnami/redis:7", 1),
        ("docker.io/bitnami/os-shell:12", 2),
    ]
    for one in found:
        assert one.path == ("annotations", key)
        assert one.text[one.start : one.end] == str(one.reference)


@pytest.mark.parametrize(
    "chart",
    [
        {},
        {"annotations": None},
        {"annotations": {"images": None}},
        {"annotations": {"images": "image: bitnami/redis:7"}},
        {"annotations": {"images": "- [unclosed"}},
        {"annotations": {"images": "- text: |\n    image: bitnami/redis:7\n"}},
        {"annotations": {"images": "- image: '{{ x }}'\n"}},
        {"annotations": {"images": "- image: a/b:1\n" + "#" * 70_000}},
        {"annotations": {"other": ANNOTATION}},
    ],
)
def test_annotations_that_list_no_images(chart: dict[str, object]) -> None:
    assert find_chart_annotation_images(chart) == []  # type: ignore[arg-type]  # as a chart has it
