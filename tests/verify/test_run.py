"""A whole verification with Helm itself: what passes, what fails, and what is said not to have run."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from chartlift.verify.binary import BinaryEngine
from chartlift.verify.judge import Explained
from chartlift.verify.rendering import Chain, VerifyInput
from chartlift.verify.run import Outcome, verify
from chartlift.verify.sdk import SdkEngine
from chartlift.verify.store import ChartStore, store_of

SECRET = """{{- $p := .Values.password | default (randAlphaNum 12) }}
apiVersion: v1
kind: Secret
metadata: {name: {{ .Release.Name }}-db}
data: {password: {{ $p | b64enc }}}
---
"""
DB = """apiVersion: apps/v1
kind: StatefulSet
metadata: {name: {{ .Release.Name }}-db, labels: {helm.sh/chart: {{ .Chart.Name }}}}
spec:
  serviceName: db
  replicas: {{ .Values.replicas }}
  selector: {matchLabels: {app: {{ .Values.selector | default "db" }}}}
  template:
    metadata:
      annotations: {checksum/secret: {{ include (print $.Template.BasePath "/secret.yaml") . | sha256sum }}}
    spec:
      containers:
        - name: db
          image: {{ .Values.image }}
          args: ["--password", {{ .Values.password | default "none" | quote }}]
