"""Searching: the best first, the same each time, nothing for nothing."""

from __future__ import annotations

import pytest

from chartlift.catalog.snapshot import Catalog, load_catalog


def names(catalog: Catalog, term: str) -> list[str]:
    return [hit.name for hit in catalog.search(term)]


def test_the_name_itself_comes_first_then_its_chart(catalog: Catalog) -> None:
    hits = catalog.search("redis")
    assert [(hit.kind, hit.name) for hit in hits[:3]] == [
        ("image", "redis"),
        ("chart", "redis-chart"),
        ("image", "redis-mcp"),
    ]
    assert hits[0].description == "databases and storage, message queues"


def test_the_title_counts_before_the_description(catalog: Catalog) -> None:
    found = names(catalog, "postgresql")
    assert found.index("postgres") < found.index("postgres-exporter")


def test_case_does_not_matter(catalog: Catalog) -> None:
    assert names(catalog, " KeyCloak ") == names(catalog, "keycloak") != []


def test_every_word_has_to_match(catalog: Catalog) -> None:
    assert names(catalog, "redis exporter")[0] == "redis-exporter"
    assert names(catalog, "redis zebra") == []


def test_tags_are_found_by_their_beginning_and_by_their_words(catalog: Catalog) -> None:
    (hit,) = catalog.search("8.10.1-debian13")
    assert (hit.name, hit.tags[0]) == ("redis", "8.10.1-debian13")
    compat = {hit.name: hit.tags for hit in catalog.search("compat")}
    assert compat["bash"][0] == "5-compat"


def test_a_reference_looks_into_one_image(catalog: Catalog) -> None:
    (hit,) = catalog.search("redis:8.10")
    assert hit.name == "redis" and all(tag.startswith("8.10") for tag in hit.tags)
    assert catalog.search("redis:99") == []
    assert catalog.search("nothing:8") == []


@pytest.mark.parametrize("term", ["", "  ", "zzzzqq", "\0", "[(", "9.9.9.9.9"])
def test_nothing_is_found_where_nothing_fits(catalog: Catalog, term: str) -> None:
    assert catalog.search(term) == []


@pytest.mark.parametrize("term", ["redis", "monitoring", "compat", "8"])
def test_the_order_does_not_depend_on_what_was_read_before(catalog: Catalog, term: str) -> None:
    assert load_catalog().search(term) == catalog.search(term)
