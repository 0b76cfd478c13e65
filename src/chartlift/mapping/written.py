"""What a chain writes into the target's values: one entry a leaf, and who asked for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from chartlift.mapping.expressions import OMIT
from chartlift.records import Fate, Yaml, YamlPath
from chartlift.yamltext.paths import leaves


@dataclass(frozen=True, slots=True)
class Written:
    """One value at one target path, and who asked for it.

    ``sources`` are the leaves (one-to-one rules) or the rule's source paths that stand behind it.
    """

    target: YamlPath
    value: Yaml
    rule: str
    reason: str
    cause: Fate
    sources: tuple[YamlPath, ...] = ()
    secret: bool = False


@dataclass(slots=True)
class WrittenValues:
    """Target values in the making. Later writers win, also over what lies below or above."""

    written: dict[YamlPath, Written] = field(default_factory=dict)
    _inner: dict[YamlPath, int] = field(default_factory=dict)
    """How many entries lie below a path."""
    _parts: dict[YamlPath, list[Any]] = field(default_factory=dict)
    _table: dict[str, Yaml] | None = None

    def has(self, target: YamlPath) -> bool:
        """Is it written, or something above or below it that is no empty map?"""
        return self.has_below(target) or any(
            target[:end] in self.written and self.written[target[:end]].value != {} for end in range(1, len(target))
        )

    def has_below(self, target: YamlPath) -> bool:
        """Is it written, or something below it?"""
        return target in self.written or target in self._inner

    def put(self, written: Written) -> None:
        """A map is split into its leaves, so that each has its own entry; an empty one takes nothing away."""
        if isinstance(written.value, dict) and written.value:
            for below, value in leaves(written.value):
                self._put_leaf(replace(written, target=written.target + below, value=value))
        elif written.value != {} or not self._inner.get(written.target):
            self._put_leaf(written)

    def _put_leaf(self, written: Written) -> None:
        target, self._table = written.target, None
        for end in range(1, len(target)):
            self._forget(target[:end])
        if target in self._inner:
            for path in [path for path in self.written if path[: len(target)] == target]:
                self._forget(path)
        if target not in self.written:
            for end in range(1, len(target)):
                self._inner[target[:end]] = self._inner.get(target[:end], 0) + 1
        self.written[target] = written

    def _forget(self, target: YamlPath) -> None:
        if self.written.pop(target, None) is None:
            return
        for end in range(1, len(target)):
            above = target[:end]
            self._inner[above] -= 1
            if not self._inner[above]:
                del self._inner[above]

    def append(self, written: Written) -> None:
        """Add to a text or list that several rules write together, in the order of the file."""
        self._table = None
        known = self.written.get(written.target)
        parts = self._parts.setdefault(written.target, [])
        if known is not None and not parts:
            parts.append(known.value)
        parts.append(written.value)
        if known is None:
            self._put_leaf(replace(written, value=joined_parts(parts)))
            return
        self.written[written.target] = replace(
            written,
            value=joined_parts(parts),
            cause=written.cause if written.cause == "changed" else known.cause,
            reason=known.reason or written.reason,
            sources=written.sources + known.sources,
            secret=written.secret or known.secret,
        )

    def table(self) -> dict[str, Yaml]:
        """All entries as one map. It is shared, not copied: only look."""
        if self._table is None:
            self._table = self._as_table()
        return self._table

    def _as_table(self) -> dict[str, Yaml]:
        table: dict[str, Any] = {}
        for path, written in self.written.items():
            node = table
            for step in path[:-1]:
                node = node.setdefault(str(step), {})
            node[str(path[-1])] = written.value
        return table


def joined_parts(parts: Sequence[Yaml]) -> Yaml:
    """Texts one after the other, lists one after the other; empty ones do not count. A flag alone stays one."""
    real = [part for part in parts if part not in (None, "", [], OMIT)]
    if len(real) == 1 and not isinstance(real[0], (str, list)):
        return real[0]
    if any(isinstance(part, list) for part in real):
        joined: list[Yaml] = []
        for part in real:
            items = part if isinstance(part, list) else [part]
            joined += [item for item in items if item not in joined]
        return joined
    return "".join(part if part.endswith("\n") else f"{part}\n" for part in map(str, real)) if real else ""
