"""``make demo``: migrate the samples the way a user would, and show what came of it.

The umbrella depends on charts that are not in this repository, so it cannot be rendered without a
network and its verification says ``not-run``; the forked chart is rendered before and after.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
OUT = Path("build/demo")


def run(*arguments: str) -> int:
    """Show a command and run it; a blocked migration (3) is a result, not a failure of the demo."""
    print("\n$ chartlift " + " ".join(arguments), flush=True)
    code = subprocess.run([sys.executable, "-m", "chartlift", *arguments], cwd=ROOT, check=False).returncode
    if code not in (0, 3):
        sys.exit(f"chartlift ended with {code}")
    return code


def main() -> None:
    """Scan, migrate with reports, and print the report that a reviewer would read."""
    run("scan", "sample-charts/umbrella")
    reports = ["--report", f"{OUT}/report.md", "--report", f"{OUT}/report.json"]
    run("migrate", "sample-charts/umbrella", "-o", str(OUT), *reports)
    run("migrate", "sample-charts/forked", "-o", str(OUT), "--accept", "image-contract")
    run("migrate", "sample-charts/gitops", "-o", str(OUT), "--no-verify", "-q", "--report", f"{OUT}/gitops.html")
    print("\n" + "=" * 30 + f" {OUT}/report.md " + "=" * 30 + "\n")
    print((ROOT / OUT / "report.md").read_text(encoding="utf-8"))
    print(f"A whole GitOps repository: {OUT}/gitops, its report for a browser {OUT}/gitops.html.")
    print(f"Rewritten charts: {OUT}/umbrella and {OUT}/forked; compare with `diff -ru sample-charts {OUT}`.")


if __name__ == "__main__":
    main()
