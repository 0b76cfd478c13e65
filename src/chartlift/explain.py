"""Say what a mapping does, in words: for ``explain`` and ``mappings show``."""

from __future__ import annotations

from collections.abc import Iterator

from chartlift.chart.versions import in_range
from chartlift.errors import ChartliftError
from chartlift.images.choose import Destination, Need, choose_image
from chartlift.images.reference import parse_reference
from chartlift.knowledge import Knowledge
from chartlift.mapping.chain import matches
from chartlift.mapping.model import Mapping, Rule
from chartlift.mapping.rules import is_same
from chartlift.mapping.surfaces import source_surface, target_surface
from chartlift.records import YamlPath, format_path
from chartlift.yamltext.paths import parse_path


def describe_mapping(mapping: Mapping) -> Iterator[str]:
    """The whole mapping, a line or two for each rule."""
    yield from describe_chart(mapping)
    for rule in mapping.rules:
        yield from describe_rule(rule)
    for condition in mapping.findings:
        strategies = "/".join(condition.strategies)
        yield f"finding {condition.rule} ({condition.level}, {strategies}): {_line(condition.message)}"


def describe_chart(mapping: Mapping) -> Iterator[str]:
    """What becomes of the chart itself."""
    yield f"{mapping.title}: {mapping.source.vendor}/{mapping.source.chart} {mapping.source.versions}"
    if mapping.target is not None:
        target = mapping.target
        yield f"  becomes {target.chart} {target.version} from {target.repository} (app {target.app_version or '?'})"
    else:
        yield "  keeps its chart; its images are hardened"
    for slot in mapping.images.slots if mapping.images else ():
        becomes = f"{slot.image}{'-' + slot.flavour if slot.flavour else ''}" if slot.image else f"stays: {slot.reason}"
        yield f"  image at {slot.path}: {slot.source or '?'} -> {becomes}"
    for bundled in mapping.bundled:
        yield f"  bundles {bundled.dependency}: kept as a dependency of the parent"
    if mapping.upgrade:
        yield f"  upgrade of a release with data: {mapping.upgrade}"
    for note in mapping.notes:
        yield f"  note: {_line(note)}"
    for entry in mapping.evidence:
        yield "  checked: " + "; ".join(f"{key} {_line(str(value))}" for key, value in entry.items())


def describe_rule(rule: Rule) -> Iterator[str]:
    """One rule: its sources, what happens, under which condition, and why."""
    sources = ", ".join(format_path(source) for source in rule.sources)
    what = {
        "keep": "kept",
        "to": "-> " + ", ".join(rule.targets),
        "drop": "dropped",
        "manual": f"manual ({rule.level})",
    }[rule.action]
    versions = f" [{rule.versions}]" if rule.versions else ""
    yield f"{sources}{versions} {what}" + (f": {_line(rule.reason)}" if rule.reason else "")
    if rule.when:
        yield f"    when {_line(rule.when)}; otherwise dropped: {_line(rule.otherwise)}"


def _line(text: str) -> str:
    return " ".join(text.split())


def explain(knowledge: Knowledge, chart: str, subject: str | None, version: str | None) -> list[str]:
    """What happens to a chart, or to one value path or image of it. Errors where nothing is known."""
    mappings = [
        m for m in map(knowledge.mappings.get, knowledge.mappings.ids()) if m and chart in (m.id, m.source.chart)
    ]
    if version is not None:
        mappings = [mapping for mapping in mappings if in_range(version, mapping.source.versions)]
    if not mappings:
        raise ChartliftError(
            f"no mapping for {chart}{' ' + version if version else ''}",
            help="`chartlift mappings list` shows what there is; without a mapping only its images are hardened.",
        )
    if subject is None:
        return [line for mapping in mappings for line in describe_chart(mapping)]
    if parse_reference(subject) is not None and ("/" in subject or ":" in subject):
        return explain_image(knowledge, subject)
    return [line for mapping in mappings for line in _explain_value(mapping, parse_path(subject), version)]


def explain_image(knowledge: Knowledge, text: str) -> list[str]:
    """What becomes of one image reference, by itself, and why."""
    reference = parse_reference(text)
    if reference is None:
        raise ChartliftError(f"{text!r} is no image reference", help="Write registry/repository:tag.")
    choice = choose_image(reference, Need(), knowledge.images, knowledge.catalog, Destination())
    lines = [f"{text}: {choice.status}" + (f" -> {choice.target}" if choice.target else "")]
    lines.append(f"  why: {choice.reason}")
    if choice.definition is not None:
        found = choice.definition
        lines.append(
            f"  runs as {found.uid}:{found.gid}, {'has' if found.has_shell else 'has no'} shell ({found.file})"
        )
    return lines + [f"  {level} [{rule}]: {message}" for rule, level, message, _ in choice.findings]


def _explain_value(mapping: Mapping, path: YamlPath, version: str | None) -> Iterator[str]:
    chosen = version or (mapping.source.tested[0] if mapping.source.tested else "")
    yield f"{format_path(path)} of {mapping.source.chart} {chosen}"
    surface = source_surface(mapping, chosen)
    known = surface.has(path)
    yield f"  source default: {surface.default(path)!r}" if known else "  the source chart does not know this value"
    found = False
    best = 0
    for source, index in mapping.longest_first:
        rule = mapping.rules[index]
        if not matches(source, path) or (rule.versions and not in_range(chosen, rule.versions)):
            continue
        if found and len(source) < best:
            break
        found, best = True, len(source)
        for line in describe_rule(rule):
            yield f"  {line}"
        yield f"  by rule {mapping.id}.{format_path(source)} ({mapping.id}.yaml {rule.where})"
    if path in mapping.pins:
        yield "  pinned: its default is written where the target's differs"
    if not found:
        same = mapping.target is not None and is_same(mapping, target_surface(mapping), path)
        yield "  kept: the target chart has the same value" if same else "  unmapped: setting it blocks"
