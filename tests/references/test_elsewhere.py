"""Selectors of other files that match no pod any more, and host names of Services that are called otherwise."""

from __future__ import annotations

from pathlib import Path

import pytest

from chartlift.plan.names import NameChange
from chartlift.records import PodLabels
from chartlift.references.elsewhere import Gone, find_elsewhere, pods_of
from chartlift.references.repository import Repository

OLD = frozenset({("app.kubernetes.io/name", "redis"), ("app.kubernetes.io/component", "master")})
NEW = frozenset({("app.kubernetes.io/name", "redis")})
POLICY = """apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: allow
spec:
  podSelector:
    matchLabels:
      app.kubernetes.io/name: redis
      app.kubernetes.io/component: {component}
"""


def found(tmp_path: Path, gone: Gone, **files: str) -> list[tuple[str, str, int | None]]:
    for name, text in files.items():
        (tmp_path / f"{name}.yaml").write_text(text)
    repository = Repository.open(tmp_path, None, lambda path: False)
    return [(one.rule, one.place.file, one.place.line) for one in find_elsewhere(repository, gone, {})]


def test_a_selector_that_matches_nothing_any_more(tmp_path: Path) -> None:
    gone = Gone(pods=pods_of([PodLabels(frozenset({OLD}), frozenset({NEW}))]))
    assert found(tmp_path, gone, policy=POLICY.format(component="master")) == [("selector-elsewhere", "policy.yaml", 7)]


@pytest.mark.parametrize(
    "text", [POLICY.format(component="replica"), POLICY.replace("      app.kubernetes.io/component: {component}\n", "")]
)
def test_a_selector_of_others_or_one_that_still_matches(tmp_path: Path, text: str) -> None:
    gone = Gone(pods=pods_of([PodLabels(frozenset({OLD}), frozenset({NEW}))]))
    assert found(tmp_path, gone, policy=text) == []


def test_labels_that_stay_are_not_looked_for() -> None:
    assert pods_of([PodLabels(frozenset({NEW}), frozenset({NEW, OLD}))]) == []


@pytest.mark.parametrize(
    ("line", "fires"),
    [
        ("host: cache-redis-master.shop.svc", True),
        ("url: redis://cache-redis-master:6379/0", True),
        ("host: cache-redis-master-0.cache-redis-headless", True),
        ("host: other-cache-redis-master", False),
        ("host: cache-redis-masters", False),
        ("# host: cache-redis-master", False),
    ],
)
def test_names_of_services(tmp_path: Path, line: str, fires: bool) -> None:
    gone = Gone()
    gone.take("cache", [NameChange("service", "-redis-master", "-redis"), NameChange("secret", "-redis", None)])
    assert gone.services == {"cache-redis-master": "cache-redis"}
    assert bool(found(tmp_path, gone, app=line + "\n")) is fires


def test_without_a_release_nothing_can_be_looked_for() -> None:
    gone = Gone()
    gone.take(None, [NameChange("service", "-redis-master", "-redis")])
    assert gone.services == {}
