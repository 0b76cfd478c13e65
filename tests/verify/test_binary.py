"""The helm binary: arguments, errors and limits, with a stand-in that says what it was given."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from chartlift.verify.binary import BinaryEngine
from chartlift.verify.engine import EngineUnavailable, MissingDependencies, RenderFailed, RenderLimits, RenderRequest
from chartlift.verify.objects import read_objects

OUTPUT = """---
# Source: c/crds/a.yaml
kind: CustomResourceDefinition
metadata:
  name: things.acme.io
---
# Source: c/templates/a.yaml
kind: ConfigMap
metadata: {name: a}
data: {on: "x"}
---
# Source: c/templates/tests/t.yaml
kind: Pod
metadata: {name: t, annotations: {helm.sh/hook: test}}
"""


@pytest.fixture
def helm(tmp_path: Path) -> Any:
    """A program that runs the Python given to it as ``helm``."""

    def write(body: str) -> Path:
        path = tmp_path / "bin" / "helm"
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"#!{sys.executable}\nimport sys, json, time\n{body}\n")
        path.chmod(0o755)
        return path

    return write


def test_arguments_and_values_are_passed_without_a_shell(helm: Any, tmp_path: Path) -> None:
    log = tmp_path / "log"
    body = (
        "values = next(a for a in sys.argv if a.startswith('--values=')).partition('=')[2]\n"
        f"json.dump([sys.argv[1:], json.load(open(values))], open({str(log)!r}, 'w'))"
    )
    request = RenderRequest(tmp_path, {"a": "$(touch x); '"}, "-rel", "ns", kube_version="1.30.0")
    assert BinaryEngine(helm(body)).render(request).documents == ()
    arguments, values = json.loads(log.read_text())
    assert values == {"a": "$(touch x); '"}
    assert arguments[0] == "template"
    assert arguments[-3:] == ["--", "-rel", str(tmp_path)]
    assert {"--namespace=ns", "--kube-version=1.30.0", "--include-crds"} < set(arguments)


def test_output_is_parted_by_its_source_comments(helm: Any, tmp_path: Path) -> None:
    rendered = BinaryEngine(helm(f"print({OUTPUT!r})")).render(RenderRequest(tmp_path))
    objects = read_objects(rendered, "default")
    assert [(str(item.identity), item.template, item.hooks) for item in objects] == [
        ("ConfigMap/a", "c/templates/a.yaml", ()),
        ("Pod/t", "c/templates/tests/t.yaml", ("test",)),
        ("CustomResourceDefinition/things.acme.io", "c/crds/a.yaml", ()),
    ]
    assert rendered.warnings == ()


def test_warnings_on_standard_error_are_kept(helm: Any, tmp_path: Path) -> None:
    body = "print('2026/01/01 00:00:00 warning: x', file=sys.stderr)"
    assert BinaryEngine(helm(body)).render(RenderRequest(tmp_path)).warnings == ("warning: x",)


def test_an_error_is_helms_own_on_one_line(helm: Any, tmp_path: Path) -> None:
    body = "print('WARNING: a\\nError: execution error at (c/templates/a.yaml:1:2): no\\n\\nUse --debug flag to render out invalid YAML', file=sys.stderr); sys.exit(1)"
    with pytest.raises(RenderFailed) as caught:
        BinaryEngine(helm(body)).render(RenderRequest(tmp_path, label="c"))
    assert str(caught.value) == "c: execution error at (c/templates/a.yaml:1:2): no"


def test_missing_dependencies_are_recognised(helm: Any, tmp_path: Path) -> None:
    said = "Error: An error occurred while checking for chart dependencies. You may need to run `helm dependency "
    said += "build` to fetch missing dependencies: found in Chart.yaml, but missing in charts/ directory: redis, common"
    with pytest.raises(MissingDependencies, match="redis, common"):
        BinaryEngine(helm(f"sys.exit({said!r})")).render(RenderRequest(tmp_path))


def test_a_helm_that_hangs_is_stopped(helm: Any, tmp_path: Path) -> None:
    engine = BinaryEngine(helm("time.sleep(60)"), limits=RenderLimits(seconds=0.5))
    with pytest.raises(RenderFailed, match=r"longer than 0[.]5 seconds"):
        engine.render(RenderRequest(tmp_path))


def test_output_has_a_limit(helm: Any, tmp_path: Path) -> None:
    engine = BinaryEngine(helm("print('x' * 5000)"), limits=RenderLimits(output=1000))
    with pytest.raises(RenderFailed, match="more than 1000 bytes"):
        engine.render(RenderRequest(tmp_path))


@pytest.mark.parametrize("name", ["nowhere/helm", "bin/plain"])
def test_a_helm_that_cannot_run_says_so(tmp_path: Path, name: str) -> None:
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "plain").write_text("not executable")
    with pytest.raises(EngineUnavailable, match="cannot run helm") as caught:
        BinaryEngine(tmp_path / name).render(RenderRequest(tmp_path))
    assert "--helm" in (caught.value.help or "")


def test_nothing_is_left_behind(helm: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    spare = tmp_path / "spare"
    spare.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(spare))
    BinaryEngine(helm("")).render(RenderRequest(tmp_path, {"password": "s3cret"}))
    assert list(spare.iterdir()) == []
