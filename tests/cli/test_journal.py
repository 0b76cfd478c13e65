"""A batch that was cut short goes on where it ended, and reports as if it had not been."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from places import SAMPLES, Ran

Run = Callable[..., Ran]


@pytest.fixture
def charts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return Path(shutil.copytree(SAMPLES / "batch", "batch"))


def migrate(run: Run, report: str, *options: object) -> str:
    ran = run("migrate", "batch", "--no-verify", "-q", "--journal", "j.jsonl", "--report", report, *options)
    assert ran.code in (0, 3), ran
    return Path(report).read_text()


@pytest.mark.parametrize("way", [("--in-place",), ("-o", "out")])
def test_a_second_run_reports_the_first(charts: Path, chartlift: Run, way: tuple[str, ...]) -> None:
    assert migrate(chartlift, "one.json", *way) == migrate(chartlift, "two.json", *way)


def test_a_run_that_was_cut_short_goes_on(charts: Path, chartlift: Run) -> None:
    """What the journal holds is not done again, also where its last line was half written."""
    whole = migrate(chartlift, "whole.json", "-o", "out")
    lines = Path("j.jsonl").read_text().splitlines(keepends=True)
    Path("j.jsonl").write_text("".join(lines[:2]) + lines[2][:40])
    assert migrate(chartlift, "again.json", "-o", "out") == whole
    assert len(Path("j.jsonl").read_text().splitlines()) == 4


def test_what_changed_since_is_done_again(charts: Path, chartlift: Run) -> None:
    migrate(chartlift, "one.json", "-o", "out")
    values = charts / "blog" / "values.yaml"
    values.write_text(values.read_text() + "# a line more\n")
    migrate(chartlift, "two.json", "-o", "out")
    assert (Path("out") / "batch" / "blog" / "values.yaml").read_text().endswith("# a line more\n")


def test_other_options_are_another_run(charts: Path, chartlift: Run) -> None:
    one = migrate(chartlift, "one.json", "-o", "out")
    assert migrate(chartlift, "two.json", "-o", "out", "--registry", "registry.example.com") != one


def test_an_output_that_is_gone_is_made_again(charts: Path, chartlift: Run) -> None:
    migrate(chartlift, "one.json", "-o", "out")
    shutil.rmtree("out")
    migrate(chartlift, "two.json", "-o", "out")
    assert (Path("out") / "batch" / "blog" / "Chart.yaml").is_file()


def test_nobody_else_can_read_it(charts: Path, chartlift: Run) -> None:
    """A diff holds values as the files do."""
    migrate(chartlift, "one.json", "-o", "out")
    assert Path("j.jsonl").stat().st_mode & 0o077 == 0


def test_a_journal_that_cannot_be_written_is_one_line(charts: Path, chartlift: Run) -> None:
    ran = chartlift("migrate", "batch", "--no-verify", "-o", "out", "--journal", "no/such/directory/j.jsonl")
    assert ran.code == 2 and "the journal cannot be used" in ran.err
