"""Before -> after, one folder a case: ``input/`` is migrated and has to come out as ``expected/``.

``case.yaml`` beside them: ``options`` of the command, the exit ``code``, the ``rules`` that must be found.
``verify: true`` renders with Helm before and after; else nothing is rendered.
A case whose ``expected/`` is missing proves that nothing happens: the output equals the input.
``pytest tests/test_cases.py --update-golden`` writes ``expected/`` anew; read the diff before a commit.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import pytest

from chartlift.yamltext.load import read_yaml
from places import Ran

CASES = Path(__file__).resolve().parent / "cases"


def names() -> list[str]:
    return sorted(folder.name for folder in CASES.iterdir() if folder.is_dir())


def tree(root: Path) -> dict[str, bytes]:
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in sorted(root.rglob("*")) if path.is_file()}


@pytest.mark.parametrize("name", names())
def test_case(name: str, tmp_path: Path, chartlift: Callable[..., Ran], request: pytest.FixtureRequest) -> None:
    folder = CASES / name
    case = read_yaml((folder / "case.yaml").read_text(), file=f"{name}/case.yaml")
    assert isinstance(case, dict)
    report = tmp_path / "report.json"
    options = [str(option) for option in case.get("options") or []]  # type: ignore[union-attr]
    if not case.get("verify"):
        options.append("--no-verify")
    elif find_spec("helm_python") is None:
        pytest.skip("Helm in process is not installed here: NOTHING rendered")
    ran = chartlift("migrate", folder / "input", "-o", tmp_path, "-q", "--report", report, *options)
    assert ran.code == case.get("code", 0), ran
    found = {f["rule"] for chart in json.loads(report.read_text())["charts"] for f in chart["findings"]}
    assert set(case.get("rules") or []) <= found, found  # type: ignore[arg-type]
    assert not set(case.get("absent") or []) & found, found  # type: ignore[arg-type]
    if request.config.getoption("--update-golden") and tree(tmp_path / "input") != tree(folder / "input"):
        shutil.rmtree(folder / "expected", ignore_errors=True)
        shutil.copytree(tmp_path / "input", folder / "expected")
    wanted = folder / "expected" if (folder / "expected").is_dir() else folder / "input"
    assert tree(tmp_path / "input") == tree(wanted)
    again = chartlift("migrate", tmp_path / "input", "--in-place", "-q", *options)
    assert again.code in (0, 3, 4), again
    assert tree(tmp_path / "input") == tree(wanted), "a second run changes something"


def test_a_third_of_the_cases_proves_that_nothing_happens() -> None:
    quiet = [name for name in names() if not (CASES / name / "expected").is_dir()]
    assert 3 * len(quiet) >= len(names()), f"{len(quiet)} of {len(names())}"
