"""Choosing: against the packaged catalog for what must always hold, against a small one for the rules."""

from dataclasses import replace
from typing import Any

import pytest

from chartlift.catalog.snapshot import Catalog, load_catalog
from chartlift.images.choose import Destination, ImageChoice, Need, choose_image
from chartlift.images.mapping import ImageMappings, load_image_mappings
from chartlift.images.reference import ImageReference, parse_reference
from chartlift.images.select import Asked, Numbers, select_definition, version_of


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return load_catalog()


@pytest.fixture(scope="module")
def mapping() -> ImageMappings:
    return load_image_mappings()


class Chooser:
    def __init__(self, mapping: ImageMappings, catalog: Catalog) -> None:
        self.mapping, self.catalog = mapping, catalog

    def __call__(self, text: str, need: Need | None = None, destination: Destination | None = None) -> ImageChoice:
        reference = parse_reference(text)
        assert reference is not None
        where = destination or Destination()
        choice = choose_image(reference, need or Need(), self.mapping, self.catalog, where)
        assert (choice.target is not None) == (choice.status == "mapped")
        return choice


@pytest.fixture(scope="module")
def choose(mapping: ImageMappings, catalog: Catalog) -> Chooser:
    return Chooser(mapping, catalog)


CONTRACT = Need(accepted=frozenset({"image-contract"}))


def rules(choice: ImageChoice) -> set[tuple[str, str]]:
    return {(note.rule, note.level) for note in choice.findings}


def version(reference: ImageReference | None) -> Numbers:
    assert reference is not None
    return version_of(reference.tag) or ()


@pytest.mark.parametrize(
    ("text", "name", "prefix", "flavour"),
    [
        ("bitnami/valkey:8.1.3-debian-12-r3", "valkey", (8, 1), ""),
        ("bitnami/valkey-sentinel:8.1.3", "valkey", (8, 1), "sentinel"),
        ("bitnami/postgresql:16.4.0-debian-12-r14", "postgres", (16,), ""),
        ("postgres:15", "postgres", (15,), ""),
        ("bitnami/redis:7.4.3", "redis", (7, 4), "compat"),
        ("bitnami/mariadb:11.4.7", "mariadb", (11, 4), ""),
        ("bitnami/zookeeper:3.9.3", "zookeeper", (3, 9), ""),
        ("bitnami/influxdb:3.4.1", "influxdb", (3,), "core"),
        ("bitnami/influxdb:2.7.1", "influxdb", (2,), ""),
        ("docker.io/bitnamilegacy/argo-cd:3.3.0", "argocd", (3, 3), ""),
    ],
)
def test_keeps_the_version_line(
    choose: Chooser, catalog: Catalog, text: str, name: str, prefix: Numbers, flavour: str
) -> None:
    choice = choose(text, CONTRACT)
    assert choice.target is not None
    assert choice.target.name == f"dhi.io/{name}"
    assert version(choice.target)[: len(prefix)] == prefix
    assert catalog.has_tag(name, choice.target.tag)
    assert choice.target.tag.endswith(f"debian13-{flavour}" if flavour else "debian13")
    assert "image-major-jump" not in {rule for rule, _ in rules(choice)}


@pytest.mark.parametrize("text", ["bitnami/os-shell:12-debian-12-r51", "bitnami/bitnami-shell:11-debian-11-r59"])
def test_a_helper_takes_the_newest_and_says_nothing(choose: Chooser, text: str) -> None:
    choice = choose(text)
    assert choice.target is not None
    assert choice.target.name == "dhi.io/bash"
    assert choice.findings == ()
    assert choice.definition is not None
    assert choice.definition.has_shell


@pytest.mark.parametrize(
    "text",
    [
        "bitnami/mongodb:7.0.14",
        "bitnami/kafka:3.9.0",
        "bitnami/rabbitmq:3.13.7",
        "bitnami/postgresql:11.22.0",
        "bitnami/vault:1.20.2",
        "bitnami/prometheus:2.55.1",
        "mongo:6",
    ],
)
def test_data_never_crosses_a_major_version(choose: Chooser, text: str) -> None:
    choice = choose(text)
    assert (choice.target, choice.status) == (None, "kept")
    assert rules(choice) - {("image-contract", "warning")} == {("image-major-jump", "error")}
    assert "crosses a major version" in choice.reason
    accepted = choose(text, Need(accepted=frozenset({"image-contract", "image-major-jump"})))
    assert accepted.target is not None
    assert ("image-major-jump", "error") in rules(accepted)


