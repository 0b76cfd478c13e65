"""Merging, enablement and imports against Helm itself: every chart prints its ``.Values`` as JSON."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from chartlift.chart.load import load_chart
from chartlift.chart.values import effective_values, enabled_subcharts, subchart_values
from chartlift.errors import ChartliftError

Helm = Callable[[Sequence[tuple[Path, Mapping[str, Any]]]], list[dict[str, Any]]]
_PRINT = "{{ .Values | toJson }}"


def write_chart(root: Path, spec: Mapping[str, Any]) -> Path:
    """``spec``: name, version, dependencies, values, charts (specs by directory), api."""
    (root / "templates").mkdir(parents=True, exist_ok=True)
    meta: dict[str, Any] = {"apiVersion": spec.get("api", "v2"), "name": spec["name"]}
    meta["version"] = spec.get("version", "1.0.0")
    if "dependencies" in spec and meta["apiVersion"] == "v1":
        (root / "requirements.yaml").write_text(json.dumps({"dependencies": spec["dependencies"]}))
    elif "dependencies" in spec:
        meta["dependencies"] = spec["dependencies"]
    (root / "Chart.yaml").write_text(json.dumps(meta))
    (root / "values.yaml").write_text(json.dumps(spec.get("values", {})))
    (root / "templates" / "v.yaml").write_text(_PRINT)
    for directory, child in spec.get("charts", {}).items():
        write_chart(root / "charts" / directory, child)
    return root


def rendered_by_helm(answer: dict[str, Any]) -> dict[tuple[str, ...], Any] | str:
    """Helm's ``.Values`` by subchart keys; the error if there was one."""
    if "error" in answer:
        return "error"
    found = {}
    for path, text in answer["rendered"].items():
        parts = path.removesuffix("/templates/v.yaml").split("/charts/")
        found[tuple(parts[1:])] = json.loads(text)
    return found


def rendered_by_us(path: Path, values: Mapping[str, Any]) -> dict[tuple[str, ...], Any] | str:
    try:
        chart = load_chart(path)
        found: dict[tuple[str, ...], Any] = {(): effective_values(chart, [values])}
        for subchart in enabled_subcharts(chart, [values]):
            found[subchart.keys] = subchart_values(chart, subchart.keys, [values])
    except ChartliftError:
        return "error"
    return found


def compare(helm: Helm, cases: Sequence[tuple[Path, Mapping[str, Any]]]) -> list[Any]:
    """Our answers, after each was held against Helm's; JSON text tells ``true`` from ``1``."""
    ours = []
    for (path, values), answer in zip(cases, helm(cases), strict=True):
        theirs, mine = rendered_by_helm(answer), rendered_by_us(path, values)
        assert as_text(mine) == as_text(theirs), f"{path} {json.dumps(values)} {answer.get('error', '')}"
        ours.append(mine)
    return ours


def as_text(found: Any) -> Any:
    if isinstance(found, str):
        return found
    return {"/".join(keys): json.dumps(values, sort_keys=True) for keys, values in found.items()}


SUB = {"name": "sub", "values": {"k": 1, "off": {"deep": True}, "n": None, "m": {"a": 1, "b": None}}}
DEP = {"name": "sub", "version": "1.x.x", "repository": "https://example.org"}


def top(dependency: Mapping[str, Any], values: Mapping[str, Any] | None = None) -> dict[str, Any]:
    return {
        "name": "top",
        "dependencies": [{**DEP, **dependency}],
        "values": values or {},
        "charts": {"sub": SUB},
    }


ENABLEMENT = [
    ({}, {}, True),
    ({"condition": "sub.enabled"}, {"sub": {"enabled": False}}, False),
    ({"condition": "sub.enabled"}, {"sub": {"enabled": True}}, True),
    ({"condition": "sub.enabled"}, {"sub": {"enabled": "false"}}, True),
    ({"condition": "sub.enabled"}, {"sub": {"enabled": None}}, True),
    ({"condition": "sub.enabled"}, {"sub": {"enabled": 0}}, True),
    ({"condition": "sub.off"}, {}, True),
    ({"condition": "sub.off.deep"}, {"sub": {"off": {"deep": False}}}, False),
    ({"condition": "a.b,sub.enabled"}, {"sub": {"enabled": False}}, False),
    ({"condition": "a.b,sub.enabled"}, {"a": {"b": True}, "sub": {"enabled": False}}, True),
    ({"condition": "a.b,sub.enabled"}, {"a": {"b": "x"}, "sub": {"enabled": False}}, False),
    ({"condition": "a.b, sub.enabled"}, {"sub": {"enabled": False}}, True),
    ({"condition": " sub.enabled "}, {"sub": {"enabled": False}}, False),
    ({"condition": "enabled"}, {"enabled": False}, False),
    ({"condition": "global.sub"}, {"global": {"sub": False}}, False),
    ({"tags": ["db"]}, {"tags": {"db": False}}, False),
    ({"tags": ["db", "web"]}, {"tags": {"db": False, "web": True}}, True),
    ({"tags": ["db"]}, {"tags": {"db": "false"}}, True),
    ({"tags": ["db"]}, {"tags": {"web": False}}, True),
    ({"tags": ["db"]}, {"tags": [False]}, True),
    ({"tags": ["db"], "condition": "sub.enabled"}, {"tags": {"db": False}, "sub": {"enabled": True}}, True),
    ({"tags": ["db"], "condition": "sub.enabled"}, {"tags": {"db": True}, "sub": {"enabled": False}}, False),
    ({"alias": "other", "condition": "other.enabled"}, {"other": {"enabled": False}}, False),
    ({"alias": "other", "condition": "other.enabled"}, {"sub": {"enabled": False}}, True),
]


