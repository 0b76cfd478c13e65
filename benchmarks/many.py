"""Does a batch stay linear? 100 and 1,000 generated charts, and how much memory the parent takes.

    python benchmarks/many.py [--charts 1000] [--jobs 1]

Times are compared within one run only. Each chart depends on redis with values of its own and one overlay, and a
repository of the same number of Argo CD Applications stands beside them.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from pathlib import Path

CHART = """apiVersion: v2
name: shop-{n}
version: 1.0.0
dependencies:
  - name: redis
    alias: cache
    version: 21.2.19
    repository: https://charts.bitnami.com/bitnami
"""
VALUES = """# shop {n}
cache:
  architecture: replication
  auth:
    existingSecret: shop-{n}
  replica:
    replicaCount: {n}
"""
APPLICATION = """apiVersion: argoproj.io/v1alpha1
kind: Application
metadata:
  name: cache-{n}
spec:
  source:
    repoURL: https://charts.bitnami.com/bitnami
    chart: redis
    targetRevision: 21.2.19
    helm:
      valuesObject:
        architecture: standalone
        auth:
          existingSecret: cache-{n}
"""


def generate(root: Path, count: int) -> None:
    """``count`` charts below ``charts/`` and as many Applications below ``apps/``."""
    for n in range(count):
        chart = root / "charts" / f"shop-{n:04}"
        chart.mkdir(parents=True)
        (chart / "Chart.yaml").write_text(CHART.format(n=n))
        (chart / "values.yaml").write_text(VALUES.format(n=n))
        (chart / "values-prod.yaml").write_text("cache:\n  master:\n    persistence:\n      size: 8Gi\n")
        apps = root / "apps"
        apps.mkdir(exist_ok=True)
        (apps / f"cache-{n:04}.yaml").write_text(APPLICATION.format(n=n))


def run(part: str, count: int, jobs: int) -> tuple[float, float]:
    """Seconds for a chart, and the parent's peak memory in MiB."""
    with tempfile.TemporaryDirectory() as work:
        generate(Path(work), count)
        code = (
            "import resource, sys; from chartlift.__main__ import main\n"
            "try: main()\n"
            "finally: print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, file=sys.stderr)"
        )
        arguments = ["migrate", part, "--in-place", "--no-verify", "-q", "--jobs", str(jobs), "--report", "report.json"]
        started = time.perf_counter()
        done = subprocess.run(
            [sys.executable, "-c", code, *arguments], cwd=work, capture_output=True, text=True, check=False
        )
        seconds = time.perf_counter() - started
    if done.returncode not in (0, 3):
        sys.exit(done.stderr)
    return seconds / count, int(done.stderr.split()[-1]) / 1024


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--charts", type=int, default=1000)
    parser.add_argument("--jobs", type=int, default=1)
    asked = parser.parse_args()
    for part in ("charts", "apps"):
        small, memory_small = run(part, max(asked.charts // 10, 1), asked.jobs)
        large, memory = run(part, asked.charts, asked.jobs)
        print(
            f"{part}: {small * 1000:.0f} ms each at {asked.charts // 10}, {large * 1000:.0f} ms at {asked.charts}: "
            f"{large / small:.2f}x (goal 1.2x); parent {memory_small:.0f} and {memory:.0f} MiB"
        )


if __name__ == "__main__":
    main()
