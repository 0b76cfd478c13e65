"""Objects out of rendered documents, and the text they come from."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chartlift.verify.documents import is_manifest, is_notes, read_crds, split_documents
from chartlift.verify.engine import Document, Rendered, RenderFailed
from chartlift.verify.objects import read_objects
from chartlift.verify.workload import Mount, claim_mounts, claim_names, containers


def test_a_list_is_its_items_and_hooks_are_read(kube: Any) -> None:
    inner = kube.thing("Job", "j", metadata={"annotations": {"helm.sh/hook": "pre-install, test"}})
    (item,) = kube.make({"apiVersion": "v1", "kind": "List", "items": [inner]})
    assert (str(item.identity), item.hooks) == ("Job/j", ("pre-install", "test"))


def test_the_release_namespace_is_the_same_as_none(kube: Any) -> None:
    bare, own, other = kube.make(
        *(kube.thing("Service", "s", metadata=m) for m in ({}, {"namespace": "default"}, {"namespace": "else"}))
    )
    assert bare.identity == own.identity
    assert str(other.identity) == "Service/else/s"


def test_an_empty_document_is_no_object(kube: Any) -> None:
    assert kube.make({}) == ()


def test_a_document_without_a_kind_is_refused() -> None:
    with pytest.raises(RenderFailed, match="without a `kind`"):
        read_objects(Rendered({}, (Document("c/templates/a.yaml", {"a": 1}),)), "default")


@pytest.mark.parametrize("spec", [None, [], "text", {"template": []}, {"template": {"spec": {"containers": {}}}}])
def test_odd_shapes_hold_nothing_and_break_nothing(kube: Any, spec: Any) -> None:
    (item,) = kube.make({"kind": "StatefulSet", "metadata": {"name": "x", "labels": 3}, "spec": spec})
    assert list(containers(item)) == []
    assert claim_names(item) == frozenset()
    assert claim_mounts(item) == frozenset()


def test_containers_of_every_sort_of_workload(kube: Any) -> None:
    pod = {"initContainers": [{"name": "i"}], "containers": [{"name": "c"}], "ephemeralContainers": [{"name": "e"}]}
    cron = kube.thing("CronJob", "x", {"jobTemplate": {"spec": {"template": {"spec": pod}}}})
    for data in (cron, kube.thing("Pod", "x", pod), kube.thing("Deployment", "x", {"template": {"spec": pod}})):
        (item,) = kube.make(data)
        assert [container["name"] for container in containers(item)] == ["i", "c", "e"]


def test_claims_are_named_as_kubernetes_names_them(kube: Any) -> None:
    data = kube.stateful("db", path="/var/lib/db/")
    pod = data["spec"]["template"]["spec"]
    pod["volumes"] = [{"name": "old", "persistentVolumeClaim": {"claimName": "kept"}}, {"name": "tmp", "emptyDir": {}}]
    pod["containers"][0]["volumeMounts"] += [{"name": "old", "mountPath": "/old", "subPath": "a/"}, {"name": "tmp"}]
    (item,) = kube.make(data)
    assert claim_names(item) == {"data-db-N", "kept"}
    assert claim_mounts(item) == {Mount("data-db-N", "/var/lib/db", ""), Mount("kept", "/old", "a")}


def test_a_claim_template_wins_over_a_volume_of_its_name(kube: Any) -> None:
    """Bitnami's neo4j names both; the claim of the volume is never used, so it cannot be lost."""
    data = kube.stateful("db", path="/data")
    data["spec"]["template"]["spec"]["volumes"] = [{"name": "data", "persistentVolumeClaim": {"claimName": "unused"}}]
    (item,) = kube.make(data)
    assert claim_names(item) == {"data-db-N"}


def test_documents_are_parted_at_lines_of_dashes_only() -> None:
    text = "a: |\n  ---\n  x\n---\n# no\n\n--- {b: 1}\n---\n"
    assert list(split_documents(text)) == ["a: |\n  ---\n  x", "{b: 1}"]


def test_a_first_line_is_not_indented_alone() -> None:
    """Helm trims documents: Neo4j's chart renders one that starts with blanks."""
    assert list(split_documents("---\n\n    kind: Service\nspec: {}\n")) == ["kind: Service\nspec: {}"]


@settings(deadline=None, max_examples=50)
@given(st.lists(st.text(alphabet="ab: \n#-", max_size=20), max_size=5))
def test_splitting_loses_no_line_of_content(parts: list[str]) -> None:
    text = "\n---\n".join(parts)
    kept = "\n".join(split_documents(text)).split()
    for line in (line for line in text.split("\n") if not line.startswith("---") and not line.lstrip().startswith("#")):
        assert set(line.split()) <= set(kept)


def test_partials_notes_and_blanks_are_no_manifests() -> None:
    assert is_manifest("c/templates/a.yaml", "a: 1")
    assert not is_manifest("c/templates/_a.tpl", "a: 1")
    assert not is_manifest("c/charts/d/templates/NOTES.txt", "hello")
    assert not is_manifest("c/templates/a.yaml", " \n")
    assert is_notes("c/templates/NOTES.txt")


def test_crd_digests_do_not_depend_on_line_ends() -> None:
    one = "kind: CustomResourceDefinition\nmetadata:\n  name: a.b\n"
    assert read_crds("x", one).digest == read_crds("x", one.replace("\n", "\r\n")).digest
    assert read_crds("x", one).digest != read_crds("x", one + "spec: {}\n").digest
