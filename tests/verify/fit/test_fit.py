"""Containers on their new image: what a rule finds, and as often, that it finds nothing."""

from __future__ import annotations

from typing import Any

import pytest

from chartlift.images.choose import Destination
from chartlift.knowledge import load_knowledge
from chartlift.verify.compare import compare
from chartlift.verify.fit.judge import Fit, judge_fit
from chartlift.verify.fit.subject import FitKnowledge

_KNOWN = load_knowledge()
OLD = "docker.io/bitnami/redis:8.4.1-debian-12-r0"
COMPAT, PLAIN = "dhi.io/redis:8.4.6-debian13-compat", "dhi.io/redis:8.4.6-debian13"
CLAIM = {"name": "data", "persistentVolumeClaim": {"claimName": "data"}}


def knowledge(**vouched: str) -> FitKnowledge:
    return FitKnowledge(_KNOWN.images, _KNOWN.catalog, _KNOWN.programs, Destination(), vouched)


def workload(kube: Any, image: str, pod: dict[str, Any], container: dict[str, Any], *more: dict[str, Any]) -> Any:
    spec = {**pod, "containers": [{"name": "main", "image": image, **container}]}
    deployment = kube.thing("Deployment", "app", {"template": {"spec": spec}})
    return kube.make(deployment, *more)


def fit(
    kube: Any,
    container: dict[str, Any],
    *more: dict[str, Any],
    old: str = OLD,
    new: str = COMPAT,
    pod: dict[str, Any] | None = None,
    before: dict[str, Any] | None = None,
    vouched: str = "",
) -> Fit:
    """Judge one container that ran ``old`` and runs ``new``."""
    first = workload(kube, old, pod or {}, container if before is None else before, *more)
    second = workload(kube, new, pod or {}, container, *more)
    return judge_fit(compare(first, second), knowledge(**({"c/": vouched} if vouched else {})))


def rules(result: Fit) -> dict[str, str]:
    return {finding.rule: finding.level for finding in result.findings}


def test_a_shell_that_the_image_does_not_have(kube: Any) -> None:
    probe = {"livenessProbe": {"exec": {"command": ["/bin/sh", "-c", "redis-cli ping"]}}}
    result = fit(kube, probe, new=PLAIN)
    assert rules(result) == {"shell-missing": "error"}
    (state,) = result.containers
    assert (state.verdict, state.source, state.rules) == ("breaks", OLD, ("shell-missing",))
    assert "livenessProbe.exec.command" in (result.findings[0].place.path or "")
    assert rules(fit(kube, probe, new=COMPAT)) == {}


def test_a_program_that_the_image_does_not_have(kube: Any) -> None:
    direct = fit(kube, {"livenessProbe": {"exec": {"command": ["curl", "http://x"]}}})
    assert rules(direct) == {"program-missing": "error"}
    in_script = fit(kube, {"command": ["sh", "-c", "curl http://x || true"]})
    assert rules(in_script) == {"program-missing": "warning"}
    assert rules(fit(kube, {"command": ["sh", "-c", "grep x /y; redis-cli ping; some-tool"]})) == {}


def test_a_tool_of_the_old_vendor(kube: Any) -> None:
    waits = {"command": ["bash", "-ec", "if wait-for-port --host=${host} $port; then exit 0; fi"]}
    assert rules(fit(kube, waits)) == {"vendor-script-missing": "error"}


def test_a_script_of_the_old_vendor(kube: Any) -> None:
    result = fit(kube, {"command": ["/bin/bash", "-c", ". /opt/bitnami/scripts/libos.sh\nrun"]})
    assert rules(result)["vendor-script-missing"] == "error"
    own = {"command": ["/bin/bash", "/opt/bitnami/scripts/start/run.sh"]}
    mount = {"volumeMounts": [{"name": "scripts", "mountPath": "/opt/bitnami/scripts/start"}]}
    volume = {"volumes": [{"name": "scripts", "configMap": {"name": "scripts"}}]}
    fine = kube.thing("ConfigMap", "scripts", data={"run.sh": "exec redis-server /opt/bitnami/scripts/start/x"})
    assert "vendor-script-missing" not in rules(fit(kube, {**own, **mount}, fine, pod=volume))
    bad = kube.thing("ConfigMap", "scripts", data={"run.sh": ". /opt/bitnami/scripts/libfile.sh\nredis-server"})
    found = fit(kube, {**own, **mount}, bad, pod=volume)
    assert rules(found)["vendor-script-missing"] == "error"
    assert "/opt/bitnami/scripts/libfile.sh" in found.findings[0].message


def test_a_path_that_only_the_old_image_looks_at(kube: Any) -> None:
    volume = {"volumes": [{"name": "conf", "configMap": {"name": "conf"}}]}
    mount = {"volumeMounts": [{"name": "conf", "mountPath": "/opt/bitnami/redis/conf"}]}
    assert rules(fit(kube, mount, pod=volume)) == {"vendor-path": "warning"}
    told = {**mount, "args": ["redis-server", "/opt/bitnami/redis/conf/redis.conf"]}
    assert rules(fit(kube, told, pod=volume)) == {}
    assert rules(fit(kube, mount, pod=volume, vouched="redis")) == {}


