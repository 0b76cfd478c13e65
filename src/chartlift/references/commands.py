"""``helm install`` and ``helm upgrade`` in shell scripts and Makefiles.

Flags: https://helm.sh/docs/helm/helm_upgrade/ (``--set`` over ``-f``). A command is rewritten only where every word of
it that matters is written out; else it is reported with what to say instead.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from chartlift.errors import EditRefused
from chartlift.plan.files import Splice
from chartlift.references.files import Gathering
from chartlift.references.pairs import check_kept, split_pairs
from chartlift.references.records import (
    AnyChange,
    NewTarget,
    Pair,
    PairChanges,
    Reference,
    Sources,
    TextChange,
    Values,
)
from chartlift.references.sources import TEMPLATE_WORD, Source
from chartlift.references.spelling import is_local, local_home, split_chart
from chartlift.references.syntax import Syntax, child, walk

if TYPE_CHECKING:
    from tree_sitter import Node

NAME = "commands"
_SHELL = (".sh", ".bash", ".zsh")
_MAKE = re.compile(r"(?:^|/)(?:GNUm|M|m)akefile$|\.mk$")
_VERBS = ("install", "upgrade", "template")
_SWITCHES = frozenset(
    "--install -i --wait --atomic --create-namespace --debug --dry-run --force --devel --reuse-values --reset-values "
    "--wait-for-jobs --no-hooks --skip-crds --dependency-update --cleanup-on-fail --disable-openapi-validation "
    "--render-subchart-notes --pass-credentials --insecure-skip-tls-verify --plain-http --verify --hide-notes "
    "--take-ownership --rollback-on-failure --enable-dns --reset-then-reuse-values --generate-name -g".split()
)
_SETS = ("--set", "--set-string")
_WORDS = ("word", "string", "raw_string", "concatenation", "number", "simple_expansion", "expansion",
          "command_substitution", "ansi_c_string")  # fmt: skip
_EXPANSIONS = ("simple_expansion", "expansion", "command_substitution", "process_substitution")
_REPO_ADD = re.compile(r"\bhelm\s+repo\s+add\s+(?:--\S+\s+)*([\w.-]+)\s+[\"']?([\w+.-]+://[^\s\"']+|oci://\S+)")


@dataclass(frozen=True, slots=True)
class _Word:
    """One argument: its node, and its text if that is written out."""

    node: Node
    text: str | None
    raw: str


@dataclass(slots=True)
class _Command:
    """What a helm command says."""

    path: str
    syntax: Syntax
    node: Node
    positional: list[_Word] = field(default_factory=list)
    flags: list[tuple[str, _Word]] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)

    def flag(self, *names: str) -> _Word | None:
        return next((word for name, word in self.flags if name in names), None)


def find(sources: Sources) -> Iterator[Reference]:
    """Every command that installs a chart from a repository."""
    aliases: dict[str, str] = {}
    for path in sources.paths():
        text = sources.text(path) if path.endswith((*_SHELL, ".mk", ".md", "akefile")) else ""
        aliases |= dict(_REPO_ADD.findall(text))
    for path in sources.paths():
        if (path.endswith(_SHELL) or _MAKE.search(path)) and "helm" in sources.text(path):
            text = sources.text(path)
            syntax = Syntax(_recipes(text) if _MAKE.search(path) else text, "bash")
            for node in walk(syntax.root, "command"):
                command = _read(path, syntax, node)
                if command is not None:
                    yield from _reference(command, aliases, sources)


def _recipes(text: str) -> str:
    """A Makefile with all but its recipes blanked, so that offsets stay."""
    lines, inside = [], False
    for line in text.split("\n"):
        recipe = line.startswith("\t") or inside
        shown = line if inside else re.sub(r"^(\t[ \t]*)[@+-]+", lambda m: m[1] + " " * (len(m[0]) - len(m[1])), line)
        lines.append(shown if recipe else " " * len(line))
        inside = recipe and line.rstrip().endswith("\\")
    return re.sub(r"\$\(([A-Za-z_]\w*)\)", r"${\1}", "\n".join(lines))


def _read(path: str, syntax: Syntax, node: Node) -> _Command | None:
    words = [_word(syntax, one) for one in node.children if one.type in _WORDS]
    name = child(node, "command_name")
    if name is None or syntax.of(name).rpartition("/")[2] not in ("helm", "helm3") or not words:
        return None
    if words[0].text not in _VERBS:
        return None
    command = _Command(path, syntax, node)
    rest = iter(words[1:])
    for word in rest:
        _take(command, word, rest)
    return command


def _take(command: _Command, word: _Word, rest: Iterator[_Word]) -> None:
    raw = word.raw
    if not raw.startswith("-"):
        command.positional.append(word)
    elif raw in _SWITCHES or raw.partition("=")[0] in _SWITCHES:
        return
    elif "=" in raw and raw.startswith("--"):
        name, _, _ = raw.partition("=")
        text = word.text.partition("=")[2] if word.text is not None else None
        command.flags.append((name, _Word(word.node, text, raw)))
    else:
        value = next(rest, None)
        if value is None:
            command.unknown.append(raw)
        else:
            command.flags.append((raw, value))


def _word(syntax: Syntax, node: Node) -> _Word:
    raw = syntax.of(node)
    if node.type in _EXPANSIONS or any(next(walk(node, kind), None) is not None for kind in _EXPANSIONS):
        return _Word(node, None, raw)
    try:
        parts = shlex.split(raw, posix=True)
    except ValueError:
        parts = []
    return _Word(node, parts[0] if len(parts) == 1 else None, raw)


def _reference(command: _Command, aliases: dict[str, str], sources: Sources) -> Iterator[Reference]:
    generated = command.syntax.of(command.node).find("--generate-name") >= 0
    chart_word = command.positional[-1] if command.positional else None
    if chart_word is None or chart_word.text is None or (len(command.positional) < 2 and not generated):
        return
    repo, version = command.flag("--repo"), command.flag("--version")
    repository, chart = split_chart(chart_word.text, (repo.text or "") if repo else "")
    alias = repository.removeprefix("@") if repository.startswith("@") else ""
    repository = aliases.get(alias, repository) if alias else repository
    base = command.path.rpartition("/")[0]
    local = local_home(base, chart_word.text, sources) if is_local(chart_word.text) or not repository else ""
    if not local and (not repository or not chart or is_local(chart_word.text)):
        return
    release = command.positional[0]
    gathering = Gathering(sources, command.path.rpartition("/")[0])
    _layers(command, gathering)
    namespace = command.flag("-n", "--namespace")
    line = command.syntax.line(command.node)
    yield Reference(
        NAME, "helm command", release.text or release.raw, command.path, line, repository, chart,
        (version.text or "") if version else "", release=release.text, namespace=namespace.text if namespace else None,
        chains=gathering.chains(), fresh=_fresh(command, chart_word), unread=tuple(gathering.unread),
        fixed=_fixed(command, version, repo), details={"command": command, "chart": chart_word}, local=local,
    )  # fmt: skip


def _fixed(command: _Command, version: _Word | None, repo: _Word | None) -> str:
    if command.node.has_error:
        return "the command does not parse"
    if command.unknown:
        return f"the command does not parse: {command.unknown[0]} has no value"
    for name, word in (("--version", version), ("--repo", repo)):
        if word is not None and word.text is None:
            return f"{name} is worked out by the script: {word.raw}"
    return ""


def _layers(command: _Command, gathering: Gathering) -> None:
    line = command.syntax.line(command.node)
    for name, word in command.flags:
        if name in ("-f", "--values"):
            path = word.text if word.text is not None else word.raw.strip("\"'").rpartition("=")[2]
            for one in path.split(","):
                _values_file(gathering, one, line)
        elif name in ("--set-file", "--set-json", "--set-literal", "--post-renderer"):
            gathering.missing(line, f"{name} gives values that are not read")
    pairs, places = _pairs(command)
    if pairs:
        key = command.syntax.start(command.node)
        gathering.add(
            Values("pairs", command.path, 0, ("--set", str(key)), line, pairs=tuple(pairs),
                   details={"command": command, "places": places})
        )  # fmt: skip


def _values_file(gathering: Gathering, path: str, line: int) -> None:
    """A script's paths are from where it is called: from its own directory, or from the root."""
    for base in (gathering.base, ""):
        trial = Gathering(gathering.sources, base)
        trial.file(re.sub(r"^\$\{?\w+\}?/|^\$\(dirname[^)]*\)/", "", path), line)
        if not trial.unread:
            gathering.steps += trial.steps
            return
    gathering.missing(line, f"the values file {path} is not in what was given")


