"""One chain of values files under a mapping: which rules fire, and what they write.

A chain is the source defaults with the base and one overlay merged over them. A rule fires when the user
set something that the rule is the most specific for, or when a pin asks for it; it is worked out on the
*effective* values, so that a rule with several sources sees them all (design, "Values"). What became of
each leaf is said afterwards, in ``verdicts.py``.
"""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

from chartlift.chart.versions import in_range
from chartlift.mapping.expressions import OMIT, ExpressionFailed, bind_functions, evaluate, quantity
from chartlift.mapping.model import Addition, Rule
from chartlift.mapping.model import Mapping as MappingFile
from chartlift.mapping.rules import RuleBook, bind, firing_keys, is_same, is_secret_rule, plain_target, rule_book
from chartlift.mapping.rules import matches as matches
from chartlift.mapping.surfaces import Surface
from chartlift.mapping.transforms import Unfit, transform
from chartlift.mapping.verdicts import Verdict, judge
from chartlift.mapping.written import Written, WrittenValues
from chartlift.records import Fate, Yaml, YamlPath, format_path
from chartlift.yamltext.edit import same_yaml
from chartlift.yamltext.paths import get_in, leaves, parse_path

_MISSING = object()
_CHANGED_DEFAULT = "the source chart's default, which the target chart changes"


