"""Image references: what is one, what is none, and that reading and writing are inverse."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chartlift.images.reference import ImageReference, parse_reference

SHA = "sha256:" + "a1" * 32


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("redis", ("", "redis", "", "")),
        ("redis:7.2", ("", "redis", "7.2", "")),
        ("bitnami/redis", ("", "bitnami/redis", "", "")),
        ("docker.io/bitnami/redis:8.2.1-debian-12-r0", ("docker.io", "bitnami/redis", "8.2.1-debian-12-r0", "")),
        (f"dhi.io/redis:8.4.6@{SHA}", ("dhi.io", "redis", "8.4.6", SHA)),
        (f"dhi.io/redis@{SHA}", ("dhi.io", "redis", "", SHA)),
        ("localhost:5000/app:1", ("localhost:5000", "app", "1", "")),
        ("localhost/app", ("localhost", "app", "", "")),
        ("registry.acme.com:443/a/b_c/d-e:v1", ("registry.acme.com:443", "a/b_c/d-e", "v1", "")),
        ("[::1]:5000/x:1", ("[::1]:5000", "x", "1", "")),
        ("a__b/c--d.e", ("", "a__b/c--d.e", "", "")),
        ("acme.com", ("", "acme.com", "", "")),
        ("REG.Example.io/x", ("REG.Example.io", "x", "", "")),
    ],
)
def test_reads_the_parts(text: str, expected: tuple[str, str, str, str]) -> None:
    assert parse_reference(text) == ImageReference(*expected)


@pytest.mark.parametrize(
    "text",
    [
        "",
        " redis",
        "redis ",
        "Redis",
        "bitnami/Redis",
        "https://charts.bitnami.com/bitnami",
        "oci://registry-1.docker.io/bitnamicharts/redis",
        "git@github.com:acme/app.git",
        "{{ .Values.image }}",
        "docker.io/bitnami/redis:{{ .Chart.AppVersion }}",
        "$(IMAGE)",
        "/bitnami/redis",
        "./redis",
        "a/",
        "a//b",
        "a:b:c",
        "redis:",
        "redis:-1",
        "redis@sha256:12",
        "host:port/x",
        "a___b",
        "f" * 64,
        "a" * 2000,
        "redis:" + "1" * 129,
    ],
)
def test_what_is_no_reference(text: str) -> None:
    assert parse_reference(text) is None


@pytest.mark.parametrize(
    ("text", "full", "short"),
    [
        ("redis", "docker.io/library/redis", "redis"),
        ("docker.io/redis:7", "docker.io/library/redis:7", "redis:7"),
        ("index.docker.io/library/redis", "docker.io/library/redis", "redis"),
        ("registry-1.docker.io/bitnami/redis:7", "docker.io/bitnami/redis:7", "bitnami/redis:7"),
        ("quay.io/prometheus/prometheus:v3", "quay.io/prometheus/prometheus:v3", "quay.io/prometheus/prometheus:v3"),
        ("library/redis", "docker.io/library/redis", "redis"),
    ],
)
def test_spellings_of_docker_hub(text: str, full: str, short: str) -> None:
    reference = parse_reference(text)
    assert reference is not None
    assert str(reference.normalised()) == full
    assert str(reference.familiar()) == short
    assert str(reference) == text


_component = st.from_regex(r"[a-z0-9]{1,6}((\.|_|__|-{1,2})[a-z0-9]{1,5}){0,2}", fullmatch=True)
_host = st.sampled_from(["", "docker.io", "dhi.io", "localhost", "localhost:5000", "registry.acme.com:443"])
_tag = st.one_of(st.just(""), st.from_regex(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,20}", fullmatch=True))
_digest = st.sampled_from(["", SHA])


@settings(deadline=None, max_examples=150)
@given(_host, st.lists(_component, min_size=1, max_size=3), _tag, _digest)
def test_round_trip(host: str, components: list[str], tag: str, digest: str) -> None:
    if not host and len(components) > 1 and ("." in components[0] or components[0] == "localhost"):
        components = ["x", *components]
    reference = ImageReference(host, "/".join(components), tag, digest)
    if len(reference.repository) == 64 and reference.name == reference.repository:
        return
    assert parse_reference(str(reference)) == reference
    again = parse_reference(str(reference.familiar()))
    assert again is not None
    assert again.normalised() == reference.normalised()


@settings(deadline=None, max_examples=150)
@given(st.text(max_size=40))
def test_never_fails_and_never_changes_a_text(text: str) -> None:
    reference = parse_reference(text)
    assert reference is None or str(reference) == text
