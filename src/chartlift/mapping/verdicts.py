"""The fate of each leaf the user set in a chain, now that it is known what was written.

Exactly one for each leaf (design, invariant 1). Nothing is called dropped that a rule meant to carry:
where another rule took the place, a person is asked which of the two is meant.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from chartlift.mapping.model import Rule
from chartlift.mapping.rules import bind, firing_keys, is_secret_rule, matches, plain_target
from chartlift.mapping.written import Written
from chartlift.records import Fate, Level, Yaml, YamlPath, format_path
from chartlift.yamltext.edit import same_yaml
from chartlift.yamltext.paths import get_in, parse_path

if TYPE_CHECKING:
    from chartlift.mapping.chain import Chain

_ORDER: tuple[Fate, ...] = ("kept", "moved", "changed", "manual", "dropped", "unmapped", "added", "pinned")
_MISSING = object()


@dataclass(frozen=True, slots=True)
class Verdict:
    """The fate of one leaf the user set, in this chain."""

    fate: Fate
    target: YamlPath | None
    reason: str
    rule: str
    level: Level = "warning"
    secret: bool = False


def judge(chain: Chain, user: Iterable[tuple[YamlPath, Yaml]]) -> dict[YamlPath, Verdict]:
    """A verdict for every leaf."""
    carried = _carried(chain)
    return {path: _verdict(chain, path, value, carried.get(path)) for path, value in user}


def judge_leaf(chain: Chain, path: YamlPath, value: Yaml) -> Verdict:
    """The verdict on a leaf that is none of the merged chain, such as one that an overlay took away."""
    return chain.verdicts.get(path) or _verdict(chain, path, value, _carried(chain).get(path))


def _carried(chain: Chain) -> dict[YamlPath, Written]:
    """What one-to-one rules wrote, by the leaf that stands behind it; the first of several."""
    found: dict[YamlPath, Written] = {}
    for written in chain.written.values():
        if written.cause != "changed":
            for source in written.sources:
                found.setdefault(source, written)
    return found


def _verdict(chain: Chain, path: YamlPath, value: Yaml, own: Written | None) -> Verdict:
    rules = chain.book.rules_for(path)
    verdicts = [verdict for source, rule in rules for verdict in _by_rule(chain, path, source, rule, value)]
    if own is not None:
        verdicts.append(Verdict(own.cause, own.target, own.reason, own.rule, secret=own.secret))
    if verdicts:
        return _weightiest(verdicts)
    bundled = next((b for b in chain.mapping.bundled if matches(parse_path(b.values), path)), None)
    if bundled is not None:
        on = get_in(chain.effective, parse_path(bundled.condition), bundled.default)
        why = "is not part of the target chart" if on else "is switched off, and the target chart bundles none"
        reason = f"the bundled {bundled.dependency} {why}"
        return Verdict("dropped", None, reason, chain.rule_id(parse_path(bundled.values)))
    if value == {} and _has_inner(chain, path):
        return Verdict("dropped", None, "an empty map sets nothing: the chart's defaults below it stay", "")
    return Verdict("unmapped", None, "the mapping does not know this value", "")


def _weightiest(verdicts: Sequence[Verdict]) -> Verdict:
    """What blocks counts more than what was carried, and keeps its place: half a conversion is none."""
    first = min(verdicts, key=lambda verdict: _ORDER.index(verdict.fate))
    blocking = next((verdict for verdict in verdicts if verdict.fate == "manual" and verdict.level == "error"), None)
    return first if blocking is None else replace(blocking, target=blocking.target or first.target)


def _has_inner(chain: Chain, path: YamlPath) -> bool:
    """Is it a map of values in the source chart's defaults?"""
    return chain.source is not None and isinstance(get_in(chain.source.data, path), dict)


def _by_rule(chain: Chain, path: YamlPath, source: YamlPath, rule: Rule, value: Yaml) -> Iterator[Verdict]:
    rule_id = chain.rule_id(source)
    holds = chain.applies(rule)
    keys = firing_keys(rule, source, path)
    if problem := chain.unfit.get((rule.where, ())) or chain.unfit.get((rule.where, keys)):
        yield Verdict("manual", None, problem, rule_id, "error", is_secret_rule(rule))
    elif not holds:
        yield Verdict("dropped", None, rule.otherwise or "its condition does not hold", rule_id)
    elif rule.action == "drop":
        yield Verdict("dropped", None, rule.reason, rule_id)
    elif rule.action == "manual" and rule.when is None and _is_default(chain, path, value):
        yield Verdict("dropped", None, "as the source chart does anyway: nothing is asked for", rule_id)
    elif rule.action == "manual":
        yield Verdict("manual", None, rule.reason, rule_id, rule.level)
    elif rule.plain:
        yield _overruled(chain, path, source, rule, rule_id, value)
    else:
        yield _computed(chain, path, source, rule, rule_id, value)


def _is_default(chain: Chain, path: YamlPath, value: Yaml) -> bool:
    """Written out as the source chart has it, which cannot mean more than leaving it away."""
    return chain.source is not None and same_yaml(get_in(chain.source.data, path, _MISSING), value)


def _overruled(chain: Chain, path: YamlPath, source: YamlPath, rule: Rule, rule_id: str, value: Yaml) -> Verdict:
    """A one-to-one rule held, but what it wrote is not there any more: something else is."""
    target = plain_target(rule, source, path)
    now = get_in(chain.values.table(), target, _MISSING)
    if value == {} or same_yaml(now, value):
        return Verdict("kept" if target == path else "moved", target, rule.reason, rule_id, secret=rule.secret)
    winner = _writer_at(chain, target)
    by = f" ({winner.rule})" if winner is not None and winner.rule else ""
    reason = f"another value decides {format_path(target)}{by}: check which of the two is meant"
    return Verdict("manual", target, reason, rule_id, secret=is_secret_rule(rule))


def _writer_at(chain: Chain, target: YamlPath) -> Written | None:
    """Who wrote the place, something above it or something below it."""
    above = (chain.written.get(target[:end]) for end in range(len(target), 0, -1))
    below = (written for path, written in chain.written.items() if path[: len(target)] == target)
    return next((written for written in (*above, *below) if written is not None), None)


def _computed(chain: Chain, path: YamlPath, source: YamlPath, rule: Rule, rule_id: str, value: Yaml) -> Verdict:
    """What an expression, a transform or a join made of it."""
    keys = firing_keys(rule, source, path)
    origin = bind(source, keys)
    for target in rule.targets:
        at = bind(parse_path(target), keys)
        below = [p for p, w in chain.written.items() if p[: len(at)] == at and origin in w.sources]
        if not below:
            continue
        here = at + path[len(source) :]
        chosen = here if here in below else below[0] if len(below) == 1 else at
        now = get_in(chain.values.table(), chosen)
        fate: Fate = "changed" if not same_yaml(now, value) else "kept" if chosen == path else "moved"
        return Verdict(fate, chosen, rule.reason, rule_id, secret=is_secret_rule(rule))
    return Verdict("dropped", None, rule.reason or "nothing to write: the target chart does this anyway", rule_id)
