"""Values files that references name, as layers of theirs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product

from chartlift.references.records import Sources, Unread, Values
from chartlift.references.spelling import expand, join

_MOST_CHAINS = 200


class Gathering:
    """Layers of one reference in order, and what of them cannot be read."""

    def __init__(self, sources: Sources, base: str) -> None:
        self.sources, self.base = sources, base
        self.steps: list[list[Values]] = []
        self.unread: list[Unread] = []

    def add(self, values: Values | None) -> None:
        if values is not None:
            self.steps.append([values])

    def file(
        self, path: str, line: int, *, base: str | None = None, optional: bool = False, terraform: bool = False
    ) -> None:
        """A values file by its path from the directory of the reference."""
        if path.startswith(("http://", "https://", "git::", "secrets://", "s3://")):
            self.unread.append(Unread(line, f"values from {path.partition('://')[0]} are not read"))
            return
        shown = join(self.base if base is None else base, path)
        found = expand(shown, self.sources.paths()) if shown else []
        if found:
            self.steps.append([Values("file", name, terraform=terraform) for name in found])
        elif not optional:
            self.unread.append(Unread(line, f"the values file {path} is not in what was given"))

    def missing(self, line: int, message: str) -> None:
        self.unread.append(Unread(line, message))

    def chains(self) -> tuple[tuple[Values, ...], ...]:
        """Every way through the layers; one that stands for several files makes several chains.

        A file that is named by itself is not what a path with a template in it means.
        """
        alone = {step[0].id for step in self.steps if len(step) == 1}
        self.steps = [[one for one in step if len(step) == 1 or one.id not in alone] or step for step in self.steps]
        counts = 1
        for step in self.steps:
            counts *= len(step)
        if counts > _MOST_CHAINS:
            self.unread.append(Unread(1, f"its values files stand for {counts} combinations"))
            return ((),)
        return tuple(self._ways()) or ((),)

    def _ways(self) -> Iterator[tuple[Values, ...]]:
        yield from product(*self.steps)


def pairs_values(file: str, part: int, path: Sequence[str | int], line: int, pairs: Sequence[object]) -> Values | None:
    """A layer of pairs; None where there are none."""
    from chartlift.references.records import Pair

    found = tuple(pair for pair in pairs if isinstance(pair, Pair) and pair.name)
    return Values("pairs", file, part, tuple(path), line, pairs=found) if found else None