@pytest.mark.parametrize(
    "text", ["postgres:16", "bitnami/redis:8.4.1", "bitnami/mariadb:11.4.7", "prom/prometheus:v3.5.0"]
)
def test_data_is_not_moved_to_a_directory_that_nobody_mapped(choose: Chooser, text: str) -> None:
    choice = choose(text)
    assert (choice.target, choice.status) == (None, "kept")
    assert rules(choice) == {("image-contract", "warning")}
    assert choose(text, CONTRACT).target is not None


@pytest.mark.parametrize("text", ["bitnami/nginx:1.29.1", "nginx:1.29", "bitnami/redis-exporter:1.76.0"])
def test_a_contract_that_nobody_bridges_keeps_the_image_unless_accepted(choose: Chooser, text: str) -> None:
    choice = choose(text)
    assert (choice.target, choice.status) == (None, "kept")
    assert ("image-contract", "warning") in rules(choice)
    accepted = choose(text, CONTRACT)
    assert accepted.target is not None
    assert ("image-contract", "error") in rules(accepted)


@pytest.mark.parametrize("text", ["bitnami/apisix-ingress-controller:1.8.4", "bitnami/external-secrets:0.9.1"])
def test_anything_else_crosses_it_with_a_warning(choose: Chooser, text: str) -> None:
    choice = choose(text)
    assert choice.target is not None
    assert ("image-major-jump", "warning") in rules(choice)


@pytest.mark.parametrize("text", ["postgres:99.1", "bitnami/redis:99.0.0", "mysql:9.99.1", "bitnami/kubectl:9.1"])
def test_going_back_is_never_silent(choose: Chooser, text: str) -> None:
    choice = choose(text)
    assert choice.target is None
    assert ("image-downgrade", "error") in rules(choice)


def test_an_older_patch_release_is_a_warning(choose: Chooser) -> None:
    choice = choose("bitnami/valkey:8.1.999", CONTRACT)
    assert choice.target is not None
    assert ("image-downgrade", "warning") in rules(choice)


@pytest.mark.parametrize("tag", ["", ":latest", f"@sha256:{'a1' * 32}"])
def test_floating_tags(choose: Chooser, tag: str) -> None:
    stateless = choose(f"bitnami/kubectl{tag}")
    assert stateless.target is not None
    assert ("floating-tag", "warning") in rules(stateless)
    stores_data = choose(f"bitnami/postgresql{tag}")
    assert stores_data.target is None
    assert rules(stores_data) == {("floating-tag", "error"), ("image-contract", "warning")}


def test_an_unreadable_version(choose: Chooser) -> None:
    assert ("image-version-unknown", "error") in rules(choose("bitnami/redis:bookworm"))
    assert choose("bitnami/redis:bookworm", CONTRACT).target is None
    assert ("image-version-unknown", "warning") in rules(choose("bitnami/kubectl:mine"))


@pytest.mark.parametrize(
    ("text", "destination"),
    [
        ("dhi.io/redis:8.4.6-debian13", Destination()),
        ("dhi.io/redis:anything", Destination()),
        ("dhi.io/not-in-the-catalog:1", Destination()),
        ("docker.io/acme/dhi-redis:8.4.6", Destination()),
        ("acme/dhi-redis:8.4.6_custom", Destination("docker.io", "acme/dhi-")),
        ("registry.acme.com/mirror/redis:1", Destination("registry.acme.com", "mirror/")),
    ],
)
def test_hardened_images_stay(choose: Chooser, text: str, destination: Destination) -> None:
    choice = choose(text, destination=destination)
    assert (choice.status, choice.findings) == ("hardened", ())


@pytest.mark.parametrize(
    "text",
    [
        "acme/redis:7",
        "acme/dhi-nonsense:1",
        "ghcr.io/acme/dhi-redis:1",
        "registry.acme.com/redis:not-a-tag-of-the-catalog",
        "registry.acme.com/bitnami/redis:7.4.1",
        "bitnami/unheard-of:1",
        "localhost:5000/postgres:16",
    ],
)
def test_unknown_images_stay_and_are_not_guessed(choose: Chooser, text: str) -> None:
    choice = choose(text, destination=Destination("registry.acme.com"))
    assert (choice.status, choice.findings) == ("unmapped", ())
    assert text.rpartition(":")[0] in choice.reason