def test_enablement_is_helms(tmp_path: Path, helm: Helm) -> None:
    cases = [
        (write_chart(tmp_path / str(index), top(dependency)), values)
        for index, (dependency, values, _) in enumerate(ENABLEMENT)
    ]
    for (dependency, values, enabled), found in zip(ENABLEMENT, compare(helm, cases), strict=True):
        assert (len(found) == 2) is enabled, (dependency, values)


def test_an_unvendored_version_is_another_chart(tmp_path: Path, helm: Helm) -> None:
    """A range that does not hold: Helm renders the chart in charts/ as one that nobody declared."""
    case = (write_chart(tmp_path / "a", top({"version": "2.x.x", "alias": "other"})), {"other": {"z": 1}})
    assert ("sub",) in compare(helm, [case])[0]


def test_condition_in_the_parents_defaults(tmp_path: Path, helm: Helm) -> None:
    spec = top({"condition": "sub.enabled"}, {"sub": {"enabled": False}})
    path = write_chart(tmp_path / "a", spec)
    off, on = compare(helm, [(path, {}), (path, {"sub": {"enabled": True}})])
    assert ("sub",) not in off and ("sub",) in on


def test_the_same_chart_twice_under_two_names(tmp_path: Path, helm: Helm) -> None:
    two = [{**DEP, "alias": "one", "condition": "one.enabled"}, {**DEP, "alias": "two"}]
    path = write_chart(tmp_path / "a", {**top({}), "dependencies": two})
    both, second = compare(helm, [(path, {"one": {"k": 7}}), (path, {"one": {"enabled": False}})])
    assert both[("one",)]["k"] == 7 and both[("two",)]["k"] == 1
    assert set(second) == {(), ("two",)}


def test_two_versions_of_one_chart(tmp_path: Path, helm: Helm) -> None:
    old = {"name": "sub", "version": "1.4.0", "values": {"which": "old"}}
    new = {"name": "sub", "version": "2.0.0", "values": {"which": "new"}}
    two = [{**DEP, "version": "^2", "alias": "two"}, {**DEP, "version": "~1.4", "alias": "one"}]
    spec = {"name": "top", "dependencies": two, "charts": {"sub": old, "sub-2": new}}
    (found,) = compare(helm, [(write_chart(tmp_path / "a", spec), {})])
    assert found[("one",)]["which"] == "old" and found[("two",)]["which"] == "new"


def test_requirements_of_an_old_chart(tmp_path: Path, helm: Helm) -> None:
    spec = {**top({"condition": "sub.enabled"}), "api": "v1"}
    path = write_chart(tmp_path / "a", spec)
    compare(helm, [(path, {}), (path, {"sub": {"enabled": False}})])


def test_nested_conditions_and_globals(tmp_path: Path, helm: Helm) -> None:
    inner = {"name": "inner", "values": {"global": {"own": 1, "shared": "inner"}, "tags": {"x": False}}}
    middle = {
        "name": "middle",
        "values": {"inner": {"enabled": True, "k": "middle"}, "global": {"t": {"a": 1}}},
        "dependencies": [{**DEP, "name": "inner", "condition": "inner.enabled", "tags": ["x"]}],
        "charts": {"inner": inner},
    }
    spec = {"name": "top", "dependencies": [{**DEP, "name": "middle"}], "charts": {"middle": middle}}
    path = write_chart(tmp_path / "a", spec)
    values = [
        {},
        {"middle": {"inner": {"enabled": False}}},
        {"inner": {"enabled": False}},
        {"global": {"shared": "top", "t": {"b": 2}}},
        {"global": {"t": None}, "middle": {"global": {"t": {"c": 1}}}},
        {"global": "text"},
        {"middle": {"global": "text"}},
        {"middle": None},
        {"middle": "text"},
        {"middle": {"inner": [1]}},
    ]
    compare(helm, [(path, entry) for entry in values])


