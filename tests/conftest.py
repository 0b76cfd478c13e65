"""What all tests share: where the corpus is, and how to run the command in this process."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from places import CORPUS, Ran


@pytest.fixture(scope="session")
def corpus() -> Path:
    """The corpus of real charts; a loud skip where it is not beside the checkout."""
    if not CORPUS.is_dir():
        pytest.skip(f"NO CORPUS at {CORPUS}: the tests over real charts did not run")
    return CORPUS


@pytest.fixture
def chartlift(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Callable[..., Ran]:
    """Run ``chartlift ARG...`` as the entry point does, with its exit code and what it printed."""
    import sys

    from chartlift.__main__ import main

    def run(*arguments: object) -> Ran:
        monkeypatch.setattr(sys, "argv", ["chartlift", *map(str, arguments)])
        capfd.readouterr()
        with pytest.raises(SystemExit) as ended:
            main()
        out, err = capfd.readouterr()
        code = ended.value.code
        return Ran(code if isinstance(code, int) else 0, out, err)

    return run


def pytest_addoption(parser: pytest.Parser) -> None:
    """``--update-golden`` writes the expected trees of tests/cases anew."""
    parser.addoption("--update-golden", action="store_true", help="write tests/cases/*/expected anew")
