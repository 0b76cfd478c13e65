"""Generated pages say what the code says; the README names only what there is."""

from __future__ import annotations

import importlib.util
import re
import sys
from types import ModuleType

import pytest

from places import ROOT


def generator() -> ModuleType:
    spec = importlib.util.spec_from_file_location("generate_docs", ROOT / "docs" / "generate.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["generate_docs"] = module
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("page", ["cli.md", "rules.md"])
def test_a_generated_page_has_not_drifted(page: str) -> None:
    assert (ROOT / "docs" / page).read_text("utf-8") == generator().PAGES[page](), "run `make docs`"


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