def test_import_values_in_both_forms(tmp_path: Path, helm: Helm) -> None:
    child = {"name": "sub", "values": {"exports": {"data": {"p": 1, "q": None}}, "deep": {"x": {"k": 5}}}}
    forms: list[list[Any]] = [
        ["data"],
        ["none"],
        [{"child": "deep.x", "parent": "here.there"}],
        [{"child": "deep.x", "parent": "."}],
        [{"child": "deep.none", "parent": "here"}],
        [{"child": "deep.x"}],
        ["data", {"child": "exports.data", "parent": "copy"}, {"child": "deep", "parent": "copy"}],
    ]
    cases = []
    for index, form in enumerate(forms):
        spec = {**top({"import-values": form}, {"p": 9, "copy": {"p": None}}), "charts": {"sub": child}}
        path = write_chart(tmp_path / str(index), spec)
        cases += [(path, values) for values in ({}, {"p": None}, {"sub": {"deep": {"x": {"k": 6}}}})]
    compare(helm, cases)


def test_imports_of_a_disabled_chart_are_not_there(tmp_path: Path, helm: Helm) -> None:
    child = {"name": "sub", "values": {"exports": {"data": {"p": 1}}}}
    spec = {**top({"import-values": ["data"], "condition": "sub.enabled"}), "charts": {"sub": child}}
    (found,) = compare(helm, [(write_chart(tmp_path / "a", spec), {"sub": {"enabled": False}})])
    assert found == {(): {"sub": {"enabled": False}}}


class Generator:
    """Random charts and values over few keys, so that they collide. Globals stay shallow where there
    are several subcharts: Helm's result then depends on Go's random map order."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)

    def scalar(self) -> Any:
        return self.random.choice([None, None, True, False, 1, 0, "s", [], [None, {"a": None}]])

    def table(self, depth: int, keys: Sequence[str] = "abc") -> dict[str, Any]:
        chosen = [key for key in keys if self.random.random() < 0.6]
        nested = depth > 0
        return {k: self.table(depth - 1) if nested and self.random.random() < 0.5 else self.scalar() for k in chosen}

    def values(self, spec: Mapping[str, Any]) -> dict[str, Any]:
        found = self.table(2, "abc")
        if self.random.random() < 0.5:
            found["global"] = self.table(1)
        if self.random.random() < 0.3:
            found["tags"] = {tag: self.random.choice([True, False, "x"]) for tag in "tu"}
        found["exports"] = {"data": self.table(1)}
        for key, child in self.children(spec):
            if self.random.random() < 0.7:
                found[key] = {**self.values(child), **self.enabled()}
            elif self.random.random() < 0.1:
                found[key] = self.scalar()
        return found

    def enabled(self) -> dict[str, Any]:
        return {"enabled": self.random.choice([True, True, False, None, "no"])} if self.random.random() < 0.7 else {}

    def children(self, spec: Mapping[str, Any]) -> list[tuple[str, Mapping[str, Any]]]:
        charts = {child["name"]: child for child in spec.get("charts", {}).values()}
        found = [(d.get("alias", d["name"]), charts[d["name"]]) for d in spec.get("dependencies", [])]
        return found or list(charts.items())

    def spec(self, name: str, depth: int) -> dict[str, Any]:
        spec: dict[str, Any] = {"name": name, "charts": {}}
        for child in range(self.random.choice([0, 1, 2]) if depth else 0):
            spec["charts"][f"dir{child}"] = self.spec(f"{name}{child}", depth - 1)
        declared = [self.dependency(child["name"]) for child in spec["charts"].values()]
        if declared and self.random.random() < 0.9:
            spec["dependencies"] = declared
            if self.random.random() < 0.3:
                spec["dependencies"].append({**self.dependency(declared[0]["name"]), "alias": "twin"})
        spec["values"] = self.values(spec)
        return spec

    def dependency(self, name: str) -> dict[str, Any]:
        found: dict[str, Any] = {"name": name, "version": "*", "repository": ""}
        key = name
        if self.random.random() < 0.3:
            key = found["alias"] = f"alias-{name}"
        if self.random.random() < 0.7:
            found["condition"] = self.random.choice([f"{key}.enabled", f"a.b,{key}.enabled", "global.a"])
        if self.random.random() < 0.4:
            found["tags"] = [self.random.choice("tuv")]
        if self.random.random() < 0.4:
            found["import-values"] = ["data", {"child": "a", "parent": self.random.choice(["b", "a.c", "."])}]
        return found


@pytest.mark.parametrize("seed", range(4))
def test_random_charts_merge_as_helm_merges_them(seed: int, tmp_path: Path, helm: Helm) -> None:
    generator = Generator(seed)
    cases = []
    for index in range(25):
        spec = generator.spec("top", 2)
        path = write_chart(tmp_path / str(index), spec)
        cases += [(path, {}), *((path, generator.values(spec)) for _ in range(3))]
    compare(helm, cases)
