"""Which defaults of a source chart go along with a database that it bundled."""

from __future__ import annotations

import pytest

from chartlift.plan.hoist import _knows

OWN = {"auth": {"database": ""}, "primary": {"initdb": {"scripts": {}, "user": ""}}, "labels": {}}


@pytest.mark.parametrize(
    ("path", "known"),
    [
        ("auth.database", True),
        ("primary.initdb.scripts", True),
        ("labels.team", True),
        ("primary.initdb.scripts.first", True),
        ("primary.initdb.scripts.first.sql", True),
        ("master.service.port", False),
        ("primary.initdb.other", False),
        ("auth.database.below", False),
    ],
)
def test_values_below_an_empty_map_are_the_charts_own(path: str, known: bool) -> None:
    assert _knows(OWN, tuple(path.split("."))) is known
