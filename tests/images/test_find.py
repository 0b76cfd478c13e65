"""Images in values: every shape that charts use, and the near-misses that are none."""

from typing import Any

import pytest

from chartlift.images.find import FoundImage, find_images
from chartlift.images.reference import ImageReference

SHA = "sha256:" + "a1" * 32
HEX = "b2" * 32


class Bitnami:
    """Stands for the mapping data: knows one namespace."""

    def knows(self, reference: ImageReference) -> bool:
        return reference.normalised().name.startswith("docker.io/bitnami/")


def found(data: Any, **options: Any) -> list[FoundImage]:
    return find_images(data, known=Bitnami(), **options)


def table(data: Any, **options: Any) -> list[tuple[str, str, str]]:
    return [(".".join(map(str, f.path)), f.shape, str(f.reference)) for f in found(data, **options)]


SPLIT = {"registry": "docker.io", "repository": "bitnami/redis", "tag": "7.2.5", "digest": ""}

SHAPES: list[tuple[str, Any, list[tuple[str, str, str]]]] = [
    ("split", {"image": SPLIT}, [("image", "map", "docker.io/bitnami/redis:7.2.5")]),
    ("with a digest", {"image": SPLIT | {"digest": SHA}}, [("image", "map", f"docker.io/bitnami/redis:7.2.5@{SHA}")]),
    (
        "registry in the repository",
        {"image": {"repository": "docker.io/bitnami/redis", "tag": "7"}},
        [("image", "map", "docker.io/bitnami/redis:7")],
    ),
    (
        "path in the registry",
        {"image": {"registry": "r.io/mirror", "repository": "bitnami/redis", "tag": "7"}},
        [("image", "map", "r.io/mirror/bitnami/redis:7")],
    ),
    (
        "organisation as registry",
        {"image": {"registry": "bitnami", "repository": "redis", "tag": "7"}},
        [("image", "map", "bitnami/redis:7")],
    ),
    (
        "registry left empty",
        {"image": {"registry": "", "repository": "bitnami/redis", "tag": "7"}},
        [("image", "map", "bitnami/redis:7")],
    ),
    ("one string", {"image": "bitnami/redis:7"}, [("image", "string", "bitnami/redis:7")]),
    ("one string with a digest", {"image": f"bitnami/redis@{SHA}"}, [("image", "string", f"bitnami/redis@{SHA}")]),
    ("one bare word", {"image": "nginx"}, [("image", "string", "nginx")]),
    ("string beside a tag", {"image": "bitnami/redis", "tag": "7"}, [("", "sibling", "bitnami/redis:7")]),
    ("string beside imageTag", {"image": "bitnami/redis", "imageTag": "7"}, [("", "sibling", "bitnami/redis:7")]),
    (
        "string beside registry and tag",
        {"image": "bitnami/redis", "registry": "r.io", "tag": "7"},
        [("", "sibling", "r.io/bitnami/redis:7")],
    ),
    ("odd key", {"initImage": "bitnami/os-shell:12"}, [("initImage", "string", "bitnami/os-shell:12")]),
    ("odd keys", {"fooImage": "bitnami/os-shell", "fooImageTag": "12"}, [("", "sibling", "bitnami/os-shell:12")]),
    ("odd tag key", {"fooImage": "bitnami/os-shell", "fooTag": "12"}, [("", "sibling", "bitnami/os-shell:12")]),
    ("flat", {"imageRepository": "bitnami/redis", "imageTag": "7"}, [("", "sibling", "bitnami/redis:7")]),
    (
        "flat in snake case",
        {"image_repository": "bitnami/redis", "image_tag": "7", "image_registry": "r.io"},
        [("", "sibling", "r.io/bitnami/redis:7")],
    ),
    (
        "flat with a prefix",
        {"initImageName": "bitnami/os-shell", "initImageTag": 12},
        [("", "sibling", "bitnami/os-shell:12")],
    ),
    ("image.name", {"image": {"name": "bitnami/redis", "tag": "7"}}, [("image", "map", "bitnami/redis:7")]),
    ("image.repo", {"image": {"repo": "bitnami/redis", "tag": "7"}}, [("image", "map", "bitnami/redis:7")]),
    (
        "grafana's sha",
        {"image": {"repository": "grafana/grafana", "tag": "12", "sha": HEX}},
        [("image", "map", f"grafana/grafana:12@sha256:{HEX}")],
    ),
    (
        "digest in the tag",
        {"image": {"repository": "bitnami/redis", "tag": f"7@{SHA}"}},
        [("image", "map", f"bitnami/redis:7@{SHA}")],
    ),
    (
        "tag in the repository",
        {"image": {"repository": "bitnami/redis:7"}},
        [("image.repository", "map", "bitnami/redis:7")],
    ),
    (
        "numeric tags",
        {
            "a": {"image": {"repository": "postgres", "tag": 15}},
            "b": {"image": {"repository": "bitnami/redis", "tag": 7.2}},
        },
        [("a.image", "map", "postgres:15"), ("b.image", "map", "bitnami/redis:7.2")],
    ),
    (
        "1.10 is 1.1, as Helm reads it",
        {"image": {"repository": "bitnami/x", "tag": 1.10}},
        [("image", "map", "bitnami/x:1.1")],
    ),
    (
        "map away from an image key",
        {"master": {"registry": "docker.io", "repository": "bitnami/redis", "tag": "7"}},
        [("master", "map", "docker.io/bitnami/redis:7")],
    ),
    ("known repository alone", {"cache": {"repository": "bitnami/redis"}}, [("cache", "map", "bitnami/redis")]),
    (
        "pull policy as the sign",
        {"proxy": {"repository": "envoy", "pullPolicy": "Always"}},
        [("proxy", "map", "envoy")],
    ),
    (
        "list of strings",
        {"images": ["bitnami/redis:7", "nginx:1.29"]},
        [("images.0", "string", "bitnami/redis:7"), ("images.1", "string", "nginx:1.29")],
    ),
    ("list of maps", {"images": [SPLIT]}, [("images.0", "map", "docker.io/bitnami/redis:7.2.5")]),
    (
        "annotation-like list",
        {"images": [{"name": "redis", "image": "bitnami/redis:7"}]},
        [("images.0.image", "string", "bitnami/redis:7")],
    ),
    (
        "containers",
        {"extraContainers": [{"name": "x", "image": "bitnami/kubectl:1.33", "command": ["sh"]}]},
        [("extraContainers.0.image", "string", "bitnami/kubectl:1.33")],
    ),
    (
        "argument",
        {"args": ["--image=docker.io/bitnami/kubectl:1.33", "-v"]},
        [("args.0", "text", "docker.io/bitnami/kubectl:1.33")],
    ),
    (
        "environment value",
        {"extraEnvVars": [{"name": "HELPER", "value": "bitnami/os-shell:12"}]},
        [("extraEnvVars.0.value", "text", "bitnami/os-shell:12")],
    ),
    (
        "deep in a subchart's section",
        {"a": {"b": {"metrics": {"image": SPLIT}}}},
        [("a.b.metrics.image", "map", "docker.io/bitnami/redis:7.2.5")],
    ),
]


