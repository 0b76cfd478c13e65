"""Generated pages say what the code says; the README names only what there is."""

from __future__ import annotations

import importlib.util
import json
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from chartlift.mapping.lint import RULES
from places import ROOT


def generator() -> ModuleType:
    spec = importlib.util.spec_from_file_location("generate_docs", ROOT / "docs" / "generate.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["generate_docs"] = module
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("page", ["cli.md", "coverage.md", "rules.md"])
def test_a_generated_page_has_not_drifted(page: str) -> None:
    assert (ROOT / "docs" / page).read_text("utf-8") == generator().PAGES[page](), "run `make docs`"


def test_every_rule_of_the_checks_stands_on_the_page_with_a_line() -> None:
    page = generator().PAGES["rules.md"]()
    for rule in ("service-lost", "secret-lost", "claim-lost", "unmapped-value", "image-contract", "selector-changed"):
        assert f"`{rule}`" in page, rule
    assert [line for line in page.splitlines() if line.endswith("|  |")] == []


def test_no_line_is_kept_for_a_rule_that_is_gone() -> None:
    module = generator()
    rules = {rule for rule, *_ in module._rules()}
    assert set(module._SAID) - rules == set()


def test_what_the_lint_tells_authors_is_no_rule_of_a_report() -> None:
    page = generator().PAGES["rules.md"]()
    assert [rule for rule in sorted(RULES) if f"`{rule}`" in page] == []


def test_the_reference_of_mappings_names_every_key_and_rule_of_the_lint() -> None:
    text = (ROOT / "docs" / "mappings.md").read_text("utf-8")
    schema = json.loads((ROOT / "mappings" / "schema" / "mapping.schema.json").read_text("utf-8"))
    keys = [key for key in _keys(schema) if not re.search(rf"\b{re.escape(key)}\b", text)]
    assert keys == []
    assert [rule for rule in sorted(RULES) if f"`{rule}`" not in text] == []


def test_the_tutorial_of_mappings_does_what_it_says(
    tmp_path: Path, chartlift: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    text = (ROOT / "docs" / "mappings.md").read_text("utf-8")
    blocks = re.findall(r"```yaml\n(.*?)```", text, re.DOTALL)
    mapping = next(block for block in blocks if block.startswith("schema: chartlift.mapping"))
    values = next(block for block in blocks if "mystery" in block)
    charts = {
        "cache": ("acme", "3.4.0", "replicaCount: 1\nimage: {tag: x}\nlegacyMode: false\n"),
        "cache-chart": ("dhi", "1.2.0", "replicas: 2\n"),
    }
    for name, (vendor, version, own) in charts.items():
        chart = tmp_path / name
        chart.mkdir()
        (chart / "Chart.yaml").write_text(f"apiVersion: v2\nname: {name}\nversion: {version}\n")
        (chart / "values.yaml").write_text(own + "nodeSelector: {}\ntolerations: []\n")
        assert chartlift("mappings", "surface", chart, "--vendor", vendor, "-o", tmp_path / "mine").code == 0
    (tmp_path / "mine" / "cache.yaml").write_text(mapping)
    (tmp_path / "values.yaml").write_text(values)
    assert chartlift("mappings", "lint", "--mappings", tmp_path / "mine", "cache").code == 0
    asked = ("--chart", "cache", "--chart-version", "3.4.0", "--mappings", tmp_path / "mine", "--diff", "--check")
    monkeypatch.chdir(tmp_path)
    done = chartlift("migrate", "values.yaml", *asked)
    assert done.code == 3
    assert done.out.strip() in text


def _keys(schema: object) -> Iterator[str]:
    if isinstance(schema, dict):
        for key, below in schema.items():
            if key == "properties":
                yield from below
            yield from _keys(below)
    elif isinstance(schema, list):
        for below in schema:
            yield from _keys(below)


def test_links_of_the_readme_lead_somewhere() -> None:
    for target in re.findall(r"\]\(([^)#:]+)\)", (ROOT / "README.md").read_text("utf-8")):
        assert (ROOT / target).exists(), target


def test_the_excerpt_of_the_readme_is_what_the_tool_writes(tmp_path: object, chartlift: object) -> None:
    from pathlib import Path

    from places import SAMPLES

    out = Path(str(tmp_path))
    chartlift("migrate", SAMPLES / "umbrella", "-o", out, "--no-verify", "-q")  # type: ignore[operator]
    written = "".join(file.read_text("utf-8") for file in sorted((out / "umbrella").rglob("*.yaml")))
    diffs = re.findall(r"```diff\n(.*?)```", (ROOT / "README.md").read_text("utf-8"), re.DOTALL)
    assert diffs
    for line in "\n".join(diffs).splitlines():
        if line.startswith("+"):
            assert line[1:] in written.splitlines(), line
