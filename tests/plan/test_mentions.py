"""What a parent's templates say of changed paths and names: rewritten where certain, else reported."""

import pytest

from chartlift.plan.mentions import NameChange, PathChange, find_names, find_value_paths

MOVED = PathChange(("kc", "replicaCount"), ("kc", "replicas"), "")
GONE = PathChange(("kc", "auth", "adminUser"), None, "gone")
SERVICE = NameChange("service", "-kc-primary", "-kc")
LOST = NameChange("secret", "-kc-secret", None)


def rewritten(text: str, change: PathChange | NameChange) -> str:
    finder = find_value_paths if isinstance(change, PathChange) else find_names
    for mention in reversed(list(finder(text, [change]))):  # type: ignore[list-item,operator]
        if mention.splice is not None:
            text = text[: mention.splice.start] + mention.splice.text + text[mention.splice.end :]
    return text


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("{{ .Values.kc.replicaCount }}", "{{ .Values.kc.replicas }}"),
        ("{{ $.Values.kc.replicaCount | int }}", "{{ $.Values.kc.replicas | int }}"),
        ("{{- if (gt .Values.kc.replicaCount 1) }}", "{{- if (gt .Values.kc.replicas 1) }}"),
    ],
)
def test_a_moved_path_is_rewritten(before: str, after: str) -> None:
    assert rewritten(before, MOVED) == after


@pytest.mark.parametrize(
    "text",
    [
        "{{ .Values.kc.replicaCounter }}",
        "{{ .Values.other.replicaCount }}",
        "{{ .Values.replicaCount }}",
        "kc.replicaCount",
        "{{ .Chart.Name }}",
    ],
)
def test_near_misses_stay(text: str) -> None:
    assert list(find_value_paths(text, [MOVED])) == []


def test_what_is_gone_is_reported_and_not_rewritten() -> None:
    (mention,) = find_value_paths("a\n{{ .Values.kc.auth.adminUser }}", [GONE])
    assert mention.splice is None
    assert mention.line == 2


def test_a_map_above_a_change_is_reported() -> None:
    (mention,) = find_value_paths("{{ toYaml .Values.kc.auth }}", [GONE])
    assert mention.splice is None


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("{{ .Release.Name }}-kc-primary:6379", "{{ .Release.Name }}-kc:6379"),
        ("{{- $.Release.Name -}}-kc-primary", "{{- $.Release.Name -}}-kc"),
        ('{{ printf "%s-kc-primary" .Release.Name }}', '{{ printf "%s-kc" .Release.Name }}'),
    ],
)
def test_a_name_is_rewritten(before: str, after: str) -> None:
    assert rewritten(before, SERVICE) == after


@pytest.mark.parametrize(
    "text",
    ["{{ .Release.Name }}-kc-primary-x", "{{ .Release.Name }}-kc-primary2", "-kc-primary", "my-kc-primary"],
)
def test_other_names_stay(text: str) -> None:
    assert rewritten(text, SERVICE) == text


def test_a_lost_object_is_reported() -> None:
    (mention,) = find_names("name: {{ .Release.Name }}-kc-secret", [LOST])
    assert mention.splice is None


def test_a_known_release_name_counts() -> None:
    assert [m.text for m in find_names("shop-kc-primary", [SERVICE], release="shop")] == ["shop-kc-primary"]
    assert list(find_names("xshop-kc-primary", [SERVICE], release="shop")) == []
