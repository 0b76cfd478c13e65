"""``make bench``: what the tool costs, as ratios within one run.

Machines are noisy, so nothing here is a test and no absolute time is a result: each line divides the
median of what is measured by the median of a base that does the unavoidable part, both taken in turn
after one round that does not count.

1. ``chartlift --help`` against ``python -c "import click"``, as whole processes.
2. ``chartlift scan`` of the newest version of every Bitnami chart of the corpus, all in one process, against
   composing the same ``Chart.yaml`` and ``values.yaml`` with ruamel's C parser in one process. Skipped, and
   said so, where ``../shared/corpus`` is absent.
3. ``migrate`` with verification against the two Helm renders alone, before and after, one after the other in a
   warm worker: within one process, since a batch starts the interpreter and Helm once. Always of
   ``sample-charts/forked``, whose templates are so small that files and threads cost more than Helm; with
   ``--chart-store DIR`` also of the chart in DIR with the most template text, put together with the others there::

       python benchmarks/run.py --chart-store charts/

``--only help|scan|migrate`` takes one of the three, ``--profile`` prints where the time of 2 and 3 goes (cProfile,
cumulative) instead of the table.
"""

from __future__ import annotations

import argparse
import cProfile
import pstats
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
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
Action = Callable[[], object]


@dataclass(frozen=True, slots=True)
class Benchmark:
    """What is measured, its base, the goal for their ratio, and remarks for the reader."""

    name: str
    ours: Action
    base: Action
    goal: float
    rounds: int
    remarks: tuple[str, ...] = ()


def timed(action: Action) -> float:
    """Seconds that one call takes."""
    started = time.perf_counter()
    action()
    return time.perf_counter() - started


def medians(benchmark: Benchmark) -> tuple[float, float]:
    """Seconds of both, taken in turn."""
    benchmark.ours(), benchmark.base()
    pairs = [(timed(benchmark.ours), timed(benchmark.base)) for _ in range(benchmark.rounds)]
    return median(one for one, _ in pairs), median(two for _, two in pairs)


def process(*command: str, most: int) -> Action:
    """A whole process, its output thrown away. An exit code above ``most`` means that nothing was measured."""

    def run() -> None:
        done = subprocess.run(command, capture_output=True, check=False, text=True)
        if done.returncode > most:
            raise SystemExit(f"{' '.join(command)[:200]} ended with {done.returncode}: {done.stderr[-500:]}")

    return run


def help_page() -> Benchmark:
    ours = process(sys.executable, "-m", "chartlift", "--help", most=0)
    return Benchmark("--help / import click", ours, process(sys.executable, "-c", "import click", most=0), 3.0, 11)


def newest_charts() -> list[Path]:
    def order(folder: Path) -> list[int]:
        return [int(part) for part in folder.name.split(".") if part.isdigit()]

    return [max(chart.iterdir(), key=order) for chart in sorted(CORPUS.iterdir()) if chart.is_dir()]


def scan() -> Benchmark:
    charts = newest_charts()
    files = [chart / name for chart in charts for name in ("Chart.yaml", "values.yaml")]
    present = [str(file) for file in files if file.is_file()]
    return Benchmark(
        f"scan of {len(charts)} charts / composing them",
        process(sys.executable, "-m", "chartlift", "scan", "-q", *map(str, charts), most=3),
        process(sys.executable, "-c", COMPOSE, *present, most=0),
        6.0,
        5,
    )