@dataclass(frozen=True, slots=True)
class Firing:
    """A rule that is to be worked out, for the keys that ``*`` stands for where its target names one."""

    rule: Rule
    keys: tuple[str | int, ...]
    cause: Fate


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
    values: WrittenValues = field(default_factory=WrittenValues)
    verdicts: dict[YamlPath, Verdict] = field(default_factory=dict)
    unfit: dict[tuple[str, tuple[str | int, ...]], str] = field(default_factory=dict)
    """Why a rule could not be worked out, by its place and the keys that ``*`` stands for."""
    _context: dict[str, Any] = field(default_factory=dict)
    _held: dict[str, bool] = field(default_factory=dict)

    @property
    def written(self) -> dict[YamlPath, Written]:
        return self.values.written

    @property
    def book(self) -> RuleBook:
        return rule_book(self.mapping, self.version)

    def context(self, **more: Any) -> dict[str, Any]:
        """What an expression can name."""
        if not self._context:
            self._context = self._names()
        return self._context | more

    def _names(self) -> dict[str, Any]:
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
            **bind_functions(self.mapping.functions),
            "version_at_least": lambda wanted: in_range(self.version, f">={wanted}"),
        }

    def holds(self, when: str | None, where: str) -> bool:
        """Does a condition hold? Errors: ``ChartliftError`` of the expression."""
        if when is None:
            return True
        if where not in self._held:
            place = f"{where}.when"
            self._held[where] = bool(evaluate(when, self.context(), file=self.mapping.file, where=place))
        return self._held[where]

    def applies(self, rule: Rule) -> bool:
        """Does the condition of a rule hold? One that cannot be decided for these values does not."""
        try:
            return self.holds(rule.when, rule.where)
        except ExpressionFailed as error:
            self.unfit.setdefault((rule.where, ()), _hand_over(error))
            return False

    def run(self) -> None:
        """Fire every rule, then pins and additions, and join what is appended."""
        fired: dict[tuple[str, tuple[str | int, ...]], Firing] = {}
        for path, value in leaves(dict(self.user)):
            self._leaf(path, value, fired)
        for pin in self.mapping.pins:
            self._pin(pin, fired)
        order = {rule.where: index for index, rule in enumerate(self.mapping.rules)}
        for firing in sorted(fired.values(), key=lambda firing: order[firing.rule.where]):
            self._fire(firing)
        for addition in self.mapping.additions:
            self.add(addition)
        self.verdicts = judge(self, leaves(dict(self.user)))

    def _leaf(self, path: YamlPath, value: Yaml, fired: dict[tuple[str, tuple[str | int, ...]], Firing]) -> None:
        rules = self.book.rules_for(path)
        if not rules and not self.is_around(path) and is_same(self.mapping, self.target, path):
            self.values.put(Written(path, value, "", "", "kept", (path,)))
        for source, rule in rules:
            if rule.plain:
                self._carry(path, value, source, rule)
            else:
                keys = firing_keys(rule, source, path)
                fired[rule.where, keys] = Firing(rule, keys, "changed")

    def is_around(self, path: YamlPath) -> bool:
        """Is it a value of the parent's that only lies around this chart?"""
        return path[0] == "global" and self.parents_global

    def _carry(self, path: YamlPath, value: Yaml, source: YamlPath, rule: Rule) -> None:
        """One to one: the leaf goes over as it is, unless the rule's condition does not hold."""
        if not self.applies(rule):
            return
        target = plain_target(rule, source, path)
        cause: Fate = "kept" if target == path and not self.is_around(path) else "moved"
        secret = is_secret_rule(rule)
        self.values.put(Written(target, value, self.rule_id(source), rule.reason, cause, (path,), secret))

    def _pin(self, pin: YamlPath, fired: dict[tuple[str, tuple[str | int, ...]], Firing]) -> None:
        """The source's defaults are written where the target's own would change behaviour.

        Of a map, each leaf that the user did not set.
        """
        pinned = get_in(self.effective, pin, _MISSING)
        if pinned is _MISSING:
            return
        for below, value in leaves(pinned) if isinstance(pinned, dict) and pinned else [((), pinned)]:
            path = pin + below
            if get_in(self.user, path, _MISSING) is _MISSING:
                self._pin_leaf(path, value, fired)

    def _pin_leaf(self, pin: YamlPath, value: Yaml, fired: dict[tuple[str, tuple[str | int, ...]], Firing]) -> None:
        rules = self.book.rules_for(pin)
        if not rules and is_same(self.mapping, self.target, pin):
            self._write_pin(pin, value, "", "", False)
        for source, rule in rules:
            if not rule.plain:
                keys = firing_keys(rule, source, pin)
                fired.setdefault((rule.where, keys), Firing(rule, keys, "pinned"))
            elif self.applies(rule):
                target = plain_target(rule, source, pin)
                self._write_pin(target, value, self.rule_id(source), rule.reason, is_secret_rule(rule))

    def _write_pin(self, target: YamlPath, value: Yaml, rule: str, reason: str, secret: bool) -> None:
        if self.values.has(target) or same_yaml(get_in(self.target.data, target, _MISSING), value):
            return
        self.values.put(Written(target, value, rule, reason or _CHANGED_DEFAULT, "pinned", (), secret))

    def _fire(self, firing: Firing) -> None:
        rule = firing.rule
        if rule.action in ("drop", "manual") or not self.applies(rule):
            return
        for target, expression in rule.targets.items():
            try:
                value = self._result(firing, target, expression)
            except Unfit as unfit:
                self.unfit[rule.where, firing.keys] = str(unfit)
            except ExpressionFailed as error:
                self.unfit[rule.where, firing.keys] = _hand_over(error)
            else:
                if value is not OMIT:
                    self._keep_result(firing, bind(parse_path(target), firing.keys), value)

    def _result(self, firing: Firing, target: str, expression: str | None) -> Any:
        rule = firing.rule
        bound = [bind(source, firing.keys) for source in rule.sources]
        first = next((source for source in bound if "*" not in source), None)
        value = get_in(self.effective, first, None) if first is not None else None
        if expression is not None:
            default = self.source.default(first) if self.source and first is not None else None
            context = self.context(value=value, default=default)
            where = f"{rule.where}.expr" if len(rule.targets) == 1 else f"{rule.where}.to.{target}"
            return evaluate(expression, context, file=self.mapping.file, where=where)
        if rule.transform is not None:
            return transform(rule.transform, value, rule.arguments)
        return OMIT if value is None and rule.append else value

    def _keep_result(self, firing: Firing, target: YamlPath, value: Yaml) -> None:
        rule, why = firing.rule, firing.rule.reason
        if firing.cause == "pinned" and not rule.append:
            if self.values.has(target) or same_yaml(get_in(self.target.data, target, _MISSING), value):
                return
            why = why or _CHANGED_DEFAULT
        sources = tuple(bind(source, firing.keys) for source in rule.sources)
        written = Written(
            target, value, self.rule_id(rule.sources[0]), why, firing.cause, sources, is_secret_rule(rule)
        )
        self.values.append(written) if rule.append else self.values.put(written)

    def add(self, addition: Addition) -> None:
        """Write a value that the conversion needs, unless the user's own is there."""
        if not self.holds(addition.when, addition.where):
            return
        value: Any = addition.value
        if addition.expression is not None:
            where = f"{addition.where}.expr"
            value = evaluate(addition.expression, self.context(), file=self.mapping.file, where=where)
        target = parse_path(addition.to)
        if value is OMIT or (not addition.append and self.values.has(target)):
            return
        written = Written(target, value, self.rule_id(target), addition.reason, "added")
        self.values.append(written) if addition.append else self.values.put(written)

    def rule_id(self, source: YamlPath) -> str:
        return f"{self.mapping.id}.{format_path(source)}"

    def wanted(self) -> dict[str, Yaml]:
        """All that is written, as one map of target values."""
        return deepcopy(self.values.table())


def _hand_over(error: ExpressionFailed) -> str:
    return f"the mapping cannot work it out from this value ({error.message}): set it by hand in the target's values"
