"""What a report may show of a difference: everything but secrets, wherever those turn up."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chartlift.verify.fields import ABSENT, Difference
from chartlift.verify.shown import Scrubber, change_lines

PASSWORDS = st.text("abcdefghijkXYZ0123456789!$%", min_size=8, max_size=20)


def encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


@settings(deadline=None, max_examples=50)
@given(PASSWORDS)
def test_what_is_in_a_secret_is_shown_nowhere(kube: Any, password: str) -> None:
    secret, config = kube.make(
        kube.thing("Secret", "s", data={"x": encoded(password)}), kube.thing("ConfigMap", "c", data={})
    )
    scrubber = Scrubber([secret])
    for difference in (
        Difference("data.conf", f"requirepass {password}\n", "requirepass other\n"),
        Difference("spec.args", ["--auth", password], ABSENT),
        Difference("data.copy", encoded(password), "x"),
    ):
        assert password not in json.dumps(change_lines(difference, config, scrubber))
    assert encoded(password) not in json.dumps(
        change_lines(Difference("data.copy", encoded(password), ""), config, scrubber)
    )


@settings(deadline=None, max_examples=30)
@given(PASSWORDS)
def test_what_the_user_set_as_a_password_is_hidden_too(password: str) -> None:
    values: Any = {"auth": {"password": password}, "users": [{"token": password + "2"}]}
    assert password not in Scrubber(values=[values]).hide(f"at <{password}>: bad {password}2")


def test_data_of_a_secret_is_never_shown(kube: Any) -> None:
    (secret,) = kube.make(kube.thing("Secret", "s", stringData={"a": "b"}))
    shown = change_lines(Difference("stringData.a", "b", "c"), secret, Scrubber())
    assert shown == {"path": "stringData.a", "before": "<redacted>", "after": "<redacted>"}
    label = change_lines(Difference("metadata.labels.a", "b", ABSENT), secret, Scrubber())
    assert label == {"path": "metadata.labels.a", "before": "b", "after": None}


@pytest.mark.parametrize(
    ("path", "value"), [("spec.containers[a].env[DB_PASSWORD].value", "x1y2"), ("spec.url", "amqp://u:x1y2@host/")]
)
def test_secrets_that_only_their_place_gives_away(kube: Any, path: str, value: str) -> None:
    (item,) = kube.make(kube.stateful())
    shown = change_lines(Difference(path, value, "other"), item, Scrubber())
    assert "x1y2" not in json.dumps(shown)


@pytest.mark.parametrize("value", ["docker.io/a/b:1", "8Gi", "--port=1"])
def test_plain_values_are_shown_as_they_are(kube: Any, value: str) -> None:
    (item,) = kube.make(kube.stateful())
    scrubber = Scrubber(kube.make(kube.thing("Secret", "s", data={"a": encoded("tr"), "b": encoded("true")})))
    assert change_lines(Difference("spec.x", value, "true"), item, scrubber) == {
        "path": "spec.x",
        "before": value,
        "after": "true",
    }


def test_of_long_texts_only_the_lines_that_differ(kube: Any) -> None:
    (item,) = kube.make(kube.thing("ConfigMap", "c"))
    old = "\n".join(f"line {n}" for n in range(500))
    shown = change_lines(Difference("data.f", old, old.replace("line 250", "changed")), item, Scrubber())
    assert shown == {"path": "data.f", "before": "line 250", "after": "changed"}
    long = change_lines(Difference("data.f", "x" * 5000, "y"), item, Scrubber())
    assert len(str(long["before"])) < 450
