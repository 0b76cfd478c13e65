"""The guides name only commands, rules and pages that there are."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from chartlift.config import Config
from chartlift.mapping.load import check_schema
from chartlift.yamltext.document import Document
from commands import blocks, command_lines, parse, words_of
from places import ROOT

GUIDES = sorted((ROOT / "docs" / "guides").glob("*.md"))
PAGES = [*GUIDES, ROOT / "docs" / "config.md", ROOT / "docs" / "ci.md"]
SCHEMAS = {"chartlift.images/v1": "images.schema.json", "chartlift.vendors/v1": "vendors.schema.json"}


@pytest.fixture(autouse=True)
def no_files(monkeypatch: pytest.MonkeyPatch) -> None:
    """A command line that names a configuration is parsed without one."""
    monkeypatch.setattr("chartlift.cli.configured.read_config", lambda file: Config())
    monkeypatch.setattr("chartlift.cli.configured.find_config", Config)


def name(path: Path) -> str:
    return path.stem


@pytest.mark.parametrize("guide", GUIDES, ids=name)
def test_every_command_line_parses(guide: Path) -> None:
    lines = command_lines(guide.read_text("utf-8"))
    assert len(lines) >= 5
    for line in lines:
        parse(words_of(line))


def test_a_command_line_that_is_wrong_does_not_parse() -> None:
    import click

    (line,) = command_lines("```console\n$ chartlift scan . --no-such-option | less\n```\n")
    assert words_of(line) == ["chartlift", "scan", ".", "--no-such-option"]
    with pytest.raises(click.NoSuchOption):
        parse(words_of(line))
    with pytest.raises(click.MissingParameter):
        parse(["chartlift", "explain"])


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_links_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#:]+)\)", page.read_text("utf-8")):
        assert (page.parent / target).exists(), target


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_lines_stay_readable(page: Path) -> None:
    lines = page.read_text("utf-8").splitlines()
    assert [line for line in lines if len(line) > 145 and not line.startswith(("|", "$"))] == []
    assert page.parent.name != "guides" or 60 <= len(lines) <= 125


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_examples_of_files_follow_their_schema(page: Path) -> None:
    for block in blocks(page.read_text("utf-8"), "yaml"):
        document = Document.parse(block, file=page.name)
        data = document.data
        if not isinstance(data, dict) or data.keys() & {"jobs", "repos", "chartlift"}:
            continue
        schema = SCHEMAS.get(str(data.get("schema")), "config.schema.json")
        check_schema(data, schema, document, page.name)


@pytest.mark.parametrize("guide", GUIDES, ids=name)
def test_rules_that_are_named_exist(guide: Path) -> None:
    """Those of acceptances, and those of the tables of rules."""
    text = guide.read_text("utf-8")
    rows = [line.split("|")[2] for line in text.splitlines() if line.startswith("| ") and "| Rule" not in line]
    named = re.findall(r"rule: ([a-z-]+)", text) + [
        rule for row in rows for rule in re.findall(r"`([a-z]+-[a-z-]+)`", row)
    ]
    known = (ROOT / "docs" / "rules" / "README.md").read_text("utf-8")
    assert [rule for rule in named if f"`{rule}`" not in known and guide.stem in ("data", "repository")] == []
