"""Vendors: every spelling of a repository that is in use, and the ones that only look alike."""

from pathlib import Path

import pytest

from chartlift.errors import ChartliftError
from chartlift.images.reference import parse_reference
from chartlift.images.vendors import Vendors, load_vendors


@pytest.fixture(scope="module")
def vendors() -> Vendors:
    return load_vendors()


@pytest.mark.parametrize(
    "url",
    [
        "https://charts.bitnami.com/bitnami",
        "https://charts.bitnami.com/bitnami/",
        "http://charts.bitnami.com/bitnami",
        "https://charts.bitnami.com:443/bitnami",
        "https://user:secret@charts.bitnami.com/bitnami",
        "HTTPS://Charts.Bitnami.com/bitnami",
        "charts.bitnami.com/bitnami",
        "https://charts.bitnami.com/incubator",
        "oci://registry-1.docker.io/bitnamicharts",
        "oci://registry-1.docker.io/bitnamicharts/",
        "oci://registry-1.docker.io/bitnamicharts/redis",
        "oci://docker.io/bitnamicharts",
        "oci://index.docker.io/bitnamicharts",
        "registry-1.docker.io/bitnamicharts",
        "docker.io/bitnamicharts/redis",
        "oci://registry-1.docker.io/bitnamichartssecure",
        "oci://registry-1.docker.io/bitnamichartsprem",
        "https://raw.githubusercontent.com/bitnami/charts/archive-full-index/bitnami",
        "https://raw.githubusercontent.com/bitnami/charts/eb5f9a9513d987b519f0ecd732e7031241c50328/bitnami",
        "https://github.com/bitnami/charts.git",
        "git+https://github.com/bitnami/charts@bitnami/redis?ref=main",
        "https://marketplace.azurecr.io/helm/v1/repo",
        "@bitnami",
        "alias:bitnami",
    ],
)
def test_spellings_of_the_bitnami_repository(vendors: Vendors, url: str) -> None:
    assert vendors.vendor_of_repository(url) == "bitnami"


@pytest.mark.parametrize(
    "url",
    [
        "",
        "file://../redis",
        "https://charts.example.com/bitnami",
        "https://bitnami-labs.github.io/sealed-secrets",
        "oci://registry-1.docker.io/bitnamichartsfork",
        "oci://registry-1.docker.io/cloudpirates",
        "oci://ghcr.io/bitnamicharts",
        "https://raw.githubusercontent.com/bitnami/containers/main",
        "https://charts.bitnami.com.evil.example/bitnami",
        "oci://dhi.io",
        "@acme",
    ],
)
def test_repositories_of_others(vendors: Vendors, url: str) -> None:
    assert vendors.vendor_of_repository(url) is None


@pytest.mark.parametrize(
    ("url", "prefix", "expected"),
    [
        ("oci://registry.acme.com/bitnamicharts", "registry.acme.com/bitnamicharts", "bitnami"),
        ("oci://registry.acme.com/bitnamicharts/", "oci://registry.acme.com", "bitnami"),
        ("https://nexus.acme.com/repository/bitnami", "https://nexus.acme.com/repository/bitnami", "bitnami"),
        ("oci://registry.acme.com/hub/docker.io/bitnamicharts", "registry.acme.com/hub", "bitnami"),
        ("oci://registry.acme.com/team/charts", "registry.acme.com", None),
        ("oci://registry.acme.com/bitnamicharts", "registry.other.com", None),
        ("oci://registry.acme.community/bitnamicharts", "registry.acme.com", None),
    ],
)
def test_mirrored_repositories(vendors: Vendors, url: str, prefix: str, expected: str | None) -> None:
    assert vendors.vendor_of_repository(url, [prefix]) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("docker.io/bitnami/redis:7", ("bitnami", "redis")),
        ("bitnami/redis", ("bitnami", "redis")),
        ("registry-1.docker.io/bitnami/redis", ("bitnami", "redis")),
        ("bitnamilegacy/redis:7", ("bitnami", "redis")),
        ("docker.io/bitnamisecure/redis", ("bitnami", "redis")),
        ("bitnamiprem/redis", ("bitnami", "redis")),
        ("public.ecr.aws/bitnami/kubectl:1.34.1", ("bitnami", "kubectl")),
        ("quay.io/bitnami/sealed-secrets-controller:v0.18.0", ("bitnami", "sealed-secrets-controller")),
        ("redis:7", ("docker-official", "redis")),
        ("docker.io/library/redis", ("docker-official", "redis")),
        ("mcp/fetch", ("mcp", "fetch")),
        ("bitnamicharts/redis", None),
        ("acme/redis", None),
        ("registry.acme.com/bitnami/redis", None),
        ("ghcr.io/acme/bitnami/redis", None),
        ("bitnami2/redis", None),
        ("docker.io/bitnami", ("docker-official", "bitnami")),
    ],
)
def test_images_of_vendors(vendors: Vendors, text: str, expected: tuple[str, str] | None) -> None:
    reference = parse_reference(text)
    assert reference is not None
    assert vendors.vendor_image(reference) == expected


