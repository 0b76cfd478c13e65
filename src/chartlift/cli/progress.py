"""A progress bar on standard error, where that is a terminal."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click


@contextmanager
def showing_progress(*, quiet: bool) -> Iterator[Callable[[int, str], None]]:
    """Gives what a run calls when it has finished one of ``total`` inputs."""
    if quiet or not sys.stderr.isatty():
        yield lambda total, label: None
        return
    bars: list[click._termui_impl.ProgressBar[int]] = []

    def step(total: int, label: str) -> None:
        if not bars:
            bars.append(click.progressbar(length=total, file=sys.stderr, item_show_func=lambda item: label))
            bars[0].__enter__()
        bars[0].label = label
        bars[0].update(1)

    try:
        yield step
    finally:
        for bar in bars:
            bar.__exit__(None, None, None)