def test_an_argument_that_names_a_place_of_the_old_image(kube: Any) -> None:
    told = {"args": ["redis-server", "--dir=/opt/bitnami/redis/data"]}
    result = fit(kube, told, vouched="redis")
    assert rules(result) == {"vendor-argument": "error"}
    mounted = {**told, "volumeMounts": [{"name": "data", "mountPath": "/opt/bitnami/redis/data"}]}
    assert "vendor-argument" not in rules(fit(kube, mounted, pod={"volumes": [CLAIM]}))


def test_a_directory_above_names_its_mounts(kube: Any) -> None:
    volume = {"volumes": [{"name": "conf", "configMap": {"name": "conf"}}]}
    mount = {"volumeMounts": [{"name": "conf", "mountPath": "/bitnami/redis/conf/00_default"}]}
    shell = {**mount, "command": ["sh", "-c", "cat /bitnami/redis/conf/*/redis.conf"]}
    assert "vendor-path" not in rules(fit(kube, shell, pod=volume))
    assert rules(fit(kube, {**mount, "args": ["/bitnami/other"]}, pod=volume))["vendor-path"] == "warning"


def test_places_for_writing_on_a_read_only_root(kube: Any) -> None:
    only = {"securityContext": {"readOnlyRootFilesystem": True}}
    old, new = "docker.io/bitnami/dex:2.45.1", "dhi.io/dex:2.45.1-debian13"
    assert rules(fit(kube, only, old=old, new=new)) == {"path-not-writable": "warning"}
    told = {**only, "args": ["serve", "/data/config.yaml"], "volumeMounts": [{"name": "data", "mountPath": "/data"}]}
    assert "path-not-writable" not in rules(fit(kube, told, old=old, new=new, pod={"volumes": [CLAIM]}, before=told))
    assert rules(fit(kube, {}, old=old, new=new)) == {}


def test_a_container_without_anything_to_start(kube: Any) -> None:
    image = next(
        f"dhi.io/{name}:{definition.tags[0]}"
        for name in _KNOWN.catalog.image_names()
        for definition in (_KNOWN.catalog.image(name) or pytest.fail(name)).definitions
        if not definition.entrypoint and not definition.cmd and definition.variant == "runtime"
    )
    assert rules(fit(kube, {}, new=image)) == {"nothing-to-start": "error"}
    assert rules(fit(kube, {"args": ["--port=1"]}, new=image)) == {"nothing-to-start": "error"}
    assert rules(fit(kube, {"command": ["/app"]}, new=image)) == {}


def test_files_of_another_user(kube: Any) -> None:
    old, new = {"securityContext": {"runAsUser": 1001}}, {"securityContext": {"runAsUser": 65532}}
    mount = {"volumeMounts": [{"name": "data", "mountPath": "/data"}]}
    result = fit(kube, {**mount, **new}, before={**mount, **old}, pod={"volumes": [CLAIM]})
    assert rules(result)["volume-owner-changed"] == "error"
    grouped = {"volumes": [CLAIM], "securityContext": {"fsGroup": 1001}}
    kubectl = {"old": "docker.io/bitnami/kubectl:1.34.1", "new": "dhi.io/kubectl:1.34.11-debian13-compat"}
    softer = fit(kube, {**mount, **new}, before={**mount, **old}, pod=grouped, **kubectl)
    assert rules(softer)["volume-owner-changed"] == "warning"
    same = fit(kube, {**mount, **old}, pod={"volumes": [CLAIM]})
    assert "volume-owner-changed" not in rules(same)
    assert "volume-owner-changed" not in rules(fit(kube, new, before=old))


def test_a_low_port(kube: Any) -> None:
    low = {"ports": [{"containerPort": 80}]}
    assert rules(fit(kube, low, before={})) == {"privileged-port": "warning"}
    assert rules(fit(kube, {"ports": [{"containerPort": 8080}]})) == {}
    may = {**low, "securityContext": {"capabilities": {"add": ["NET_BIND_SERVICE"]}}}
    assert rules(fit(kube, may)) == {}
    assert rules(fit(kube, {**low, "securityContext": {"runAsUser": 0}})) == {}


def test_a_platform_that_there_is_no_image_for(kube: Any) -> None:
    assert rules(fit(kube, {}, pod={"nodeSelector": {"kubernetes.io/arch": "s390x"}})) == {"platform-missing": "error"}
    assert rules(fit(kube, {}, pod={"nodeSelector": {"kubernetes.io/arch": "arm64"}})) == {}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (OLD, OLD),
        (COMPAT, COMPAT),
        (OLD, "registry.example.com/own:1"),
        (OLD, "dhi.io/redis:not-a-tag"),
        (OLD, "${IMAGE}"),
    ],
)
def test_nothing_is_said_of_an_image_that_did_not_move_to_a_known_one(kube: Any, old: str, new: str) -> None:
    broken = {"command": ["/opt/bitnami/scripts/run.sh"], "ports": [{"containerPort": 80}]}
    assert fit(kube, broken, old=old, new=new) == Fit((), ())