@pytest.mark.parametrize(("data", "expected"), [s[1:] for s in SHAPES], ids=[s[0] for s in SHAPES])
def test_finds(data: Any, expected: list[tuple[str, str, str]]) -> None:
    assert table(data) == expected


NEAR_MISSES: list[tuple[str, Any]] = [
    ("nothing", None),
    ("a scalar", 3),
    ("chart repository", {"repository": "https://charts.bitnami.com/bitnami", "tag": "1"}),
    ("OCI chart repository", {"source": {"repository": "oci://registry-1.docker.io/bitnamicharts", "version": "1"}}),
    ("git repository", {"git": {"repository": "https://github.com/acme/app.git", "tag": "v1"}}),
    ("git over ssh", {"git": {"repository": "git@github.com:acme/app.git", "tag": "v1"}}),
    ("git by path", {"git": {"repository": "acme/app", "branch": "main", "tag": "v1"}}),
    ("backup repository", {"backup": {"repository": "mybackups", "password": "x", "tag": "a"}}),
    ("bare word", {"graphdb": {"repository": "test"}}),
    ("bare word with a label", {"graphdb": {"repository": "test", "type": "free"}}),
    ("chart dependency", {"dependencies": [{"name": "redis", "repository": "@bitnami", "version": "1"}]}),
    ("chart reference", {"chart": {"repository": "bitnami/redis", "chart": "redis"}}),
    ("name without image", {"container": {"name": "redis", "tag": "7"}}),
    ("pull secrets", {"imagePullSecrets": [{"name": "regcred"}], "image": None}),
    ("pull secret names", {"imagePullSecrets": ["regcred", "team/regcred"]}),
    ("pull policy", {"imagePullPolicy": "IfNotPresent"}),
    ("credentials", {"imageCredentials": {"registry": "r.io", "name": "robot/x", "tag": "x"}}),
    ("only a registry", {"global": {"imageRegistry": "registry.acme.com"}}),
    ("only a pull policy", {"image": {"pullPolicy": "Always"}}),
    ("empty repository", {"image": {"repository": "", "tag": "7"}}),
    ("picture", {"backgroundImage": "assets/logo.png"}),
    ("picture by URL", {"image": "https://acme.com/x.svg"}),
    ("host and port in arguments", {"args": ["--redis=bitnami:6379", "redis:6379"]}),
    ("unknown image in arguments", {"args": ["acme/app:1.0"]}),
    ("chart in a script", {"script": "helm install r bitnami/redis --version 1"}),
    ("URL in text", {"doc": "see https://docker.io/bitnami/redis:7 and oci://docker.io/bitnami/redis:7"}),
    ("path in text", {"cmd": "cp /bitnami/redis:7 x; ls ./bitnami/redis:7"}),
    ("templated text", {"x": "{{ .Values.registry }}/bitnami/redis:7 ${REG}/bitnami/redis:7"}),
    ("template in the tag", {"x": "docker.io/bitnami/redis:{{ .Chart.AppVersion }}"}),
    ("kustomize images", {"images": [{"name": "redis", "newName": "x", "newTag": "2"}]}),
    ("ami", {"diskImage": "ami-0123"}),
    ("switched off tag key", {"image": {"tag": "7"}}),
]


