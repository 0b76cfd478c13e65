"""The tool for scripts: what the commands do, with records instead of text and exit codes.

``docs/api.md`` shows it in use. All paths may be text or ``pathlib.Path``. Nothing is printed; ``ChartliftError`` says
what cannot be used. What one input of many cannot do is in ``Run.failures``, and the others are done.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Literal, TypeAlias

from chartlift.batch import run_batch
from chartlift.errors import ChartliftError
from chartlift.knowledge import load_knowledge
from chartlift.plan.options import Options
from chartlift.records import Result
from chartlift.report.formats import RENDERERS
from chartlift.settings import BatchRun as Run
from chartlift.settings import Settings
from chartlift.verify_two import Sides, verify_charts

__all__ = ["ChartliftError", "Options", "Result", "Run", "apply", "plan", "report", "verify"]

PathLike: TypeAlias = "str | os.PathLike[str]"
Format = Literal["text", "markdown", "json", "html", "sarif", "junit"]


def plan(
    *paths: PathLike,
    options: Options | None = None,
    values: Sequence[PathLike] = (),
    chart: str | None = None,
    chart_version: str | None = None,
    mappings: Sequence[PathLike] = (),
    stores: Sequence[PathLike] = (),
    exclude: Sequence[str] = (),
    jobs: int = 1,
) -> Run:
    """Work out what would become of charts, values files and repositories; nothing is written (``chartlift scan``).

    ``values`` are overlays of one chart, ``chart`` and ``chart_version`` name the chart of a bare values file,
    ``mappings`` and ``stores`` are directories, ``exclude`` globs of paths below a directory.
    """
    settings = Settings(
        options or Options(), _paths(values), chart, chart_version, _paths(mappings), verify=False, rewrite=False,
        stores=_paths(stores), jobs=jobs, exclude=tuple(exclude),
    )  # fmt: skip
    return run_batch(_paths(paths), settings)


def apply(
    *paths: PathLike,
    output: PathLike | None = None,
    in_place: bool = False,
    verify: bool = True,
    options: Options | None = None,
    values: Sequence[PathLike] = (),
    chart: str | None = None,
    chart_version: str | None = None,
    mappings: Sequence[PathLike] = (),
    stores: Sequence[PathLike] = (),
    exclude: Sequence[str] = (),
    journal: PathLike | None = None,
    helm: PathLike | None = None,
    timeout: float = 30.0,
    jobs: int = 1,
) -> Run:
    """Write the rewritten charts, rendered before and after unless ``verify`` is false (``chartlift migrate``).

    Give ``output`` or ``in_place``; with neither, everything is worked out and verified and nothing is written.
    ``timeout`` is in seconds for one render.
    """
    if output is not None and in_place:
        raise ChartliftError("output and in_place exclude each other", help="Give one of them.")
    settings = Settings(
        options or Options(), _paths(values), chart, chart_version, _paths(mappings), _path(output), in_place, verify,
        _paths(stores), _path(helm), timeout, jobs, tuple(exclude), journal=_path(journal),
    )  # fmt: skip
    return run_batch(_paths(paths), settings)


def verify(
    before: PathLike,
    after: PathLike,
    *,
    values_before: Sequence[PathLike] = (),
    values_after: Sequence[PathLike] = (),
    release: str = "release-name",
    namespace: str = "default",
    stores: Sequence[PathLike] = (),
    accept: Sequence[str] = (),
    helm: PathLike | None = None,
    timeout: float = 30.0,
) -> Result:
    """Render two charts and compare the objects by meaning (``chartlift verify``)."""
    sides = Sides(Path(before), Path(after), _paths(values_before), _paths(values_after), release, namespace)
    return verify_charts(
        sides, load_knowledge(), stores=_paths(stores), helm=_path(helm), timeout=timeout, accepted=frozenset(accept)
    )


def report(result: Result | Run, format: Format = "markdown") -> str:  # noqa: A002 - the word of the command line
    """A result as text in one of the formats; secrets are redacted in each."""
    return RENDERERS[format](result.result if isinstance(result, Run) else result)


def _paths(given: Sequence[PathLike]) -> tuple[Path, ...]:
    return tuple(map(Path, given))


def _path(given: PathLike | None) -> Path | None:
    return None if given is None else Path(given)