def migrate(chart: Path, stores: tuple[Path, ...], work: Path) -> Benchmark:
    """``work`` takes the two charts that the base renders."""
    from chartlift.chart.discover import discover
    from chartlift.knowledge import load_knowledge
    from chartlift.one import migrate_one
    from chartlift.plan.options import Options
    from chartlift.settings import Settings
    from chartlift.verify.assemble import assemble
    from chartlift.verify.engine import RenderRequest
    from chartlift.verify.open import open_engine
    from chartlift.verify.store import store_of

    (source,) = discover([chart])
    settings = Settings(Options(strategy="images", accepted=frozenset({"image-contract"})), stores=stores)
    knowledge, engine = load_knowledge(), open_engine(None, settings.timeout)
    migrate_one(source, replace(settings, verify=False, output=work / "out"), knowledge)
    (migrated,) = (work / "out").iterdir()
    sides = [assemble(side, store_of(stores), work / name).path for name, side in (("a", chart), ("b", migrated))]

    def render_both() -> None:
        for side in sides:
            engine.render(RenderRequest(side))

    asked: list[RenderRequest] = []
    render = engine.render
    engine.render = lambda request: (asked.append(request), render(request))[1]  # type: ignore[method-assign]
    status = migrate_one(source, settings, knowledge).records[0].verification.status
    engine.render = render  # type: ignore[method-assign]
    if not asked:
        raise SystemExit(f"{chart}: nothing was rendered, verification {status}")
    alone = median(timed(lambda: migrate_one(source, replace(settings, verify=False), knowledge)) for _ in range(7))
    return Benchmark(
        f"migrate {chart.name} with verification / two renders",
        lambda: migrate_one(source, settings, knowledge),
        render_both,
        1.5,
        15,
        (
            f"verification {status}; {len(asked)} renders by {engine.jobs} workers; without verification {alone:.3f}s",
            *(["a template calls a random function, so both sides were rendered again"] if len(asked) > 2 else []),
        ),
    )


def largest(store: Path) -> Path:
    """The chart folder of a store with the most template text that has values."""

    def weight(chart: Path) -> int:
        return sum(file.stat().st_size for file in (chart / "templates").rglob("*") if file.is_file())

    charts = [file.parent for file in sorted(store.glob("*/values.yaml")) if (file.parent / "Chart.yaml").is_file()]
    if not charts:
        raise SystemExit(f"no chart folder in {store}")
    return max(charts, key=weight)


def benchmarks(only: str | None, stores: tuple[Path, ...], work: Path) -> Iterator[Benchmark]:
    if only in (None, "help"):
        yield help_page()
    if only in (None, "scan"):
        if CORPUS.is_dir():
            yield scan()
        else:
            print(f"SKIPPED: scan; there is no corpus at {CORPUS}")
    if only in (None, "migrate"):
        yield migrate(FORKED, (), work / "forked")
        if stores:
            yield migrate(largest(stores[0]), stores, work / "larger")
        else:
            print("SKIPPED: migrate of a larger chart; give --chart-store DIR")


def show(benchmark: Benchmark) -> None:
    ours, base = medians(benchmark)
    met = "met" if ours / base <= benchmark.goal else "MISSED"
    print(f"{benchmark.name:<52} {ours:>8.3f}s {base:>8.3f}s {ours / base:>6.2f}x {benchmark.goal:>5.1f}x {met}")
    for remark in benchmark.remarks:
        print(f"  {remark}")


def profile(only: str | None, stores: tuple[Path, ...], work: Path) -> None:
    """Where the time goes: of scan in this process, of migrate ten times over."""
    from chartlift.batch import run_batch
    from chartlift.plan.options import Options
    from chartlift.settings import Settings

    actions: dict[str, Action] = {}
    if only in (None, "scan") and CORPUS.is_dir():
        settings = Settings(Options(), verify=False, rewrite=False)
        actions["scan"] = lambda: run_batch(newest_charts(), settings)
    if only in (None, "migrate"):
        for benchmark in benchmarks("migrate", stores, work):
            actions[benchmark.name] = lambda ours=benchmark.ours: [ours() for _ in range(10)]
    for name, action in actions.items():
        print(f"== {name}")
        profiler = cProfile.Profile()
        profiler.runcall(action)
        pstats.Stats(profiler).sort_stats("cumulative").print_stats("chartlift|copy|resolver|threading", 40)


def main() -> None:
    """Run what was asked for and print one line each."""
    parser = argparse.ArgumentParser(description="What the tool costs, as ratios within one run.")
    parser.add_argument("--chart-store", action="append", default=[], type=Path, metavar="DIR")
    parser.add_argument("--only", choices=["help", "scan", "migrate"])
    parser.add_argument("--profile", action="store_true")
    given = parser.parse_args()
    stores = tuple(given.chart_store)
    with tempfile.TemporaryDirectory(prefix="chartlift-bench-") as work:
        if given.profile:
            profile(given.only, stores, Path(work))
            return
        print(f"{'what / base':<52} {'ours':>9} {'base':>9} {'ratio':>7} {'goal':>6}")
        for benchmark in benchmarks(given.only, stores, Path(work)):
            show(benchmark)


if __name__ == "__main__":
    main()