@pytest.mark.parametrize("data", [n[1] for n in NEAR_MISSES], ids=[n[0] for n in NEAR_MISSES])
def test_leaves_alone(data: Any) -> None:
    assert table(data) == []


def test_a_templated_repository_is_seen_and_not_read() -> None:
    (one,) = found({"image": {"repository": "{{ .Values.global.repo }}", "tag": "7"}})
    assert one.reference is None


class TestDefaults:
    """A file that sets only a part takes the rest from the chart's defaults."""

    @pytest.mark.parametrize(
        ("own", "reference", "written", "tag_from", "registry_from"),
        [
            ({"tag": "7.4"}, "docker.io/bitnami/redis:7.4", {"tag"}, "value", "default"),
            ({"registry": "r.io"}, "r.io/bitnami/redis:7.2.5", {"registry"}, "default", "value"),
            ({"repository": "acme/redis"}, "docker.io/acme/redis:7.2.5", {"repository"}, "default", "default"),
            ({"digest": SHA}, f"docker.io/bitnami/redis:7.2.5@{SHA}", {"digest"}, "default", "default"),
            ({"tag": ""}, "docker.io/bitnami/redis:8.0", {"tag"}, "appVersion", "default"),
        ],
    )
    def test_partial(self, own: Any, reference: str, written: set[str], tag_from: str, registry_from: str) -> None:
        (one,) = found({"image": own}, defaults={"image": SPLIT}, app_version="8.0")
        assert str(one.reference) == reference
        assert one.written == written
        assert (one.tag_from, one.registry_from) == (tag_from, registry_from)

    def test_defaults_alone_are_not_the_documents(self) -> None:
        assert table({"replicas": 1}, defaults={"image": SPLIT}) == []
        assert table({"image": {"pullPolicy": "Always"}}, defaults={"image": SPLIT}) == []

    def test_every_image_when_asked(self) -> None:
        (one,) = found({}, defaults={"image": SPLIT}, every=True)
        assert str(one.reference) == "docker.io/bitnami/redis:7.2.5"
        assert one.written == frozenset()
        assert one.can_write

    def test_a_list_of_the_defaults_cannot_be_written_into(self) -> None:
        (one,) = found({}, defaults={"sidecars": [{"image": "bitnami/redis:7"}]}, every=True)
        assert not one.can_write

    def test_null_takes_the_default_away(self) -> None:
        assert table({"image": None}, defaults={"image": SPLIT}) == []
        assert table({"image": {"repository": None, "tag": "1"}}, defaults={"image": SPLIT}) == []

    def test_a_string_replaces_a_map(self) -> None:
        assert table({"image": "acme/x:1"}, defaults={"image": SPLIT}) == [("image", "string", "acme/x:1")]

    def test_a_list_replaces_a_list(self) -> None:
        data = {"sidecars": [{"image": "acme/x:1"}]}
        assert table(data, defaults={"sidecars": [{"image": "a/b:2"}, {"image": "c/d:3"}]}) == [
            ("sidecars.0.image", "string", "acme/x:1")
        ]


