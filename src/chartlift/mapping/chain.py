"""One chain of values files under a mapping: which rules fire, and what they write.

A chain is the source defaults with the base and one overlay merged over them. A rule fires when the user
set something that the rule is the most specific for, or when a pin asks for it; it is worked out on the
*effective* values, so that a rule with several sources sees them all (design, "Values").
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

from chartlift.chart.versions import in_range
from chartlift.mapping.expressions import OMIT, evaluate, quantity
from chartlift.mapping.model import Addition, Rule
from chartlift.mapping.model import Mapping as MappingFile
from chartlift.mapping.surfaces import Surface
from chartlift.mapping.transforms import Unfit, transform
from chartlift.records import Fate, Level, Yaml, YamlPath, format_path
from chartlift.yamltext.paths import get_in, leaves, parse_path, set_in

_MISSING = object()
_SAME = Rule("", (), "keep")


@dataclass(frozen=True, slots=True)
class Written:
    """One value at one target path, and who asked for it."""

    target: YamlPath
    value: Yaml
    rule: str
    reason: str
    cause: Fate
    sources: tuple[YamlPath, ...] = ()
    secret: bool = False


@dataclass(frozen=True, slots=True)
class Verdict:
    """The fate of one leaf the user set, in this chain."""

    fate: Fate
    target: YamlPath | None
    reason: str
    rule: str
    level: Level = "warning"
    secret: bool = False


@dataclass(slots=True)
class Chain:
    """What a mapping makes of one chain. ``user`` is what the user set, base and overlay merged."""

    mapping: MappingFile
    version: str
    name: str
    release: str | None
    source: Surface | None
    target: Surface
    user: Mapping[str, Yaml]
    effective: Mapping[str, Yaml]
    parents_global: bool = True
    """``global`` is the parent's and stays there; False for a direct release, whose own it is."""
    written: dict[YamlPath, Written] = field(default_factory=dict)
    verdicts: dict[YamlPath, Verdict] = field(default_factory=dict)
    parts: dict[YamlPath, list[Any]] = field(default_factory=dict)

    def context(self, **more: Any) -> dict[str, Any]:
        """What an expression can name."""
        return {
            **{key: value for key, value in self.effective.items() if key.isidentifier()},
            "values": self.effective,
            "name": self.name,
            "version": self.version,
            "release": self.release or "RELEASE-NAME",
            "release_known": self.release is not None,
            "omit": OMIT,
            "quantity": quantity,
            "is_set": lambda path: get_in(self.user, parse_path(path), _MISSING) is not _MISSING,
            "get": lambda path, default=None: get_in(self.effective, parse_path(path), default),
            "target_default": lambda path: self.target.default(parse_path(path)),
            "version_at_least": lambda wanted: in_range(self.version, f">={wanted}"),
            **more,
        }

    def holds(self, when: str | None, where: str) -> bool:
        return when is None or bool(evaluate(when, self.context(), file=self.mapping.file, where=f"{where}.when"))

    def rules_for(self, path: YamlPath) -> list[tuple[YamlPath, Rule]]:
        """The most specific rules for a leaf that hold for this version, with the source that matched."""
        found: list[tuple[YamlPath, Rule]] = []
        for source, index in self.mapping.longest_first:
            if found and len(source) < len(found[0][0]):
                break
            rule = self.mapping.rules[index]
            if matches(source, path) and (rule.versions is None or in_range(self.version, rule.versions)):
                found.append((source, rule))
        return found

    def run(self) -> None:
        """Fire every rule, then pins and additions, and join what is appended."""
        fired: dict[str, tuple[Rule, Fate]] = {}
        for path, value in leaves(dict(self.user)):
            self._leaf(path, value, fired)
        for pin in self.mapping.pins:
            self._pin(pin, fired)
        for rule in self.mapping.rules:
            if rule.where in fired:
                self._fire(*fired[rule.where])
        for addition in self.mapping.additions:
            self.add(addition)
        self._judge()

    def _leaf(self, path: YamlPath, value: Yaml, fired: dict[str, tuple[Rule, Fate]]) -> None:
        rules = self.rules_for(path)
        if not rules and not self._around(path) and self._same(path):
            self.put(Written(path, value, "", "", "kept", (path,)))
            return
        for source, rule in rules:
            if rule.plain:
                self._carry(path, value, source, rule)
            else:
                fired[rule.where] = rule, "changed"

    def _around(self, path: YamlPath) -> bool:
        return path[0] == "global" and self.parents_global

    def _same(self, path: YamlPath) -> bool:
        target = self.mapping.target
        return target is not None and target.same_values and self.target.has(path)

    def _carry(self, path: YamlPath, value: Yaml, source: YamlPath, rule: Rule) -> None:
        """One to one: the leaf goes over as it is, unless the rule's condition does not hold."""
        if not self.holds(rule.when, rule.where):
            return
        target = path
        if rule.action == "to":
            target = parse_path(next(iter(rule.targets))) + path[len(source) :]
        cause: Fate = "kept" if target == path and not self._around(path) else "moved"
        self.put(Written(target, value, self.rule_id(source), rule.reason, cause, (path,), rule.secret))

    def _pin(self, pin: YamlPath, fired: dict[str, tuple[Rule, Fate]]) -> None:
        """The source's default is written where the target's own would change behaviour."""
        value = get_in(self.effective, pin, _MISSING)
        if value is _MISSING or get_in(self.user, pin, _MISSING) is not _MISSING:
            return
        rules = self.rules_for(pin)
        if not rules and self._same(pin):
            self._write_pin(pin, value, "", "")
        for source, rule in rules:
            if not rule.plain:
                fired.setdefault(rule.where, (rule, "pinned"))
            elif self.holds(rule.when, rule.where):
                target = parse_path(next(iter(rule.targets))) + pin[len(source) :] if rule.action == "to" else pin
                self._write_pin(target, value, self.rule_id(source), rule.reason)

    def _write_pin(self, target: YamlPath, value: Yaml, rule: str, reason: str) -> None:
        if get_in(self.target.data, target, _MISSING) != value and target not in self.written:
            why = reason or "the source chart's default, which the target chart changes"
            self.put(Written(target, value, rule, why, "pinned"))

    def _fire(self, rule: Rule, cause: Fate) -> None:
        if rule.action in ("drop", "manual") or not self.holds(rule.when, rule.where):
            return
        for target, expression in rule.targets.items():
            try:
                value = self._result(rule, target, expression)
            except Unfit:
                continue
            if value is not OMIT:
                self._result_written(rule, parse_path(target), value, cause)

    def _result(self, rule: Rule, target: str, expression: str | None) -> Any:
        sources = [source for source in rule.sources if "*" not in source]
        value = get_in(self.effective, sources[0], None) if sources else None
        if expression is not None:
            default = self.source.default(sources[0]) if self.source and sources else None
            context = self.context(value=value, default=default)
            where = f"{rule.where}.expr" if len(rule.targets) == 1 else f"{rule.where}.to.{target}"
            return evaluate(expression, context, file=self.mapping.file, where=where)
        if rule.transform is not None:
            return transform(rule.transform, value, rule.arguments)
        return OMIT if value is None and rule.append else value

    def _result_written(self, rule: Rule, target: YamlPath, value: Yaml, cause: Fate) -> None:
        why = rule.reason
        if cause == "pinned":
            unchanged = not rule.append and get_in(self.target.data, target, _MISSING) == value
            if unchanged or (not rule.append and target in self.written):
                return
            why = why or "the source chart's default, which the target chart changes"
        written = Written(target, value, self.rule_id(rule.sources[0]), why, cause, rule.sources, rule.secret)
        self._append(written) if rule.append else self.put(written)

    def add(self, addition: Addition) -> None:
        """Write a value that the conversion needs, unless the user's own is there."""
        if not self.holds(addition.when, addition.where):
            return
        value: Any = addition.value
        if addition.expression is not None:
            context = self.context()
            value = evaluate(addition.expression, context, file=self.mapping.file, where=f"{addition.where}.expr")
        target = parse_path(addition.to)
        if value is OMIT or (not addition.append and self._taken(target)):
            return
        written = Written(target, value, self.rule_id(target), addition.reason, "added")
        self._append(written) if addition.append else self.put(written)

    def _taken(self, target: YamlPath) -> bool:
        return any(target == path[: len(target)] for path in self.written)

    def put(self, written: Written) -> None:
        """Later writers win; a map value is split into its leaves so that each has its own line."""
        if isinstance(written.value, dict) and written.value:
            for below, value in leaves(written.value):
                path = written.target + below
                self.written[path] = Written(
                    path, value, written.rule, written.reason, written.cause, written.sources, written.secret
                )
            return
        self.written[written.target] = written

    def _append(self, written: Written) -> None:
        """Add to a text or list that several rules write together, in the order of the file."""
        parts = self.parts.setdefault(written.target, [])
        known = self.written.get(written.target)
        if known is not None and not parts:
            parts.append(known.value)
        parts.append(written.value)
        cause = written.cause if known is None or written.cause == "changed" else known.cause
        joined = joined_parts(parts)
        reason = written.reason if known is None else known.reason or written.reason
        sources = written.sources + (known.sources if known is not None else ())
        secret = written.secret or bool(known and known.secret)
        self.written[written.target] = Written(written.target, joined, written.rule, reason, cause, sources, secret)

    def rule_id(self, source: YamlPath) -> str:
        return f"{self.mapping.id}.{format_path(source)}"

    def wanted(self) -> dict[str, Yaml]:
        """All that is written, as one map of target values."""
        table: Yaml = {}
        for path, written in self.written.items():
            table = set_in(table, path, deepcopy(written.value))
        return table if isinstance(table, dict) else {}

    def _judge(self) -> None:
        """Give every leaf its verdict, now that it is known what was written."""
        for path, value in leaves(dict(self.user)):
            self.verdicts[path] = self._verdict(path, value)

    def _verdict(self, path: YamlPath, value: Yaml) -> Verdict:
        own = [written for written in self.written.values() if path in written.sources and written.cause != "changed"]
        if own:
            first = own[0]
            return Verdict(first.cause, first.target, first.reason, first.rule, secret=first.secret)
        rules = self.rules_for(path)
        bundled = next((b for b in self.mapping.bundled if matches(parse_path(b.values), path)), None)
        if bundled is not None and not rules:
            reason = f"the bundled {bundled.dependency} is switched off, and the target chart bundles none"
            return Verdict("dropped", None, reason, self.rule_id(parse_path(bundled.values)))
        verdicts = [verdict for source, rule in rules for verdict in self._by_rule(path, source, rule, value)]
        if not verdicts:
            return Verdict("unmapped", None, "the mapping does not know this value", "")
        return min(verdicts, key=lambda verdict: _ORDER.index(verdict.fate))

    def _by_rule(self, path: YamlPath, source: YamlPath, rule: Rule, value: Yaml) -> Iterator[Verdict]:
        rule_id = self.rule_id(source)
        if not self.holds(rule.when, rule.where):
            yield Verdict("dropped", None, rule.otherwise or "its condition does not hold", rule_id)
        elif rule.action == "drop":
            yield Verdict("dropped", None, rule.reason, rule_id)
        elif rule.action == "manual":
            yield Verdict("manual", None, rule.reason, rule_id, rule.level)
        else:
            yield self._written_verdict(path, source, rule, rule_id, value)

    def _written_verdict(self, path: YamlPath, source: YamlPath, rule: Rule, rule_id: str, value: Yaml) -> Verdict:
        for target in rule.targets:
            at = parse_path(target)
            below = [
                entry for entry in self.written if entry[: len(at)] == at and source in self.written[entry].sources
            ]
            if below:
                here = at + path[len(source) :]
                chosen = here if here in below else below[0]
                now = self.written[chosen].value
                alike = now == value and type(now) is type(value)
                fate: Fate = "changed" if not alike else "kept" if chosen == path else "moved"
                return Verdict(fate, chosen, rule.reason, rule_id, secret=rule.secret)
        problem = self._unfit(rule)
        if problem:
            return Verdict("manual", None, problem, rule_id, "error")
        return Verdict("dropped", None, rule.reason or "nothing to write: the target chart does this anyway", rule_id)

    def _unfit(self, rule: Rule) -> str | None:
        try:
            for target, expression in rule.targets.items():
                self._result(rule, target, expression)
        except Unfit as unfit:
            return str(unfit)
        return None


_ORDER: tuple[Fate, ...] = ("kept", "moved", "changed", "manual", "dropped", "unmapped", "added", "pinned")


def joined_parts(parts: list[Any]) -> Yaml:
    """Texts one after the other, lists one after the other; empty ones do not count."""
    real = [part for part in parts if part not in (None, "", [], OMIT)]
    if any(isinstance(part, list) for part in real):
        joined: list[Yaml] = []
        for part in real:
            items = part if isinstance(part, list) else [part]
            joined += [item for item in items if item not in joined]
        return joined
    return "".join(part if part.endswith("\n") else f"{part}\n" for part in map(str, real)) if real else ""


def matches(source: YamlPath, path: YamlPath) -> bool:
    """Is ``path`` the source or below it? ``*`` stands for one key."""
    if len(source) > len(path):
        return False
    return all(wanted in ("*", step) for wanted, step in zip(source, path, strict=False))