"""
VALUES = "replicas: 1\nimage: docker.io/bitnami/db:1\n"


@pytest.fixture
def db(write_chart: Any) -> Any:
    """A chart ``db`` under a directory of its own with other defaults or templates."""

    def write(place: str, values: str = VALUES, *, name: str = "db", more: Mapping[str, str] | None = None) -> Path:
        files = {"templates/secret.yaml": SECRET, "templates/db.yaml": DB, "values.yaml": values, **(more or {})}
        chart: Path = write_chart(name, files, place=place)
        return chart

    return write


def run(engine: Any, old: Path, new: Path, chains: Sequence[Chain] = (Chain(),), **options: Any) -> Outcome:
    before, after = (VerifyInput(chart, chains, "shop", label=chart.name) for chart in (old, new))
    return verify(before, after, engine, vendor_image=lambda image: "bitnami/" in image, **options)


HARDENED = VALUES.replace("docker.io/bitnami/", "dhi.io/")


def test_another_image_and_nothing_else_passes(engine: SdkEngine, db: Any) -> None:
    outcome = run(engine, db("old"), db("new", HARDENED, name="db-chart"))
    assert outcome.findings == ()
    assert (outcome.verification.status, outcome.verification.reason) == ("passed", "")
    assert outcome.verification.images == ("dhi.io/db:1",)
    objects: Any = outcome.verification.objects
    counts = {key: objects[key] for key in ("before", "after", "same", "changed", "renamed", "added", "removed")}
    assert counts == {"before": 2, "after": 2, "same": 1, "changed": 1, "renamed": 0, "added": 0, "removed": 0}
    assert objects["upgrade"]["way"] == "in-place"
    (changed,) = objects["chains"][0]["objects"]
    assert changed["changes"] == [
        {
            "path": "spec.template.spec.containers[db].image",
            "before": "docker.io/bitnami/db:1",
            "after": "dhi.io/db:1",
        }
    ]


def test_a_chart_against_itself_has_only_its_image_to_find(engine: SdkEngine, db: Any) -> None:
    outcome = run(engine, db("old"), db("new"))
    assert [finding.rule for finding in outcome.findings] == ["source-image-left"]
    objects: Any = outcome.verification.objects
    assert (objects["same"], objects["chains"][0]["objects"]) == (2, [])


def test_the_same_input_gives_the_same_bytes(engine: SdkEngine, db: Any) -> None:
    old, new = db("old"), db("new", HARDENED + "selector: x\n")
    first, second = run(engine, old, new), run(engine, old, new)
    assert first == second
    assert json.dumps(first.verification.objects) == json.dumps(second.verification.objects)


def test_what_an_upgrade_would_refuse_fails(engine: SdkEngine, db: Any) -> None:
    outcome = run(engine, db("old"), db("new", HARDENED + "selector: other\n"))
    assert outcome.verification.status == "failed"
    assert outcome.verification.reason == "blocking findings: immutable-field-changed"
    (finding,) = outcome.findings
    assert (finding.place.file, finding.place.path) == ("db/templates/db.yaml", "StatefulSet/shop-db: spec.selector")
    objects: Any = outcome.verification.objects
    assert objects["upgrade"]["way"] == "recreate-statefulset"


def test_what_a_mapping_foretells_or_the_user_accepts_does_not_block(engine: SdkEngine, db: Any) -> None:
    old, new = db("old"), db("new", HARDENED + "selector: other\n")
    known = Explained("immutable-field-changed", "StatefulSet/*-db", "The selector has a component label.")
    for options in ({"explained": [known]}, {"accepted": ["immutable-field-changed"]}):
        outcome = run(engine, old, new, **options)
        assert outcome.verification.status == "passed"
        assert [finding.accepted for finding in outcome.findings] == [True]
        assert ("seen to: The selector has" in outcome.findings[0].message) == ("explained" in options)
        objects: Any = outcome.verification.objects
        assert objects["upgrade"]["way"] == "recreate-statefulset"
    others = [
        Explained("immutable-field-changed", "StatefulSet/*-cache", "Not this one."),
        Explained("claim-renamed", "*", "Not this rule."),
        Explained("immutable-field-changed", "*", "Not this chart.", file="*/charts/cache/*"),
        Explained("immutable-field-changed", "*", "Not these words.", words="claim data-"),
    ]
    assert run(engine, old, new, explained=others).verification.status == "failed"


def test_a_finding_of_one_chain_says_which(engine: SdkEngine, db: Any) -> None:
    new = db("new", HARDENED, more={"templates/db.yaml": DB.replace(".Values.replicas", "1")})
    chains = [Chain("base", [{}]), Chain("prod", [{}, {"replicas": 3}])]
    outcome = run(engine, db("old"), new, [*chains, Chain("same", [{}])])
    (finding,) = [finding for finding in outcome.findings if finding.rule == "replicas-changed"]
    assert finding.message == "StatefulSet/shop-db runs 1 replicas instead of 3 (with prod)"
    objects: Any = outcome.verification.objects
    assert [chain["values"] for chain in objects["chains"]] == ["base", "prod", "same"]
    assert (objects["before"], objects["changed"]) == (2, 1)


def test_secrets_are_not_in_the_outcome(engine: SdkEngine, db: Any) -> None:
    chains = [Chain("a", [{"password": "hunter2secret", "selector": "x"}])]
    new = db("new", HARDENED, more={"templates/db.yaml": DB.replace('"--password"', '"--pass"')})
    outcome = run(engine, db("old"), new, chains)
    shown = json.dumps(outcome.verification.objects) + repr(outcome.findings)
    assert "hunter2" not in shown
    assert "aHVudGVyMnNlY3JldA" not in shown
    assert "<redacted>" in shown
    more = {"templates/x.yaml": '{{ fail (print "bad " .Values.password) }}'}
    failed = run(engine, db("old"), db("worse", HARDENED, more=more), chains)
    assert "hunter2" not in repr(failed)


def test_a_generated_secret_that_is_lost_is_known_as_such(engine: SdkEngine, db: Any) -> None:
    more = {"templates/secret.yaml": "", "templates/db.yaml": DB}
    rules = {f.rule: f.level for f in run(engine, db("old"), db("new", HARDENED, more=more)).findings}
    assert rules == {"secret-lost": "error"}
    chains = [Chain("a", [{"password": "given"}])]
    rules = {f.rule: f.level for f in run(engine, db("old"), db("new", HARDENED, more=more), chains).findings}
    assert rules == {"secret-lost": "warning"}


def test_a_result_that_does_not_render_fails_with_helms_words(engine: SdkEngine, db: Any) -> None:
    more = {"templates/x.yaml": '\n{{ required "tell me" .Values.nothing }}'}
    outcome = run(engine, db("old"), db("new", HARDENED, more=more))
    assert outcome.verification.status == "failed"
    (finding,) = outcome.findings
    assert (finding.rule, finding.level, finding.place.file, finding.place.line) == (
        "render-failed", "error", "db/templates/x.yaml", 2,
    )  # fmt: skip
    assert "tell me" in finding.message


def test_a_chart_that_did_not_render_before_is_not_judged(engine: SdkEngine, db: Any) -> None:
    outcome = run(engine, db("old", more={"templates/x.yaml": '{{ fail "broken" }}'}), db("new", HARDENED))
    assert outcome.verification.status == "not-run"
    assert "broken" in outcome.verification.reason
    assert outcome.findings == ()


def test_a_missing_dependency_is_named_with_what_would_help(engine: SdkEngine, db: Any) -> None:
    more = {"Chart.yaml": "apiVersion: v2\nname: db\nversion: 1.0.0\ndependencies:\n- {name: common, version: 2.x}\n"}
    outcome = run(engine, db("old", more=more), db("new"))
    assert outcome.verification.status == "not-run"
    assert "not in charts/: common 2.x" in outcome.verification.reason
    assert "--chart-store" in outcome.verification.reason
    assert outcome.verification.objects == {}


def test_dependencies_come_from_the_store_under_their_alias(engine: SdkEngine, db: Any, tmp_path: Path) -> None:
    db("store/db")
    db("store/db-chart/1.2.3", HARDENED, name="db-chart")
    store = store_of([tmp_path / "store"])
    umbrella = "apiVersion: v2\nname: shop\nversion: 1.0.0\ndependencies:\n- {name: %s, version: 1.x, repository: r}\n"
    for place, entry in (("old", "db"), ("new", "db-chart, alias: db")):
        (tmp_path / place).mkdir()
        (tmp_path / place / "Chart.yaml").write_text(umbrella % entry)
    outcome = run(engine, tmp_path / "old", tmp_path / "new", store=store)
    assert (outcome.verification.status, outcome.findings) == ("passed", ())
    assert outcome.verification.images == ("dhi.io/db:1",)
    assert not (tmp_path / "old" / "charts").exists()


def test_a_value_that_helm_ignores_only_afterwards_is_a_warning(engine: SdkEngine, db: Any) -> None:
    chains = [Chain("a", [{"extra": {"a": 1}}])]
    outcome = run(engine, db("old"), db("new", HARDENED + "extra: text\n"), chains)
    assert [(f.rule, f.level) for f in outcome.findings] == [("value-ignored", "warning")]
    assert (
        run(engine, db("old2", VALUES + "extra: text\n"), db("new2", HARDENED + "extra: text\n"), chains).findings == ()
    )


def test_without_helm_nothing_is_claimed(db: Any, tmp_path: Path) -> None:
    outcome = run(BinaryEngine(tmp_path / "no-helm"), db("old"), db("new"), store=ChartStore())
    assert outcome.verification.status == "not-run"
    assert "cannot run helm" in outcome.verification.reason
    assert outcome.findings == ()
