"""Globs of `.chartlift.yaml`: gitignore's, without negation."""

from __future__ import annotations

import pytest

from chartlift.globs import covers_folder, matches_any

MEANT = [
    ("vendor", "vendor/redis/Chart.yaml"),
    ("vendor/", "vendor/redis"),
    ("./vendor", "vendor"),
    ("charts/*", "charts/shop/values.yaml"),
    ("charts/*/values.yaml", "charts/shop/values.yaml"),
    ("**/testdata", "testdata/a"),
    ("**/testdata", "a/b/testdata/c"),
    ("charts/**/values-?.yaml", "charts/values-1.yaml"),
    ("charts/**/values-?.yaml", "charts/a/b/values-1.yaml"),
    ("**", "anything/at/all"),
    ("env/[ps]*.yaml", "env/prod.yaml"),
    ("env/[!d]*.yaml", "env/prod.yaml"),
    ("a+b(c).yaml", "a+b(c).yaml"),
]
NOT_MEANT = [
    ("vendor", "vendors/redis"),
    ("vendor", "charts/vendor/redis"),
    ("charts/*/values.yaml", "charts/a/b/values.yaml"),
    ("charts/*.yaml", "charts/a/b.yaml"),
    ("*.yaml", "charts/values.yaml"),
    ("env/[!p]*.yaml", "env/prod.yaml"),
    ("a.c", "abc"),
]


@pytest.mark.parametrize(("pattern", "path"), MEANT)
def test_meant(pattern: str, path: str) -> None:
    assert matches_any(path, [pattern])


@pytest.mark.parametrize(("pattern", "path"), NOT_MEANT)
def test_not_meant(pattern: str, path: str) -> None:
    assert not matches_any(path, [pattern])


@pytest.mark.parametrize(
    ("pattern", "covered"),
    [
        ("charts/shop", True),
        ("charts/shop/**", True),
        ("charts", True),
        ("**", True),
        ("charts/shop/values-prod.yaml", False),
        ("charts/shop/*.yaml", False),
        ("charts/other/**", False),
    ],
)
def test_what_covers_a_whole_chart(pattern: str, covered: bool) -> None:
    assert covers_folder("charts/shop", [pattern]) is covered
