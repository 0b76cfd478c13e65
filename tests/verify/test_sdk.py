"""Helm in its worker: what it renders, and that no chart can take the program with it."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Any

import pytest

from chartlift.errors import ChartliftError
from chartlift.verify.engine import EngineUnavailable, MissingDependencies, RenderFailed, RenderLimits, RenderRequest
from chartlift.verify.sdk import SdkEngine, plain_warnings

CONFIG = (
    "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: {{ .Release.Name }}-a}\ndata: {v: {{ .Values.v | quote }}}\n"
)
LOOP = "{{ range until 100000 }}{{ range until 1000000 }}{{ end }}{{ end }}"
BOMB = '{{ repeat 9000000000 "x" | len }}'
CRD = (
    "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata:\n"
    "  annotations:\n    name: no\n  name: things.acme.io\n"
)


@pytest.fixture
def limited(engine: SdkEngine) -> Any:
    """An engine of its own whose renderings may take two seconds."""
    with SdkEngine(limits=RenderLimits(seconds=2.0)) as running:
        yield running


def test_values_release_and_namespace_reach_the_templates(engine: SdkEngine, write_chart: Any) -> None:
    chart = write_chart("c", {"templates/a.yaml": CONFIG, "values.yaml": "v: old\n", "templates/_h.tpl": "x: y"})
    rendered = engine.render(RenderRequest(chart, {"v": "new"}, "shop", "ns"))
    (document,) = rendered.documents
    assert document.template == "c/templates/a.yaml"
    assert document.data["metadata"] == {"name": "shop-a"}
    assert document.data["data"] == {"v": "new"}
    assert list(rendered.manifests) == ["c/templates/a.yaml"]


def test_documents_are_read_as_helm_reads_yaml(engine: SdkEngine, write_chart: Any) -> None:
    text = "---\n# only a comment\n---\nkind: A\nmode: 0644\non: yes\n--- # two\nkind: B\n"
    rendered = engine.render(RenderRequest(write_chart("c", {"templates/a.yaml": text})))
    assert [document.data for document in rendered.documents] == [
        {"kind": "A", "mode": 420, "true": True},
        {"kind": "B"},
    ]


def test_notes_are_apart_and_crds_come_by_name_and_digest(engine: SdkEngine, write_chart: Any) -> None:
    chart = write_chart("c", {"templates/NOTES.txt": "hello", "crds/a.yaml": CRD})
    rendered = engine.render(RenderRequest(chart))
    assert rendered.documents == ()
    assert rendered.notes == "hello"
    assert [crd.names for crd in rendered.crds] == [("things.acme.io",)]


def test_rendering_twice_gives_the_same_and_says_nothing(engine: SdkEngine, write_chart: Any) -> None:
    request = RenderRequest(write_chart("c", {"templates/a.yaml": CONFIG}))
    first = engine.render(request)
    assert engine.render(request) == first
    assert first.warnings == ()


def test_helm_is_never_loaded_in_this_process(engine: SdkEngine, write_chart: Any) -> None:
    engine.render(RenderRequest(write_chart("c", {"templates/a.yaml": CONFIG})))
    assert not any(name == "helm_python" or name.startswith("helm_python.") for name in sys.modules)


def test_a_value_that_helm_ignores_is_a_warning_without_a_time(engine: SdkEngine, write_chart: Any) -> None:
    chart = write_chart("c", {"values.yaml": "a: text\n", "templates/a.yaml": CONFIG})
    request = RenderRequest(chart, {"a": {"b": 1}})
    assert engine.render(request).warnings == ("warning: skipped value for c.a: Not a table.",)
    assert engine.render(RenderRequest(chart)).warnings == ()


def test_a_template_error_is_helms_message_on_one_line(engine: SdkEngine, write_chart: Any) -> None:
    chart = write_chart("c", {"templates/a.yaml": 'x\n{{ fail "no\nway" }}'.replace("\n", " ")})
    with pytest.raises(RenderFailed, match=r"c/templates/a.yaml:1:\d+.*no way") as caught:
        engine.render(RenderRequest(chart))
    assert "\n" not in str(caught.value)


def test_text_that_is_no_yaml_names_the_template(engine: SdkEngine, write_chart: Any) -> None:
    with pytest.raises(RenderFailed, match=r"c/templates/a.yaml: what the template renders is not a YAML map"):
        engine.render(RenderRequest(write_chart("c", {"templates/a.yaml": "a: b: c\n"})))


@pytest.mark.parametrize("text", ["a: " + "[" * 50_000, "- &a [x]\n" + "- [*a, *a]\n" * 3])
def test_yaml_that_would_crash_a_parser_is_an_error(engine: SdkEngine, write_chart: Any, text: str) -> None:
    with pytest.raises(RenderFailed, match="not a YAML map"):
        engine.render(RenderRequest(write_chart("c", {"templates/a.yaml": text})))


def test_missing_dependencies_are_named(engine: SdkEngine, write_chart: Any) -> None:
    chart = write_chart("c", extra="dependencies:\n- {name: redis, version: 1.x, repository: 'oci://r'}\n")
    with pytest.raises(MissingDependencies, match=r"redis 1[.]x") as caught:
        engine.render(RenderRequest(chart))
    assert "--chart-store" in (caught.value.help or "")


def test_a_template_that_loops_is_stopped_and_the_next_chart_renders(limited: SdkEngine, write_chart: Any) -> None:
    good, bad = write_chart("good", {"templates/a.yaml": CONFIG}), write_chart("bad", {"templates/a.yaml": LOOP})
    started = time.monotonic()
    with pytest.raises(RenderFailed, match="may loop for ever") as caught:
        limited.render(RenderRequest(bad, label="bad"))
    assert time.monotonic() - started < 6
    assert caught.value.file == "bad"
    assert len(limited.render(RenderRequest(good)).documents) == 1


def test_endless_includes_end_in_an_error(limited: SdkEngine, write_chart: Any) -> None:
    chart = write_chart("c", {"templates/a.yaml": '{{ define "a" }}{{ include "a" . }}{{ end }}{{ include "a" . }}'})
    with pytest.raises(RenderFailed, match=r"a.yaml:1.* nested reference name") as caught:
        limited.render(RenderRequest(chart))
    assert caught.value.message.count("error calling") == 1


@pytest.mark.skipif(sys.platform != "linux", reason="address space is limited on Linux only")
def test_a_chart_that_eats_memory_ends_its_worker_only(limited: SdkEngine, write_chart: Any) -> None:
    bad = write_chart("bad", {"templates/a.yaml": BOMB})
    with pytest.raises(RenderFailed, match="address space"):
        limited.render(RenderRequest(bad))
    assert limited.render(RenderRequest(write_chart("good", {"templates/a.yaml": CONFIG}))).documents


def test_output_has_a_limit(engine: SdkEngine, write_chart: Any) -> None:
    chart = write_chart("c", {"templates/a.yaml": '{{ repeat 5000 "x" }}'})
    with (
        SdkEngine(limits=RenderLimits(output=1000)) as small,
        pytest.raises(RenderFailed, match="more than 1000 bytes"),
    ):
        small.render(RenderRequest(chart))


def test_modules_beside_the_user_are_not_imported(
    engine: SdkEngine, write_chart: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("helm_python", "json", "chartlift"):
        (tmp_path / f"{name}.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'w')")
    chart = write_chart("c", {"templates/a.yaml": CONFIG})
    monkeypatch.chdir(tmp_path)
    with SdkEngine() as other:
        assert other.render(RenderRequest(Path(chart.name))).documents
    assert not (tmp_path / "ran").exists()


def test_without_the_package_the_reason_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "helm_python", None)  # type: ignore[arg-type]
    with pytest.raises(EngineUnavailable, match="not installed") as caught, SdkEngine():
        pass
    assert "chartlift[helm]" in (caught.value.help or "")


def test_a_kubernetes_version_is_refused_not_ignored(engine: SdkEngine, write_chart: Any) -> None:
    with pytest.raises(ChartliftError, match="Kubernetes version"):
        engine.render(RenderRequest(write_chart("c"), kube_version="1.30.0"))


def test_warnings_lose_their_time_and_repeats() -> None:
    lines = ["2026/01/02 03:04:05 warning: a", "2026/01/02 03:04:06 warning: a", "", "b"]
    assert plain_warnings(lines) == ("warning: a", "b")