def test_a_digest_alone_is_known_by_the_catalog(kube: Any) -> None:
    image = _KNOWN.catalog.image("redis")
    assert image is not None
    tag, digest = next((tag, digest) for tag, digest in image.digests.items() if image.definition_for(tag))
    assert fit(kube, {}, new=f"dhi.io/redis@{digest}").containers[0].image.endswith(digest), tag


def test_what_is_not_known_is_not_called_fit(kube: Any) -> None:
    assert fit(kube, {}).containers[0].verdict == "unknown"
    assert fit(kube, {}, vouched="redis").containers[0].verdict == "fits"


POSTGRES = {"old": "docker.io/bitnami/postgresql:17.6.0-debian-12-r4", "new": "dhi.io/postgres:17.11-debian13"}


def test_variables_that_nobody_reads_any_more(kube: Any) -> None:
    def env(**variables: str) -> dict[str, Any]:
        return {"env": [{"name": name, "value": value} for name, value in variables.items()]}

    plain = fit(kube, env(POSTGRESQL_LOG_HOSTNAME="yes", POSTGRES_USER="shop"), **POSTGRES)
    assert rules(plain) == {"environment-not-read": "warning"}
    assert "POSTGRES_USER" not in plain.findings[0].message
    feature = fit(kube, env(POSTGRESQL_ENABLE_TLS="yes"), **POSTGRES)
    assert rules(feature) == {"environment-not-read": "error"}
    assert rules(fit(kube, env(POSTGRESQL_ENABLE_TLS="no"), **POSTGRES)) == {"environment-not-read": "warning"}
    taken = {"name": "POSTGRESQL_REPLICATION_PASSWORD", "valueFrom": {"secretKeyRef": {"name": "db", "key": "x"}}}
    assert rules(fit(kube, {"env": [taken]}, **POSTGRES)) == {"environment-not-read": "error"}
    renamed = fit(kube, env(POSTGRES_DATABASE="shop"), **POSTGRES)
    assert "POSTGRES_DATABASE is POSTGRES_DB there" in renamed.findings[0].help
    assert rules(fit(kube, env(POSTGRES_USER="shop", TZ="UTC"), **POSTGRES)) == {}
    assert rules(fit(kube, {**env(POSTGRESQL_ENABLE_TLS="yes"), "command": ["postgres"]}, **POSTGRES)) == {}


def test_a_volume_where_only_the_old_image_looks_for_its_data(kube: Any) -> None:
    mount = {"volumeMounts": [{"name": "data", "mountPath": "/bitnami/postgresql"}]}
    volume = {"volumes": [CLAIM]}
    found = rules(fit(kube, mount, pod=volume, **POSTGRES))
    assert found["data-directory-moved"] == "error"
    assert found["collation-changed"] == "warning"
    told = {**mount, "env": [{"name": "PGDATA", "value": "/bitnami/postgresql/data"}]}
    assert "data-directory-moved" not in rules(fit(kube, told, pod=volume, **POSTGRES))
    there = {"volumeMounts": [{"name": "data", "mountPath": "/var/lib/postgresql"}]}
    assert "data-directory-moved" not in rules(fit(kube, there, pod=volume, **POSTGRES))
    scratch = {"volumes": [{"name": "data", "emptyDir": {}}]}
    assert "data-directory-moved" not in rules(fit(kube, mount, pod=scratch, **POSTGRES))


def test_an_mcp_server_that_nobody_can_reach(kube: Any) -> None:
    name = next(
        entry.name for entry in _KNOWN.images.entries["mcp"].values()
        if entry.transport and entry.transport.default == "stdio" and entry.image and entry.transport.args
    )  # fmt: skip
    entry = _KNOWN.images.entries["mcp"][name]
    image = _KNOWN.catalog.image(entry.image or "")
    assert image is not None
    tag = next(d for d in image.definitions if d.variant == "runtime").tags[0]
    asked = {"old": f"docker.io/mcp/{name}:latest", "new": f"dhi.io/{entry.image}:{tag}"}
    port = {"ports": [{"containerPort": 8000}]}
    found = fit(kube, port, **asked)
    assert rules(found)["mcp-transport"] == "error"
    assert entry.transport is not None
    assert " ".join(entry.transport.args) in next(f for f in found.findings if f.rule == "mcp-transport").help
    assert "mcp-transport" not in rules(fit(kube, {**port, "args": ["--transport", "streamable-http"]}, **asked))
    assert "mcp-transport" not in rules(fit(kube, {}, **asked))
