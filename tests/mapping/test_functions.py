"""Named expressions: each sees its parameters and the others, nothing else, and they cannot run away."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from chartlift.errors import ChartliftError
from chartlift.mapping.build import build_functions
from chartlift.mapping.expressions import OMIT, ExpressionFailed, bind_functions, evaluate
from chartlift.mapping.lint_expressions import _function_problems
from chartlift.mapping.load import load_mappings

OWN = {
    "pair": {"takes": ["a", "b"], "gives": "[a, b]"},
    "twice": {"takes": ["a"], "gives": "pair(a, a)"},
    "even": {"takes": ["n"], "gives": "n if n % 2 == 0 else omit"},
    "endless": {"takes": ["n"], "gives": "endless(n + 1)"},
    "wide": {"takes": ["n"], "gives": "range(1000) | each(even) | each(even) | length + wide(n)"},
    "nosy": {"takes": [], "gives": "secret"},
}


def value(source: str, **values: Any) -> Any:
    context = {**values, **bind_functions(build_functions(OWN))}
    return evaluate(source, context, file="m.yaml", where="$.values[0].expr")


def test_a_function_calls_others() -> None:
    assert value("twice(x)", x={"k": 1}) == [{"k": 1}, {"k": 1}]


def test_each_is_the_loop_and_leaves_out_omit() -> None:
    assert value("[1, 2, 3, 4] | each(even)") == [2, 4]
    assert value("[1, 2] | each(pair, 'x')") == [[1, "x"], [2, "x"]]
    assert value("nothing.at.all | each(even)") == []


def test_a_function_sees_none_of_the_values() -> None:
    assert value("nosy()", secret="s") is None


@pytest.mark.parametrize("source", ["pair(1)", "'abc' | each(even)", "[1] | each('even')"])
def test_a_wrong_call_is_handed_to_a_person(source: str) -> None:
    with pytest.raises(ExpressionFailed):
        value(source)


@pytest.mark.parametrize("source", ["endless(1)", "wide(1)", "range(1000) | each(pair, range(1000)) | each(pair, 1)"])
def test_functions_without_end_are_refused(source: str) -> None:
    with pytest.raises(ChartliftError, match=r"deep|too much work|too many"):
        value(source)


def test_a_result_cannot_be_a_function() -> None:
    with pytest.raises(ChartliftError, match="cannot hold"):
        value("even")


def write(folder: Path, functions: str, expr: str) -> None:
    (folder / "functions.yaml").write_text("schema: chartlift.functions/v1\nfunctions:\n" + functions)
    (folder / "m.yaml").write_text(
        "schema: chartlift.mapping/v1\nid: m\ntitle: Made\n"
        "source: {chart: m, vendor: bitnami, versions: '>=1.0.0', tested: [1.0.0]}\n"
        "target: {chart: t, repository: oci://x, version: 1.0.0, surface: x/t/1.0.0}\n"
        f"values:\n  - {{from: a, to: b, expr: {expr!r}}}\n"
    )


def test_functions_beside_a_mapping_join_the_shared_ones(tmp_path: Path) -> None:
    write(tmp_path, "  mine: {takes: [x], gives: pull_object(x)}\n", "value | each(mine)")
    mapping = load_mappings([tmp_path]).get("m")
    assert mapping is not None
    assert {"mine", "pull_object"} <= mapping.functions.keys()
    assert list(_function_problems(mapping)) == []


def test_a_misspelt_parameter_is_found(tmp_path: Path) -> None:
    write(tmp_path, "  mine: {takes: [x], gives: y.name}\n", "mine(a)")
    mapping = load_mappings([tmp_path]).get("m")
    assert mapping is not None
    assert [problem[0] for problem in _function_problems(mapping)] == ["unknown-name"]


def test_a_file_that_does_not_fit_is_one_line(tmp_path: Path) -> None:
    write(tmp_path, "  Mine: {takes: [x], gives: x}\n", "a")
    with pytest.raises(ChartliftError, match="Mine"):
        load_mappings([tmp_path]).get("m")


def test_the_shared_ones_are_sound() -> None:
    mapping = load_mappings().get("redis")
    assert mapping is not None
    assert list(_function_problems(mapping)) == []


def shared(source: str, **values: Any) -> Any:
    mapping = load_mappings().get("redis")
    assert mapping is not None
    return evaluate(source, {**values, **bind_functions(mapping.functions)}, file="m", where="w")


def test_presets_as_the_vendor_means_them() -> None:
    assert shared("bitnami_preset('none', false)") is OMIT
    assert shared("bitnami_preset('nano', true)")["limits"]["ephemeral-storage"] == "1024Mi"
    assert shared("bitnami_affinity({}, '', '', {'type': ''}, {})") is OMIT
    found = shared("bitnami_affinity({}, '', 'hard', none, {'a': 'b'})")
    assert found["podAntiAffinity"]["requiredDuringSchedulingIgnoredDuringExecution"][0]["labelSelector"] == {
        "matchLabels": {"a": "b"}
    }


def test_a_context_keeps_what_was_asked_and_not_the_vendors_ids() -> None:
    context = {"enabled": True, "runAsUser": 1001, "runAsGroup": 5, "privileged": False, "seLinuxOptions": {}}
    assert shared("bitnami_context(c)", c=context) == {"runAsGroup": 5, "privileged": False}
    assert shared("bitnami_context(c)", c=context | {"enabled": False}) is OMIT


def test_a_policy_lets_in_who_was_let_in() -> None:
    policy = {"allowExternal": False, "allowExternalEgress": True, "ingressNSMatchLabels": {"ns": "x"}}
    spec = shared("bitnami_policy({}, p, {'a': 'b'}, 'c', [80] | each(make_port), [])", p=policy)["spec"]
    assert spec["egress"] == [{}]
    assert spec["ingress"] == [
        {
            "ports": [{"port": 80}],
            "from": [
                {"podSelector": {"matchLabels": {"a": "b"}}},
                {"podSelector": {"matchLabels": {"c": "true"}}},
                {"namespaceSelector": {"matchLabels": {"ns": "x"}}},
            ],
        }
    ]