@pytest.mark.parametrize(
    ("text", "prefix", "expected"),
    [
        ("registry.acme.com/bitnami/redis:7", "registry.acme.com", ("bitnami", "redis")),
        ("registry.acme.com/bitnami/redis:7", "registry.acme.com/bitnami", ("bitnami", "redis")),
        ("registry.acme.com/hub/bitnamilegacy/redis", "https://registry.acme.com/hub/", ("bitnami", "redis")),
        ("registry.acme.com/hub/docker.io/bitnami/redis", "registry.acme.com/hub", ("bitnami", "redis")),
        ("registry.acme.com/mirror-redis", "registry.acme.com/mirror-", ("bitnami", "redis")),
        ("registry.acme.com/hub/library/redis", "registry.acme.com/hub", ("docker-official", "redis")),
        ("registry.acme.com/team/redis", "registry.acme.com", None),
        ("registry.acme.com.evil.io/bitnami/redis", "registry.acme.com", None),
    ],
)
def test_mirrored_images(vendors: Vendors, text: str, prefix: str, expected: tuple[str, str] | None) -> None:
    reference = parse_reference(text)
    assert reference is not None
    assert vendors.vendor_image(reference, [prefix]) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("dhi.io/redis:8.4.6", "redis"),
        ("docker.io/acme/dhi-redis:8.4.6", "redis"),
        ("acme/dhi-redis", "redis"),
        ("docker.io/bitnami/redis", None),
        ("dhi-redis", None),
        ("acme/dhi-", None),
        ("acme/redis", None),
        ("ghcr.io/acme/dhi-redis", None),
    ],
)
def test_hardened_already(vendors: Vendors, text: str, expected: str | None) -> None:
    reference = parse_reference(text)
    if reference is not None:
        assert vendors.hardened_name(reference) == expected


def test_hardened_repositories(vendors: Vendors) -> None:
    assert vendors.is_hardened_repository("oci://dhi.io/")
    assert not vendors.is_hardened_repository("oci://registry-1.docker.io/bitnamicharts")


@pytest.mark.parametrize(
    ("home", "sources", "annotations", "expected"),
    [
        ("https://bitnami.com", [], {}, "bitnami"),
        ("", ["https://github.com/bitnami/charts/tree/main/bitnami/redis"], {}, "bitnami"),
        ("https://example.com", [], {"tanzuCategory": "service"}, "bitnami"),
        ("https://example.com", ["https://github.com/bitnami-labs/sealed-secrets"], {"category": "Database"}, None),
        ("", [], {"images": "- name: redis\n  image: docker.io/bitnami/redis:7\n"}, None),
        ("https://example.com/?u=https://bitnami.com", [], {}, None),
    ],
)
def test_charts_that_say_whose_they_are(
    vendors: Vendors, home: str, sources: list[str], annotations: dict[str, str], expected: str | None
) -> None:
    assert vendors.vendor_of_metadata(home, sources, annotations) == expected


def test_a_user_adds_spellings(tmp_path: Path) -> None:
    (tmp_path / "vendors.yaml").write_text(
        "schema: chartlift.vendors/v1\nvendors:\n  bitnami:\n    images: [registry.acme.com/b]\n"
        "  acme:\n    images: [docker.io/acme]\n"
    )
    vendors = load_vendors([tmp_path])
    for text, vendor in (("registry.acme.com/b/redis", "bitnami"), ("bitnami/redis", "bitnami"), ("acme/x", "acme")):
        reference = parse_reference(text)
        assert reference is not None
        assert (vendors.vendor_image(reference) or ("", ""))[0] == vendor


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "schema: chartlift.vendors/v1\nvendors:\n  acme:\n    images: ['https://acme.com']\n",
            "$.vendors.acme.images[0]",
        ),
        ("schema: chartlift.vendors/v2\n", "$.schema"),
        ("- a\n", "$: must be a map"),
        ("a: [\n", "no valid YAML"),
    ],
)
def test_a_users_mistake_is_named(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "vendors.yaml").write_text(text)
    with pytest.raises(ChartliftError) as raised:
        load_vendors([tmp_path])
    assert message in str(raised.value)
    assert "vendors.yaml" in str(raised.value)


def test_no_such_directory(tmp_path: Path) -> None:
    with pytest.raises(ChartliftError, match="is not a directory"):
        load_vendors([tmp_path / "absent"])
