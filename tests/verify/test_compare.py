"""Which object became which: by name, by likeness, by kind of workload; and what is masked."""

from __future__ import annotations

from typing import Any

from chartlift.verify.compare import compare
from chartlift.verify.fields import Difference
from chartlift.verify.mask import is_suspect, may_be_unstable, unstable_fields


def statuses(comparison: Any) -> list[tuple[str, str, str]]:
    return [
        (pair.status, str(pair.before.identity if pair.before else ""), str(pair.after.identity if pair.after else ""))
        for pair in comparison.pairs
    ]


def test_the_same_objects_in_another_order_are_the_same(kube: Any) -> None:
    data = [kube.stateful(), kube.service(), kube.thing("Secret", "s", data={"a": "eA=="})]
    comparison = kube.compare(data, data[::-1])
    assert {pair.status for pair in comparison.pairs} == {"same"}
    assert comparison.duplicates == ()


def test_labels_of_the_chart_and_checksums_are_folded(kube: Any) -> None:
    before, after = (
        kube.thing("ConfigMap", "a", metadata={"labels": {"helm.sh/chart": f"c-{n}"}, "annotations": {"checksum/x": n}})
        for n in ("1", "2")
    )
    (pair,) = kube.compare([before], [after]).pairs
    assert (pair.status, pair.noise) == ("same", 2)


def test_a_namespace_written_out_is_no_change(kube: Any) -> None:
    after = kube.thing("ConfigMap", "a", metadata={"namespace": "default"})
    assert statuses(kube.compare([kube.thing("ConfigMap", "a")], [after])) == [("same", "ConfigMap/a", "ConfigMap/a")]


def test_a_renamed_object_is_seen_as_one(kube: Any) -> None:
    comparison = kube.compare([kube.service("r-web", 80)], [kube.service("r-web-http", 80)])
    assert statuses(comparison) == [("renamed", "Service/r-web", "Service/r-web-http")]


def test_the_most_alike_is_taken(kube: Any) -> None:
    before = [kube.service("r-db", 5432), kube.service("r-db-metrics", 9187)]
    after = [kube.service("r-pg-metrics", 9187), kube.service("r-pg", 5432)]
    assert set(statuses(kube.compare(before, after))) == {
        ("renamed", "Service/r-db", "Service/r-pg"),
        ("renamed", "Service/r-db-metrics", "Service/r-pg-metrics"),
    }


def test_unlike_objects_are_not_paired(kube: Any) -> None:
    before = kube.thing("ConfigMap", "alpha", data={"a.conf": "x"})
    after = kube.thing("ConfigMap", "zulu", data={"z.sh": "y"})
    assert {status for status, _, _ in statuses(kube.compare([before], [after]))} == {"removed", "added"}


def test_secrets_without_a_common_key_are_not_paired(kube: Any) -> None:
    """Harbor's core-envvars and the new registry-htpasswd only share the release's name."""
    before = kube.thing("Secret", "shop-harbor-core-envvars", data={"CSRF_KEY": "eA=="})
    after = kube.thing("Secret", "shop-harbor-core-htpasswd", data={"HTPASSWD": "eA=="})
    assert {status for status, _, _ in statuses(kube.compare([before], [after]))} == {"removed", "added"}
    with_both = kube.thing("Secret", "shop-harbor-core", data={"CSRF_KEY": "eA==", "secret": "eA=="})
    (pair,) = statuses(kube.compare([before], [with_both]))
    assert pair == ("renamed", "Secret/shop-harbor-core-envvars", "Secret/shop-harbor-core")


def test_a_headless_service_does_not_stand_in_for_one_with_an_address(kube: Any) -> None:
    comparison = kube.compare([kube.service("r-db-headless", clusterIP="None")], [kube.service("r-db")])
    assert {pair.status for pair in comparison.pairs} == {"removed", "added"}


def test_a_hook_is_not_paired_with_a_plain_object(kube: Any) -> None:
    hook = {"annotations": {"helm.sh/hook": "test"}}
    comparison = kube.compare([kube.thing("Pod", "r-a", {"x": 1}, metadata=hook)], [kube.thing("Pod", "r-b", {"x": 1})])
    assert {pair.status for pair in comparison.pairs} == {"removed", "added"}


def test_another_kind_of_workload_under_the_name_is_a_replacement(kube: Any) -> None:
    deployment = {**kube.stateful("r-db", claim=None), "kind": "Deployment"}
    comparison = kube.compare([kube.stateful("r-db-primary"), kube.stateful("r-db-replicas")], [deployment])
    assert set(statuses(comparison)) == {
        ("replaced", "StatefulSet/r-db-primary", "Deployment/r-db"),
        ("removed", "StatefulSet/r-db-replicas", ""),
    }


def test_duplicates_are_new_ones_only(kube: Any) -> None:
    one = kube.service()
    assert len(kube.compare([one], [one, one]).duplicates) == 1
    assert kube.compare([one, one], [one, one]).duplicates == ()
    other = {**kube.thing("Service", "db"), "apiVersion": "serving.knative.dev/v1"}
    assert kube.compare([one], [one, other]).duplicates == ()


def test_what_is_random_on_both_sides_is_masked(kube: Any) -> None:
    def secret(password: str, **more: str) -> Any:
        return kube.make(kube.thing("Secret", "s", data={"password": password, **more}))

    first, again, after = secret("YQ=="), secret("Yg=="), secret("Yw==", user="eA==")
    unstable = unstable_fields(first, again)
    assert [*unstable.values()] == [frozenset({"data.password"})]
    (pair,) = compare(first, after, unstable, unstable).pairs
    assert [change.path for change in pair.changes] == ["data.user"]
    (pair,) = compare(first, after, unstable, {}).pairs
    assert [change.path for change in pair.changes] == ["data.password", "data.user"]


def test_equal_renderings_have_nothing_unstable(kube: Any) -> None:
    assert unstable_fields(kube.make(kube.stateful()), kube.make(kube.stateful())) == {}


def test_only_tokens_where_charts_keep_them_are_suspect() -> None:
    assert is_suspect("Secret", Difference("data.password", "YQ==", "Yg=="))
    assert is_suspect("ConfigMap", Difference("data.conf", "id = aaa\nx = 1", "id = bbb\nx = 1"))
    assert is_suspect("Deployment", Difference("spec.containers[a].env[ID].value", "x1", "x2"))
    assert not is_suspect("ConfigMap", Difference("data.conf", "id = aaa", "(another text)"))
    assert not is_suspect("Deployment", Difference("spec.containers[a].image", "a:1", "a:2"))
    assert not is_suspect("Secret", Difference("metadata.x", 1, 2))


def test_only_templates_that_call_such_a_function_may_be_unstable(write_chart: Any) -> None:
    plain = {"templates/a.yaml": "a: now # uuidv4", "README.md": "{{ randAlphaNum 5 }}", "templates/b.yaml": "{{ .x }}"}
    assert not may_be_unstable(write_chart("plain", plain))
    assert may_be_unstable(write_chart("random", {"charts/x/templates/_h.tpl": "{{- $x := randAlphaNum 5 }}"}))
    assert may_be_unstable(write_chart("packed", {"charts/x-1.0.0.tgz": "?"}))