def _pairs(command: _Command) -> tuple[list[Pair], list[int]]:
    """All pairs, and for each the number of the flag that it stands in."""
    pairs: list[Pair] = []
    places: list[int] = []
    for number, (name, word) in enumerate(command.flags):
        if name not in _SETS:
            continue
        for key, value in split_pairs(_masked(word)):
            line = command.syntax.line(word.node)
            pairs.append(Pair(key, value, line, name == "--set-string" or TEMPLATE_WORD in value, len(pairs)))
            places.append(number)
    return pairs, places


def _masked(word: _Word) -> str:
    """The text of an argument with what the shell puts in swapped for a word."""
    if word.text is not None:
        return word.text
    bare = word.raw.split("=", 1)[1] if word.raw.startswith("--") else word.raw
    return re.sub(r"\$\{[^}]*\}|\$\([^)]*\)|\$\w+", f"{TEMPLATE_WORD}x", bare.replace('"', "").replace("'", ""))


def _fresh(command: _Command, chart: _Word) -> Values:
    at = command.syntax.end(chart.node)
    return Values(
        "pairs", command.path, 0, ("--set", f"new {at}"), command.syntax.line(command.node),
        details={"command": command, "places": [], "chart": chart},
    )  # fmt: skip


def retarget(reference: Reference, target: NewTarget, sources: Sources) -> Iterator[AnyChange]:
    """The chart by its address, with its version; ``--repo`` goes."""
    command, chart = reference.details["command"], reference.details["chart"]
    assert isinstance(command, _Command) and isinstance(chart, _Word)  # noqa: S101 - made above
    version, repo = command.flag("--version"), command.flag("--repo")
    address = target.address if target.is_oci else target.name
    text = address if version is not None else f"{address} --version {target.version}"
    yield _replace(command, chart.node, _like(chart.raw, text) if version is not None else text)
    if version is not None:
        shown = f"--version={target.version}" if version.raw.startswith("--") else _like(version.raw, target.version)
        yield _replace(command, version.node, shown)
    if repo is not None:
        yield _remove(command, "--repo", repo)


