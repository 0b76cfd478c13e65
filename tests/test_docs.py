"""Generated pages say what the code says; the README names only what there is."""

from __future__ import annotations

import importlib
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

DOCS = ROOT / "docs"


@pytest.fixture(scope="module")
def docs() -> ModuleType:
    """What writes the pages; it finds its neighbours as it does when it is run."""
    sys.path.insert(0, str(DOCS))
    try:
        return importlib.import_module("generate")
    finally:
        sys.path.remove(str(DOCS))


def rules_of_code(docs: ModuleType) -> set[str]:
    return {name for name, rule in docs.rule_pages.find_rules().items() if rule.origins}


def rule_pages() -> dict[str, str]:
    pages = {page.stem: page.read_text("utf-8") for page in sorted((DOCS / "rules").glob("*.md"))}
    del pages["README"]
    return pages


def test_no_generated_page_has_drifted(docs: ModuleType) -> None:
    for name, text in docs.pages().items():
        assert (DOCS / name).read_text("utf-8") == text, f"docs/{name}: run `make docs`"


def test_every_rule_of_the_checks_stands_in_the_index_with_a_line(docs: ModuleType) -> None:
    page = docs.rule_pages.index_page()
    for rule in ("service-lost", "secret-lost", "claim-lost", "unmapped-value", "image-contract", "app-version-jump"):
        assert f'<a id="{rule}"></a>' in page, rule
    assert [line for line in page.splitlines() if line.endswith("|  |")] == []


def test_every_rule_of_code_has_a_page_and_every_page_a_rule(docs: ModuleType) -> None:
    pages = set(rule_pages())
    assert rules_of_code(docs) - pages == set(), "run `make docs`"
    assert pages - rules_of_code(docs) == set()


@pytest.mark.parametrize("rule", sorted(rule_pages()))
def test_a_page_has_its_five_sections_and_says_something_in_each(rule: str) -> None:
    text = rule_pages()[rule]
    assert text.startswith(f"# {rule}\n")
    sections = re.split(r"^## (.*)\n", text, flags=re.MULTILINE)[1:]
    assert sections[::2] == ["What", "Why", "Example", "Cure", "How to accept"]
    assert [title for title, body in zip(sections[::2], sections[1::2], strict=True) if not body.strip()] == []


def test_a_page_that_a_person_wrote_is_left_alone(docs: ModuleType) -> None:
    made = {Path(name).stem for name in docs.pages()}
    written = {rule for rule, text in rule_pages().items() if docs.rule_pages.MARK not in text}
    assert "shell-missing" in written
    assert written & made == set()


def test_no_words_are_kept_for_a_rule_that_is_gone(docs: ModuleType) -> None:
    assert set(docs.rule_pages.words()) - rules_of_code(docs) == set()


def risks() -> list[list[str]]:
    """The rows of the table: number, what breaks, rules, tests that fire, tests that nearly do."""
    lines = (DOCS / "risks.md").read_text("utf-8").splitlines()
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if re.match(r"\| \d", line)]


def test_each_of_the_twenty_risks_has_a_rule_with_a_page_by_a_person(docs: ModuleType) -> None:
    assert [int(row[0]) for row in risks()] == list(range(1, 21))
    for number, _, rules, *_ in risks():
        linked = re.findall(r"\[`([a-z-]+)`\]\(rules/([a-z-]+)\.md\)", rules)
        assert linked and all(rule == page for rule, page in linked), number
        assert docs.rule_pages.MARK not in rule_pages()[linked[0][0]], f"{number}: {linked[0][0]}"


@pytest.mark.parametrize("row", risks(), ids=lambda row: row[0])
def test_a_risk_names_tests_that_exist(row: list[str]) -> None:
    fires, nearly = (re.findall(r"`([^`]+)`", cell) for cell in row[3:])
    assert fires and nearly
    for name in fires + nearly:
        assert _exists(name), name


def _exists(name: str) -> bool:
    """A folder of cases, or a function in a file of tests."""
    file, _, test = name.partition("::")
    if not test:
        return (ROOT / "tests" / "cases" / name / "case.yaml").is_file()
    defined = re.findall(r"^ *def (\w+)\(", (ROOT / file).read_text("utf-8"), flags=re.MULTILINE)
    return test.rpartition("::")[2] in defined


@pytest.mark.parametrize("name", sorted(folder.name for folder in (ROOT / "tests" / "cases").iterdir()))
def test_a_case_that_is_called_after_a_rule_asks_for_it(name: str, docs: ModuleType) -> None:
    rule = name.removesuffix("-not")
    if rule not in docs.rule_pages.find_rules():
        return
    case = (ROOT / "tests" / "cases" / name / "case.yaml").read_text("utf-8")
    wanted = r"^absent: \[.*\b" if name.endswith("-not") else r"^rules: \[.*\b"
    assert re.search(rf"{wanted}{rule}\b", case, flags=re.MULTILINE), case


def test_what_the_lint_tells_authors_is_no_rule_of_a_report(docs: ModuleType) -> None:
    page = docs.rule_pages.index_page()
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


@pytest.mark.parametrize(
    "page", ["README.md", "CONTRIBUTING.md", *(f"docs/{p.relative_to(DOCS)}" for p in DOCS.rglob("*.md"))]
)
def test_links_lead_somewhere(page: str) -> None:
    for target in re.findall(r"\]\(([^)#:\s]+)(?:#[^)]*)?\)", (ROOT / page).read_text("utf-8")):
        assert ((ROOT / page).parent / target).exists(), target


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
