"""The rules: what each finds, at which level, and above all what it lets pass."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chartlift.verify.checks.sizing import quantity
from chartlift.verify.upgrade import upgrade_of


def change(data: dict[str, Any], *path: Any, to: Any) -> dict[str, Any]:
    """A copy with one field set; ``None`` removes it."""
    changed = copy.deepcopy(data)
    inner: Any = changed
    for key in path[:-1]:
        inner = inner[key]
    if to is None:
        del inner[path[-1]]
    else:
        inner[path[-1]] = to
    return changed


def everything(kube: Any) -> list[dict[str, Any]]:
    return [
        kube.stateful(),
        kube.service(),
        kube.thing("Secret", "db", data={"password": "eA=="}),
        kube.thing("ConfigMap", "db", data={"a": "b"}),
        kube.thing("PersistentVolumeClaim", "kept", {"resources": {"requests": {"storage": "1Gi"}}}),
        kube.thing("NetworkPolicy", "db", {"podSelector": {}}),
        kube.thing("PodDisruptionBudget", "db", {"maxUnavailable": 1}),
    ]


MAIN = ("spec", "template", "spec", "containers", 0)


def test_nothing_changed_nothing_found(kube: Any) -> None:
    assert kube.findings(everything(kube), everything(kube)[::-1]) == []
    assert str(upgrade_of([])).startswith("`helm upgrade` in place")


@pytest.mark.parametrize(
    ("path", "to"),
    [
        ((*MAIN, "image"), "dhi.io/db:1"),
        (("spec", "template", "metadata", "annotations"), {"checksum/x": "1"}),
        (("spec", "updateStrategy"), {"type": "RollingUpdate"}),
        (("spec", "podManagementPolicy"), "OrderedReady"),
        (("spec", "volumeClaimTemplates", 0, "kind"), "PersistentVolumeClaim"),
        (("spec", "volumeClaimTemplates", 0, "apiVersion"), "v1"),
        (("metadata", "labels"), {"helm.sh/chart": "db-2"}),
        ((*MAIN, "securityContext"), {"runAsUser": 65532, "runAsNonRoot": True}),
        ((*MAIN, "livenessProbe"), {"exec": {"command": ["x"]}}),
    ],
)
def test_what_an_upgrade_is_for_passes(kube: Any, path: Any, to: Any) -> None:
    assert kube.findings([kube.stateful()], [change(kube.stateful(), *path, to=to)]) == []


@pytest.mark.parametrize(
    ("path", "to"),
    [
        (("spec", "selector", "matchLabels", "app"), "other"),
        (("spec", "serviceName"), "other"),
        (("spec", "podManagementPolicy"), "Parallel"),
        (("spec", "volumeClaimTemplates", 0, "metadata", "labels"), {"a": "b"}),
    ],
)
def test_fields_a_statefulset_cannot_change(kube: Any, path: Any, to: Any) -> None:
    findings = kube.findings([kube.stateful()], [change(kube.stateful(), *path, to=to)])
    assert [(f.rule, f.level) for f in findings] == [("immutable-field-changed", "error")]
    assert findings[0].place.path == f"StatefulSet/db: spec.{path[1]}"
    assert findings[0].place.file == "c/templates/x.yaml"
    assert "kubectl delete statefulset db" in findings[0].help
    assert ("--cascade=orphan" in findings[0].help) == (path[1] != "selector")
    assert upgrade_of(findings).way == "recreate-statefulset"


def test_pods_that_the_new_selector_still_matches_can_be_left_running(kube: Any) -> None:
    """Bug: a selector that only loses a label was told to stop the pods, beside advice to orphan them."""
    before = kube.stateful(selector={"matchLabels": {"app": "db", "component": "primary"}})
    before["spec"]["template"]["metadata"]["labels"]["component"] = "primary"
    (finding,) = kube.findings([before], [kube.stateful()])
    assert "--cascade=orphan" in finding.help
    other = change(kube.stateful(), "spec", "selector", "matchLabels", "app", to="other")
    helps = [f.help for f in kube.findings([before], [change(other, "spec", "serviceName", to="other")])]
    assert len(helps) == 2
    assert not any("--cascade=orphan" in text for text in helps)


@pytest.mark.parametrize("kind", ["Deployment", "DaemonSet", "Job"])
def test_selectors_of_the_others_are_fixed_too(kube: Any, kind: str) -> None:
    before = {**kube.stateful(claim=None), "kind": kind}
    findings = kube.findings([before], [change(before, "spec", "selector", "matchLabels", "app", to="x")])
    assert [f.rule for f in findings] == ["immutable-field-changed"]
    assert upgrade_of(findings).way == "recreate-object"


def test_a_job_that_is_a_hook_is_made_anew(kube: Any) -> None:
    job = kube.thing("Job", "j", {"template": {"a": 1}}, metadata={"annotations": {"helm.sh/hook": "pre-upgrade"}})
    assert kube.findings([job], [change(job, "spec", "template", "a", to=2)]) == []
    plain = kube.thing("Job", "j", {"template": {"a": 1}})
    assert kube.rules([plain], [change(plain, "spec", "template", "a", to=2)]) == {"immutable-field-changed": "error"}


def test_a_service_cannot_become_headless_in_place(kube: Any) -> None:
    assert kube.rules([kube.service()], [kube.service(clusterIP="None")]) == {"immutable-field-changed": "error"}
    assert kube.rules([kube.service()], [kube.service(clusterIP="10.0.0.1")]) == {}


def test_a_binding_cannot_change_its_role(kube: Any) -> None:
    before, after = (kube.thing("RoleBinding", "b", roleRef={"name": name}) for name in ("x", "y"))
    assert kube.rules([before], [after]) == {"immutable-field-changed": "error"}


def test_a_claim_under_another_name_leaves_the_data_behind(kube: Any) -> None:
    findings = kube.findings([kube.stateful(claim="data")], [kube.stateful(claim="store")])
    renamed = next(f for f in findings if f.rule == "claim-renamed")
    assert (renamed.level, renamed.place.path) == ("error", "StatefulSet/db: spec.volumeClaimTemplates")
    assert "store-db-N instead of data-db-N" in renamed.message
    assert upgrade_of(findings).way == "new-objects"
    assert kube.rules([kube.stateful("db")], [kube.stateful("db-primary")])["claim-renamed"] == "error"


def test_a_workload_without_its_claim(kube: Any) -> None:
    rules = kube.rules([kube.stateful()], [kube.stateful(claim=None)])
    assert rules["claim-lost"] == "error"
    gone = kube.findings([kube.stateful()], [])
    assert [(f.rule, f.level) for f in gone] == [("claim-lost", "error")]


def test_an_existing_claim_that_is_no_longer_named(kube: Any) -> None:
    before = kube.stateful(claim=None)
    volumes = [{"name": "data", "persistentVolumeClaim": {"claimName": "mine"}}]
    before["spec"]["template"]["spec"]["volumes"] = volumes
    after = change(before, "spec", "template", "spec", "volumes", to=[{"name": "data", "emptyDir": {}}])
    assert kube.rules([before], [after]) == {"claim-lost": "error"}
    assert kube.rules([before], [copy.deepcopy(before)]) == {}


def test_a_claim_object_that_helm_would_delete(kube: Any) -> None:
    claim = kube.thing("PersistentVolumeClaim", "data", {"accessModes": ["ReadWriteOnce"]})
    (finding,) = kube.findings([claim], [])
    assert (finding.rule, finding.level) == ("claim-lost", "error")
    assert "Helm would delete it" in finding.message
    kept = kube.thing("PersistentVolumeClaim", "data", metadata={"annotations": {"helm.sh/resource-policy": "keep"}})
    assert "delete" not in kube.findings([kept], [])[0].message


def test_a_claim_mounted_elsewhere(kube: Any) -> None:
    findings = kube.findings([kube.stateful(path="/bitnami/db")], [kube.stateful(path="/data/db")])
    assert [(f.rule, f.level) for f in findings] == [("mount-changed", "error")]
    assert "/bitnami/db" in findings[0].message
    assert kube.findings([kube.stateful(path="/data")], [kube.stateful(path="/data/")]) == []


def test_a_statefulset_with_claims_may_not_become_a_deployment(kube: Any) -> None:
    deployment = {**kube.stateful(claim=None), "kind": "Deployment"}
    rules = kube.rules([kube.stateful()], [deployment])
    assert (rules["workload-kind-changed"], rules["claim-lost"]) == ("error", "error")
    assert kube.rules([kube.stateful(claim=None)], [deployment]) == {"workload-kind-changed": "warning"}


def test_services_by_name(kube: Any) -> None:
    (finding,) = kube.findings([kube.service("r-db")], [kube.service("r-db-http")])
    assert (finding.rule, finding.level) == ("service-renamed", "error")
    assert "r-db becomes r-db-http" in finding.message
    assert kube.rules([kube.service()], []) == {"service-lost": "error"}
    assert kube.rules([], [kube.service()]) == {}


def test_secrets_by_name_and_key(kube: Any) -> None:
    before = kube.thing("Secret", "db", data={"password": "eA==", "user": "eQ=="})
    renamed = kube.thing("Secret", "db-auth", data={"password": "eA==", "user": "eQ=="})
    fewer = kube.thing("Secret", "db", stringData={"user": "y"})
    assert kube.rules([before], [renamed]) == {"secret-renamed": "warning"}
    assert kube.rules([before], []) == {"secret-lost": "warning"}
    (finding,) = kube.findings([before], [fewer])
    assert (finding.rule, finding.place.path) == ("secret-key-lost", "Secret/db: data.password")
    assert kube.rules([fewer], [before]) == {}


def test_a_generated_secret_that_goes_is_an_error(kube: Any) -> None:
    before = kube.thing("Secret", "db", data={"password": "eA=="})
    unstable = {"Secret/db": frozenset({"data.password"})}
    (finding,) = kube.findings([before], [], unstable=unstable)
    assert (finding.rule, finding.level) == ("secret-lost", "error")
    assert "resource-policy: keep" in finding.help
    assert kube.findings([before], [before], unstable=unstable) == []


@pytest.mark.parametrize(
    ("kind", "level"),
    [("Deployment", "error"), ("Ingress", "warning"), ("ConfigMap", "note"), ("ServiceMonitor", "warning")],
)
def test_lost_objects(kube: Any, kind: str, level: str) -> None:
    assert kube.rules([kube.thing(kind, "x")], []) == {"object-lost": level}
    hook = kube.thing(kind, "x", metadata={"annotations": {"helm.sh/hook": "test"}})
    assert kube.rules([hook], []) == {"object-lost": "note"}


def test_a_definition_that_helm_would_delete(kube: Any) -> None:
    crd = kube.thing("CustomResourceDefinition", "a.b")
    assert kube.rules([crd], []) == {"object-lost": "error"}


def test_an_object_rendered_twice(kube: Any) -> None:
    assert kube.rules([kube.service()], [kube.service(), kube.service()]) == {"object-duplicate": "error"}


@pytest.mark.parametrize("kind", ["NetworkPolicy", "PodDisruptionBudget"])
def test_lost_protection(kube: Any, kind: str) -> None:
    assert kube.rules([kube.thing(kind, "x")], []) == {"protection-lost": "warning"}
    assert kube.rules([], [kube.thing(kind, "x")]) == {}


def test_weaker_containers(kube: Any) -> None:
    strict = {"runAsNonRoot": True, "readOnlyRootFilesystem": True, "capabilities": {"drop": ["ALL"]}}
    before = kube.stateful(main={"securityContext": strict, "readinessProbe": {"tcpSocket": {"port": 1}}})
    findings = kube.findings([before], [kube.stateful()])
    assert {f.rule: f.level for f in findings} == {"security-weakened": "warning", "probe-lost": "warning"}
    assert "runAsNonRoot, readOnlyRootFilesystem, dropped capabilities" in findings[0].message
    assert kube.findings([kube.stateful()], [before]) == []


def test_a_restriction_that_moves_to_the_pod_still_holds(kube: Any) -> None:
    before = kube.stateful(main={"securityContext": {"runAsNonRoot": True}})
    after = kube.stateful()
    after["spec"]["template"]["spec"]["securityContext"] = {"runAsNonRoot": True}
    assert kube.findings([before], [after]) == []


@pytest.mark.parametrize(
    ("before", "after", "rule"),
    [
        ({"replicas": 3}, {"replicas": 1}, "replicas-changed"),
        ({"replicas": 1}, {"replicas": 1}, None),
    ],
)
def test_replicas(kube: Any, before: Any, after: Any, rule: str | None) -> None:
    assert [*kube.rules([kube.stateful(**before)], [kube.stateful(**after)])] == ([rule] if rule else [])


def test_resources_by_what_they_amount_to(kube: Any) -> None:
    def sized(cpu: str, memory: str) -> Any:
        return kube.stateful(main={"resources": {"limits": {"cpu": cpu, "memory": memory}}})

    assert kube.findings([sized("0.5", "1Gi")], [sized("500m", "1024Mi")]) == []
    (finding,) = kube.findings([sized("500m", "1Gi")], [sized("100m", "1Gi")])
    assert (finding.rule, finding.level) == ("resources-changed", "warning")
    assert "cpu limit 100m instead of 500m" in finding.message


def test_storage(kube: Any) -> None:
    claim = kube.thing("PersistentVolumeClaim", "x", {"resources": {"requests": {"storage": "8Gi"}}})
    smaller = change(claim, "spec", "resources", "requests", "storage", to="1Gi")
    assert kube.rules([claim], [smaller]) == {"storage-changed": "warning"}
    template = change(
        kube.stateful(), "spec", "volumeClaimTemplates", 0, "spec", "resources", "requests", "storage", to="1Gi"
    )
    rules = kube.rules([kube.stateful()], [template])
    assert rules == {"immutable-field-changed": "error", "storage-changed": "warning"}


def test_ports_and_service_types(kube: Any) -> None:
    assert kube.rules([kube.service(port=80)], [kube.service(port=8080)]) == {"ports-changed": "warning"}
    assert kube.rules([kube.service()], [kube.service(type="NodePort")]) == {"service-type-changed": "warning"}
    renamed = change(kube.service(), "spec", "ports", 0, "name", to="postgresql")
    assert kube.rules([kube.service()], [renamed]) == {}
    assert kube.rules([kube.service()], [kube.service(type="ClusterIP")]) == {}


def test_service_accounts(kube: Any) -> None:
    before, after = kube.stateful(), kube.stateful()
    before["spec"]["template"]["spec"]["serviceAccountName"] = "db"
    assert kube.rules([before], [after]) == {"service-account-changed": "warning"}


def test_images_of_the_source_vendor(kube: Any) -> None:
    image = {"image": "docker.io/bitnami/os-shell:12"}
    hook = kube.thing(
        "Pod", "t", {"containers": [{"name": "x", **image}]}, metadata={"annotations": {"helm.sh/hook": "test"}}
    )
    for data in (kube.stateful(main=image), hook, kube.thing("Prometheus", "p", image)):
        assert kube.rules([data], [data]) == {"source-image-left": "error"}
    used = kube.stateful(main={"args": ["--reloader=docker.io/bitnami/r:1"]})
    assert kube.rules([used], [used]) == {"source-image-left": "error"}
    named = kube.thing("ConfigMap", "x", data={"conf": "# docker.io/bitnami/r:1 was here\nimage: other/r:1"})
    assert kube.rules([named], [named]) == {"source-image-left": "warning"}
    pulled = kube.thing("ConfigMap", "x", data={"conf": "# docker.io/bitnami/r:1\nimage: docker.io/bitnami/r:1"})
    assert [f.level for f in kube.findings([pulled], [pulled])] == ["error"]
    assert kube.rules([kube.stateful(main=image)], [kube.stateful(main={"image": "dhi.io/bash:5"})]) == {}


@settings(deadline=None, max_examples=50)
@given(st.integers(0, 10**6))
def test_quantities_compare_as_numbers(number: int) -> None:
    assert quantity(f"{number * 1024}Mi") == quantity(f"{number}Gi")
    assert quantity(f"{number * 1000}m") == quantity(number)
    assert quantity(f"{number}x") == f"{number}x"