def _like(raw: str, text: str) -> str:
    """The new word in the quotes of the old one."""
    return f"{raw[0]}{text}{raw[0]}" if raw[:1] in ("'", '"') and raw[-1:] == raw[:1] else text


def _replace(command: _Command, node: Node, text: str) -> TextChange:
    return TextChange(command.path, Splice(command.syntax.start(node), command.syntax.end(node), text))


def _remove(command: _Command, name: str, word: _Word) -> TextChange:
    """Take out a flag and its value; a line of its own goes with its continuation."""
    text = command.syntax.text
    start, end = command.syntax.start(word.node), command.syntax.end(word.node)
    if not word.raw.startswith("--"):
        start = text.rindex(name, 0, start)
    begin = len(text[:start].rstrip(" \t"))
    if text[:begin].endswith("\\\n") and text[end : end + 3].lstrip(" ").startswith("\\"):
        begin, end = start, end + re.match(r"[ \t]*\\\n[ \t]*", text[end:]).end()  # type: ignore[union-attr]
    return TextChange(command.path, Splice(begin, end, ""))


def write_pairs(values: Values, changes: PairChanges, source: Source) -> Iterator[AnyChange]:
    """Each ``--set`` argument is written anew where one of its pairs changed; new ones follow."""
    check_kept(values, changes)
    _check_plain([*changes.changed.values(), *changes.added], values)
    command, places = values.details["command"], values.details["places"]
    assert isinstance(command, _Command) and isinstance(places, list)  # noqa: S101 - made above
    touched = {places[index] for index in (*changes.changed, *changes.removed)}
    for number in sorted(touched):
        name, word = command.flags[number]
        kept = [
            changes.changed.get(pair.index, pair)
            for pair, place in zip(values.pairs, places, strict=True)
            if place == number and pair.index not in changes.removed
        ]
        yield _rewritten(command, name, word, kept, values) if kept else _remove(command, name, word)
    if changes.added:
        last = max((command.syntax.end(command.flags[number][1].node) for number in places), default=None)
        chart = values.details.get("chart")
        if last is None:
            assert isinstance(chart, _Word)  # noqa: S101 - a new layer has it
            last = command.syntax.end(chart.node)
        yield TextChange(command.path, Splice(last, last, _new(command, changes.added)))


def _check_plain(pairs: Sequence[Pair], values: Values) -> None:
    """A script of several lines does not belong on a command line, and make takes a dollar for its own."""
    for pair in pairs:
        if "\n" in pair.value or (_MAKE.search(values.file) and "$" in pair.value):
            raise EditRefused(
                f"{pair.name} needs a text that a command line cannot hold", file=values.file, line=values.line,
                help="Put the values of this release into a file (-f), then run again.",
            )  # fmt: skip


def _rewritten(command: _Command, name: str, word: _Word, pairs: Sequence[Pair], values: Values) -> TextChange:
    if word.text is None:
        return _renamed(command, word, pairs, values)
    text = ",".join(f"{pair.name}={pair.value}" for pair in pairs)
    quoted = shlex.quote(text)
    return _replace(command, word.node, f"{name}={quoted}" if word.raw.startswith("--") else quoted)


def _renamed(command: _Command, word: _Word, pairs: Sequence[Pair], values: Values) -> TextChange:
    """An argument with an expansion in it: only the names change, in the text as it stands."""
    raw = word.raw
    for pair in pairs:
        old = next(one for one in values.pairs if one.index == pair.index or one is pair)
        raw = raw.replace(f"{old.name}=", f"{pair.name}=", 1)
    return _replace(command, word.node, raw)


def _new(command: _Command, pairs: Sequence[Pair]) -> str:
    """New flags, each on a line of its own where the command has several lines."""
    lines = "\\\n" in command.syntax.of(command.node)
    indent = re.search(r"\\\n([ \t]+)", command.syntax.of(command.node))
    gap = f" \\\n{indent[1]}" if lines and indent else " "
    words = [("--set-string" if pair.string else "--set", shlex.quote(f"{pair.name}={pair.value}")) for pair in pairs]
    return "".join(f"{gap}{flag} {word}" for flag, word in words)