def test_a_mirror_of_the_vendor_is_hinted_at(choose: Chooser) -> None:
    assert "if registry.acme.com mirrors Bitnami" in choose("registry.acme.com/bitnami/redis:7").reason
    assert "mirrors" not in choose("registry.acme.com/team/redis:7").reason


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("bitnami/nginx-ingress-controller:1.13.1", "ingress-nginx"),
        ("bitnami/postgresql-repmgr:17.6.0", "repmgr"),
        ("bitnami/pinniped:0.40.0", "command line only"),
        ("bitnami/wordpress:6.8.2", "php-fpm"),
        ("bitnami/cilium-proxy:1.34.5", "by Envoy"),
        ("bitnami/jupyterhub:5.3.0", "Zero to JupyterHub"),
        ("mcp/github", "older reference server"),
    ],
)
def test_the_same_name_is_not_the_same_software(choose: Chooser, text: str, words: str) -> None:
    choice = choose(text)
    assert (choice.status, choice.findings) == ("kept", ())
    assert words in choice.reason


def test_mirrors_get_the_image_under_their_prefix(choose: Chooser) -> None:
    target = choose("bitnami/kubectl:1.34.1", destination=Destination("docker.io", "acme/dhi-")).target
    assert target is not None
    assert target.name == "docker.io/acme/dhi-kubectl"
    again = choose(str(target), destination=Destination("docker.io", "acme/dhi-"))
    assert again.status == "hardened"


class TestNeed:
    def test_a_chart_mapping_names_the_image_and_vouches_for_it(self, choose: Chooser) -> None:
        plain = choose("bitnami/memcached:1.6.39", CONTRACT)
        vouched = choose("bitnami/memcached:1.6.39", Need(image="memcached"))
        assert plain.target == vouched.target
        assert ("image-contract", "error") in rules(plain)
        assert choose("bitnami/keycloak:26.3.3", Need(image="keycloak")).target is not None
        assert "image-contract" not in {rule for rule, _ in rules(vouched)}

    def test_named_images_are_plain_unless_a_flavour_is_named(self, choose: Chooser) -> None:
        named = choose("bitnami/kubectl:1.34.1", Need(image="kubectl")).target
        compat = choose("bitnami/kubectl:1.34.1", Need(image="kubectl", flavour="compat")).target
        by_entry = choose("bitnami/kubectl:1.34.1").target
        runtime = choose("bitnami/kubectl:1.34.1", Need(flavour="runtime")).target
        assert compat == by_entry
        assert named == runtime
        assert named is not None and named.tag.endswith("-debian13")

    def test_an_unmapped_image_that_a_chart_mapping_names(self, choose: Chooser) -> None:
        target = choose("acme/our-redis:8.4.1", Need(image="redis")).target
        assert target is not None
        assert version(target)[:2] == (8, 4)

    def test_an_image_that_the_catalog_does_not_have(self, choose: Chooser) -> None:
        choice = choose("bitnami/redis:8.4.1", Need(image="nonsense"))
        assert (choice.status, rules(choice)) == ("unmapped", {("image-not-in-catalog", "error")})

    def test_a_flavour_asked_for_in_general_gives_way(self, choose: Chooser) -> None:
        choice = choose("bitnami/valkey:8.1.3", replace(CONTRACT, flavour="fpm"))
        assert choice.target is not None
        assert ("image-flavour", "warning") in rules(choice)

    def test_a_flavour_that_a_chart_mapping_needs_does_not(self, choose: Chooser) -> None:
        choice = choose("bitnami/valkey:8.1.3", Need(image="valkey", flavour="fpm"))
        assert (choice.status, rules(choice)) == ("unmapped", {("image-not-in-catalog", "error")})
        assert "runtime, sentinel" in choice.reason

    def test_paid_flavours_are_said_to_be_unchecked(self, choose: Chooser) -> None:
        choice = choose("bitnami/valkey:8.1.3", replace(CONTRACT, flavour="fips"))
        assert choice.target is not None
        assert choice.target.tag.endswith("-debian13-fips")
        assert ("image-not-confirmed", "warning") in rules(choice)

    def test_distribution(self, choose: Chooser) -> None:
        alpine = choose("bitnami/postgresql:16.4.0", replace(CONTRACT, distribution="alpine"))
        assert alpine.target is not None
        assert "alpine" in alpine.target.tag
        assert ("image-libc", "warning") in rules(alpine)
        absent = choose("bitnami/valkey:8.1.3", Need(distribution="alpine"))
        assert rules(absent) == {("image-not-in-catalog", "error")}

    def test_alpine_to_debian_is_said_for_data_only(self, choose: Chooser) -> None:
        assert ("image-libc", "warning") in rules(choose("postgres:16-alpine", CONTRACT))
        assert "image-libc" not in {rule for rule, _ in rules(choose("haproxy:3.2-alpine"))}
        assert "image-libc" not in {rule for rule, _ in rules(choose("postgres:16", CONTRACT))}

    def test_platforms(self, choose: Chooser) -> None:
        assert choose("bitnami/valkey:8.1.3", replace(CONTRACT, platforms=("linux/arm64",))).target is not None
        choice = choose("bitnami/valkey:8.1.3", Need(platforms=("linux/s390x",)))
        assert rules(choice) == {("image-not-in-catalog", "error")}

    def test_pinned_tags(self, choose: Chooser, catalog: Catalog) -> None:
        image = catalog.image("valkey")
        assert image is not None
        tag = next(t for d in image.definitions if d.variant == "runtime" for t in d.tags)
        pinned = choose("bitnami/valkey:1.0", Need(image="valkey", pin_tag=tag))
        assert pinned.target is not None
        assert pinned.target.tag == tag
        unknown = choose("bitnami/valkey:8.1.3", Need(image="valkey", pin_tag="0.0.0"))
        assert rules(unknown) == {("image-not-in-catalog", "error")}