class TestTagAndRegistry:
    @pytest.mark.parametrize("own", [{"tag": ""}, {"tag": None}, {}])
    def test_an_empty_tag_is_the_app_version(self, own: Any) -> None:
        (one,) = found({"image": {"repository": "bitnami/redis"} | own}, app_version="7.2.5")
        assert (str(one.reference), one.tag_from) == ("bitnami/redis:7.2.5", "appVersion")

    def test_without_an_app_version_the_tag_stays_unknown(self) -> None:
        (one,) = found({"image": {"repository": "bitnami/redis", "tag": ""}})
        assert (str(one.reference), one.tag_from) == ("bitnami/redis", "none")

    def test_a_string_takes_no_app_version(self) -> None:
        (one,) = found({"image": "bitnami/redis"}, app_version="7.2.5")
        assert (str(one.reference), one.tag_from) == ("bitnami/redis", "none")

    def test_the_global_registry_wins_where_there_is_a_registry_slot(self) -> None:
        data = {"global": {"imageRegistry": "r.io"}, "image": SPLIT, "side": {"image": "bitnami/os-shell:12"}}
        map_image, string_image = found(data)
        assert (str(map_image.reference), map_image.registry_from) == ("r.io/bitnami/redis:7.2.5", "global")
        assert (str(string_image.reference), string_image.registry_from) == ("bitnami/os-shell:12", "none")

    def test_the_global_registry_of_a_parent(self) -> None:
        (one,) = found({"image": SPLIT}, global_registry="r.io")
        assert str(one.reference) == "r.io/bitnami/redis:7.2.5"

    def test_an_empty_global_registry_changes_nothing(self) -> None:
        (one,) = found({"global": {"imageRegistry": ""}, "image": SPLIT})
        assert (str(one.reference), one.registry_from) == ("docker.io/bitnami/redis:7.2.5", "value")


def test_offsets_and_lines_inside_a_multi_line_string() -> None:
    text = "#!/bin/sh\n# ü\nA=docker.io/bitnami/kubectl:1.33\nrun 'bitnami/os-shell:12', bitnami/redis:7.\n"
    images = found({"script": text})
    assert [(text[i.start : i.end], i.line) for i in images] == [
        ("docker.io/bitnami/kubectl:1.33", 2),
        ("bitnami/os-shell:12", 3),
        ("bitnami/redis:7", 3),
    ]
    assert all(i.text == text and i.path == ("script",) for i in images)
