"""What several rules write into one place together."""

from __future__ import annotations

import pytest

from chartlift.mapping.written import joined_parts
from chartlift.records import Yaml


@pytest.mark.parametrize(
    ("parts", "joined"),
    [
        ([], ""),
        (["one"], "one\n"),
        (["one\n", "", None, "two"], "one\ntwo\n"),
        ([["a"], [], ["b", "a"]], ["a", "b"]),
        ([["a"], "b"], ["a", "b"]),
        ([True], True),
        ([False, None], False),
        ([{"medium": "Memory"}], {"medium": "Memory"}),
    ],
)
def test_parts_are_joined_by_their_shape(parts: list[Yaml], joined: Yaml) -> None:
    assert joined_parts(parts) == joined