class TestSelect:
    """The rules of distance, on a made-up image."""

    @pytest.fixture
    def image(self, catalog: Catalog) -> Any:
        real = catalog.image("valkey")
        assert real is not None
        plain = next(d for d in real.definitions if d.variant == "runtime" and not d.flavour)

        def define(*tags: str, **changes: Any) -> Any:
            return replace(plain, tags=tags, **changes)

        return replace(
            real,
            definitions=(
                define("1.2-debian13", "1.2.5-debian13", "1.2.5"),
                define("1.4.1-debian13"),
                define("1.4.9-debian13"),
                define("2.0.3-jdk17-debian13"),
                define("2.0.3-jdk21-debian13"),
                define("3-debian13", "3.1.0-debian13"),
                define("3.1.700-sdk-debian13"),
                define("1.3.0-debian13-dev", variant="dev"),
            ),
        )

    @pytest.mark.parametrize(
        ("wanted", "tag", "step"),
        [
            ((1, 2, 0), "1.2.5-debian13", "same"),
            ((1, 2, 5), "1.2.5-debian13", "same"),
            ((1, 2, 9), "1.2.5-debian13", "patch-older"),
            ((1, 4), "1.4.9-debian13", "same"),
            ((1,), "1.4.9-debian13", "same"),
            ((1, 3, 0), "1.4.9-debian13", "minor"),
            ((1, 1, 9), "1.2.5-debian13", "minor"),
            ((0, 9), "1.2.5-debian13", "major"),
            ((1, 9), "1.4.9-debian13", "minor-older"),
            ((2, 9), None, "newest"),
            ((3, 1, 0), "3.1.0-debian13", "same"),
            ((4, 0), "3.1.0-debian13", "major-older"),
            (None, "3.1.0-debian13", "newest"),
        ],
    )
    def test_distance(self, image: Any, wanted: Numbers | None, tag: str | None, step: str) -> None:
        selection = select_definition(image, Asked(wanted))
        assert (selection.candidate.tag if selection.candidate else None, selection.step) == (tag, step)

    def test_a_qualifier_is_asked_for_or_nothing_is_taken(self, image: Any) -> None:
        nothing = select_definition(image, Asked((2, 0, 1)))
        assert (nothing.candidate, nothing.problem) == (None, "qualifier")
        assert nothing.available == ("2.0.3-jdk17-debian13", "2.0.3-jdk21-debian13")
        asked = select_definition(image, Asked((2, 0, 1), qualifier="jdk21"))
        assert asked.candidate is not None
        assert asked.candidate.tag == "2.0.3-jdk21-debian13"

    @pytest.mark.parametrize(
        ("wanted", "tag", "step"),
        [
            ((1, 3), "1.4.9-debian13", "same"),
            ((1, 9), "1.4.9-debian13", "patch-older"),
            ((0, 9), "1.2.5-debian13", "major"),
        ],
    )
    def test_two_part_versions(self, image: Any, wanted: Numbers, tag: str, step: str) -> None:
        selection = select_definition(image, Asked(wanted, two_part=True))
        assert selection.candidate is not None
        assert (selection.candidate.tag, selection.step) == (tag, step)

    @pytest.mark.parametrize(
        ("tag", "expected"),
        [
            ("7.2.5-debian-12-r0", (7, 2, 5)),
            ("v1.33.4", (1, 33, 4)),
            ("15", (15,)),
            ("3.2-alpine", (3, 2)),
            ("12_custom", (12,)),
            ("", None),
            ("latest", None),
            ("alpine3.20", None),
            ("63728f0c304222dd", None),
            ("RELEASE.2025-01-01", None),
        ],
    )
    def test_versions_of_tags(self, tag: str, expected: Numbers | None) -> None:
        assert version_of(tag) == expected


