"""``make bench``: what the tool costs, as ratios within one run.

Machines are noisy, so nothing here is a test and no absolute time is a result: each line divides the
median of what is measured by the median of a base that does the unavoidable part, both taken in turn.

1. ``chartlift --help`` against ``python -c "import click"``, as whole processes.
2. ``chartlift scan`` of the newest version of every Bitnami chart of the corpus against composing the same
   ``Chart.yaml`` and ``values.yaml`` with ruamel's C parser, as whole processes.
3. ``migrate`` with verification of ``sample-charts/forked`` against its two Helm renders alone, in one
   process with a warm worker, since a batch run starts Helm once.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median

ROOT = Path(__file__).resolve().parent.parent
CORPUS = ROOT.parent / "shared" / "corpus" / "bitnami"
FORKED = ROOT / "sample-charts" / "forked"
COMPOSE = """
import sys
from ruamel.yaml import YAML
for name in sys.argv[1:]:
    loader, _ = YAML(typ="safe", pure=False).get_constructor_parser(open(name, encoding="utf-8").read())
    while loader.check_node():
        loader.get_node()
"""


def timed(action: Callable[[], object]) -> float:
    """Seconds that one call takes."""
    started = time.perf_counter()
    action()
    return time.perf_counter() - started


def compare(first: Callable[[], object], second: Callable[[], object], rounds: int) -> tuple[float, float]:
    """Medians of two actions, taken in turn after one round that does not count."""
    first(), second()
    pairs = [(timed(first), timed(second)) for _ in range(rounds)]
    return median(one for one, _ in pairs), median(two for _, two in pairs)


def process(*command: str) -> Callable[[], object]:
    """A whole process, its output thrown away; any exit code will do."""
    return lambda: subprocess.run(command, capture_output=True, check=False)


def help_page() -> tuple[float, float]:
    return compare(
        process(sys.executable, "-m", "chartlift", "--help"), process(sys.executable, "-c", "import click"), rounds=9
    )


def newest_charts() -> list[Path]:
    def order(folder: Path) -> list[int]:
        return [int(part) for part in folder.name.split(".") if part.isdigit()]

    return [max(chart.iterdir(), key=order) for chart in sorted(CORPUS.iterdir())]


def scan() -> tuple[float, float]:
    charts = newest_charts()
    files = [str(chart / name) for chart in charts for name in ("Chart.yaml", "values.yaml")]
    return compare(
        process(sys.executable, "-m", "chartlift", "scan", "-q", *map(str, charts)),
        process(sys.executable, "-c", COMPOSE, *files),
        rounds=3,
    )


def migrate() -> tuple[float, float]:
    from chartlift.chart.discover import discover
    from chartlift.knowledge import load_knowledge
    from chartlift.one import migrate_one
    from chartlift.plan.options import Options
    from chartlift.settings import Settings
    from chartlift.verify.engine import RenderRequest
    from chartlift.verify.open import open_engine

    (source,) = discover([FORKED])
    settings = Settings(Options(strategy="images", accepted=frozenset({"image-contract"})))
    knowledge, engine = load_knowledge(), open_engine(None, 30.0)
    allow = {"global": {"security": {"allowInsecureImages": True}}}

    def render_twice() -> None:
        for values in ({}, allow):
            engine.render(RenderRequest(FORKED, values))

    return compare(lambda: migrate_one(source, settings, knowledge), render_twice, rounds=15)


BENCHMARKS: Sequence[tuple[str, Callable[[], tuple[float, float]], float]] = (
    ("--help / import click", help_page, 3.0),
    ("scan of the corpus / composing it", scan, 6.0),
    ("migrate with verification / two renders", migrate, 1.5),
)


def main() -> None:
    """Run all and print one line each."""
    print(f"{'what / base':<42} {'what':>9} {'base':>9} {'ratio':>7} {'goal':>6}")
    for name, measure, goal in BENCHMARKS:
        if measure is scan and not CORPUS.is_dir():
            print(f"{name:<42} SKIPPED: no corpus at {CORPUS}")
            continue
        what, base = measure()
        met = "met" if what / base <= goal else "MISSED"
        print(f"{name:<42} {what:>8.3f}s {base:>8.3f}s {what / base:>6.2f}x {goal:>5.1f}x {met}")


if __name__ == "__main__":
    main()
