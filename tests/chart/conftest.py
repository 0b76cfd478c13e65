"""Charts written to a directory, and Helm itself as the oracle, always in a process of its own."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

Case = tuple[Path, Mapping[str, Any]]

# Loads each chart anew: rendering prunes and fills the loaded chart in place.
_ORACLE = """
import json, sys
import helm_python
helm_python.disable_logging()
answers = []
for path, values in json.load(sys.stdin):
    try:
        chart = helm_python.Chart.load(path)
        answers.append({"rendered": chart.render(values, name="r")})
    except helm_python.HelmError as error:
        answers.append({"error": str(error)})
json.dump(answers, sys.stdout)
"""


def write(root: Path, files: Mapping[str, str | bytes]) -> Path:
    """Write files below ``root`` and return it."""
    for name, content in files.items():
        target = root / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content.encode() if isinstance(content, str) else content)
    return root


@pytest.fixture
def chart(tmp_path: Path) -> Callable[..., Path]:
    """Write a chart called ``top`` in a directory of that name; keyword ``files`` adds to it."""

    def make(files: Mapping[str, str | bytes] | None = None, *, name: str = "top", extra: str = "") -> Path:
        base = {"Chart.yaml": f"apiVersion: v2\nname: {name}\nversion: 1.2.3\n{extra}"}
        return write(tmp_path / name, {**base, **(files or {})})

    return make


@pytest.fixture(scope="session")
def helm() -> Callable[[Sequence[Case]], list[dict[str, Any]]]:
    """Render (chart directory, values) cases with Helm in one subprocess."""

    def run(cases: Sequence[Case]) -> list[dict[str, Any]]:
        request = json.dumps([(str(path), values) for path, values in cases])
        done = subprocess.run(
            [sys.executable, "-c", _ORACLE], input=request, capture_output=True, text=True, timeout=120
        )
        if "No module named 'helm_python'" in done.stderr:
            pytest.skip("helm-python-sdk is not installed: NOT compared with Helm")
        assert done.returncode == 0, done.stderr
        return list(json.loads(done.stdout))

    return run