def test_a_digest_is_written_only_if_the_catalog_states_it(choose: Chooser, catalog: Catalog) -> None:
    image = catalog.image("nginx")
    assert image is not None
    pinned = choose("nginx:1.31", Need(image="nginx"), Destination(pin_digests=True)).target
    plain = choose("nginx:1.31", Need(image="nginx")).target
    assert plain is not None and pinned is not None
    assert plain.digest == ""
    assert pinned.digest == image.digests.get(pinned.tag, "")
    mirrored = choose("nginx:1.31", Need(image="nginx"), Destination("docker.io", "acme/dhi-", True)).target
    assert mirrored is not None
    assert mirrored.digest == pinned.digest


def test_digests_of_the_catalog_reach_the_target(choose: Chooser, catalog: Catalog) -> None:
    """At least the images that hardened charts pin have one."""
    pinned = [
        choice.target
        for name in ("redis-exporter", "kubectl", "busybox", "nginx", "memcached", "alertmanager", "curl", "dex")
        for tag in (catalog.image(name) or pytest.fail(name)).digests
        for choice in [choose(f"acme/{name}:{tag}", Need(image=name, pin_tag=tag), Destination(pin_digests=True))]
        if choice.target is not None and choice.target.digest
    ]
    assert pinned
    assert all(catalog.digest_for(t.repository, t.tag) == t.digest for t in pinned)


def test_a_development_image_only_on_request(choose: Chooser) -> None:
    plain = choose("bitnami/kubectl:1.34.1").target
    asked = choose("bitnami/kubectl:1.34.1", Need(flavour="dev")).target
    assert plain is not None and not plain.tag.endswith("-dev")
    assert asked is not None and asked.tag.endswith("-dev")


def test_paid_words_come_after_the_flavour_that_the_chart_needs(choose: Chooser) -> None:
    target = choose("bitnami/kubectl:1.34.1", Need(flavour="fips")).target
    both = choose("bitnami/redis:8.4.1", replace(CONTRACT, flavour="compat-fips")).target
    assert target is not None and target.tag.endswith("-compat-fips")
    assert both is not None and both.tag.endswith("-compat-fips")


def test_the_distribution_and_the_platform_that_were_asked(choose: Chooser) -> None:
    target = choose("quay.io/prometheus/node-exporter:1.10.0", Need(distribution="alpine")).target
    assert target is None or "alpine" in target.tag
    arm = choose("bitnami/kubectl:1.34.1", Need(platforms=("linux/arm64",))).target
    assert arm is not None
    nowhere = choose("bitnami/kubectl:1.34.1", Need(platforms=("linux/s390x",)))
    assert (nowhere.target, {rule for rule, _ in rules(nowhere)}) == (None, {"image-not-in-catalog"})


@pytest.mark.parametrize(
    ("tag", "numbers"),
    [
        ("RELEASE.2024-10-02T17-50-41Z", (2024, 10, 2)),
        ("8u422-jre", (8, 422)),
        ("v1.2.3", (1, 2, 3)),
        ("17-alpine", (17,)),
        ("1.27.4-k3s1", (1, 27, 4)),
        ("stable", None),
        ("0a1b2c3d4e5f", None),
    ],
)
def test_versions_in_tags(tag: str, numbers: tuple[int, ...] | None) -> None:
    assert version_of(tag) == numbers
