"""Which values files of a chart lie over which: the chains of its environments.

Nobody says in a chart how its values files are put together, so each is read over ``values.yaml`` alone, unless
``.chartlift.yaml`` names the files of an environment in Helm's order (docs/config.md).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from chartlift.errors import ChartliftError
from chartlift.globs import matches_any


@dataclass(frozen=True, slots=True)
class Environments:
    """Environment -> globs of its files in Helm's order; ``prefix`` goes before a file of the chart at hand."""

    prefix: str = ""
    globs: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def chains(self, files: Sequence[str]) -> dict[str, list[str]]:
        """What the globs mean among the files of a chart, without environments that have none there."""
        found = {
            environment: [name for glob in globs for name in files if matches_any(self.prefix + name, [glob])]
            for environment, globs in self.globs.items()
        }
        return {environment: list(dict.fromkeys(names)) for environment, names in found.items() if names}


NO_ENVIRONMENTS = Environments()

Chains = Mapping[str, Sequence[str]]
"""Environment -> its overlay files in Helm's order, without the chart's own ``values.yaml``."""


def in_order(overlays: Sequence[str], chains: Chains) -> list[str]:
    """The overlays with those of the environments first, so that a file comes after what lies below it."""
    named = [name for chain in chains.values() for name in chain]
    return list(dict.fromkeys([*named, *overlays]))


def below_each(overlays: Sequence[str], chains: Chains) -> dict[str, tuple[int, ...]]:
    """The indices of the layers under each overlay (0: the chart's own values), lowest first.

    Errors (``ChartliftError``): a file that two environments put over different files, which it cannot fit both.
    """
    found: dict[str, tuple[int, ...]] = {}
    for environment, chain in chains.items():
        under: tuple[int, ...] = (0,)
        for name in chain:
            index = overlays.index(name) + 1
            if found.setdefault(name, under) != under or any(lower >= index for lower in under):
                raise ChartliftError(
                    f"environment {environment} puts it over other files than another environment does",
                    file=name,
                    help="Give each environment a file of its own there, or leave one of them out of `values`.",
                )
            under = (*under, index)
    return {name: found.get(name, (0,)) for name in overlays}


def every_chain(overlays: Sequence[str], chains: Chains) -> dict[str, tuple[str, ...]]:
    """What is rendered: each environment, and each file that none of them names by itself."""
    named = {name for chain in chains.values() for name in chain}
    return {environment: tuple(chain) for environment, chain in chains.items() if chain} | {
        name: (name,) for name in overlays if name not in named
    }
