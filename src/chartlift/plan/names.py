"""Objects that a migration gives another name."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class NameChange:
    """An object that is called something else now; ``suffix`` is what follows the release name."""

    kind: str
    suffix: str
    target_suffix: str | None
    reason: str = ""
