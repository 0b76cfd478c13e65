"""What a shell script needs: the programs it calls, the files it runs or reads into itself, the paths it names.

This is no shell. It reads words where a command can stand and knows quotes, comments and here-documents
well enough not to take text for programs; what it cannot tell it leaves out (POSIX shell, 2.9 and 2.10).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

SHELLS = frozenset({"sh", "bash", "ash", "dash", "zsh", "ksh"})
_MOST_TEXT = 256 * 1024
_HERE = re.compile(r"<<-?\s*(['\"]?)(?P<word>[A-Za-z_]\w*)\1")
_SPLIT = re.compile(r"&&|\|\||[;|&(){}`\n]|\$\(")
_BEFORE = frozenset("if then else elif while until do ! exec time command nohup sudo eval trap".split())
_ASSIGNMENT = re.compile(r"[A-Za-z_]\w*(?:\[[^\]]*\])?\+?=")
_EXPANSION = re.compile(r"\$\{[^{}()`]*\}")
_WORD = re.compile(r"[A-Za-z0-9_./+-]+\Z")
_PATH = re.compile(r"(?<![\w.:/}$-])/[A-Za-z0-9_][\w./+-]*")
_QUOTED = re.compile(r"'[^']*'|\"(?:\\.|[^\"\\])*\"", re.DOTALL)
_COMMENT = re.compile(r"(?:^|(?<=[\s;]))#.*", re.MULTILINE)
_FUNCTION = re.compile(r"(?:^|\n|;)\s*(?:function\s+)?([A-Za-z_][\w-]*)\s*\(\)")


@dataclass(frozen=True, slots=True)
class Script:
    """The needs of a script, each in the order of first use."""

    programs: tuple[str, ...] = ()
    """Words at the place of a command: ``redis-cli``, ``/opt/x/run.sh``."""
    sourced: tuple[str, ...] = ()
    """Files read with ``.`` or ``source``."""
    paths: tuple[str, ...] = ()
    """Every absolute path it names, those above included."""


def read_script(source: str) -> Script:
    """Read a script; more than 256 KiB are not looked at."""
    source = _without_here_documents(source[:_MOST_TEXT])
    bare = _COMMENT.sub("", source)
    own = set(_FUNCTION.findall(bare))
    programs, sourced = [], []
    for words in _commands(_QUOTED.sub(_plain, bare)):
        if words[0] in (".", "source"):
            sourced += words[1:2]
        elif words[0] not in own:
            programs.append(words[0])
    paths = _PATH.findall(bare)
    return Script(_once(programs), _once(sourced), _once(path.rstrip("/.") for path in paths))


def inline_script(words: tuple[str, ...]) -> str | None:
    """The script of ``sh -ec '...'``; None where a shell runs a file or no shell is called."""
    if not words or words[0].rpartition("/")[2] not in SHELLS:
        return None
    for index, word in enumerate(words[1:], 1):
        if word.startswith("-") and not word.startswith("--") and "c" in word:
            return words[index + 1] if index + 1 < len(words) else None
        if not word.startswith(("-", "+")):
            return None
    return None


def script_file(words: tuple[str, ...]) -> str | None:
    """The file that a shell is given to run: ``/bin/bash /scripts/setup.sh``."""
    if not words or words[0].rpartition("/")[2] not in SHELLS or inline_script(words) is not None:
        return None
    return next((word for word in words[1:] if not word.startswith("-")), None)


def _plain(quoted: re.Match[str]) -> str:
    """A quoted word without blanks stays a word; longer text is no program."""
    inner = quoted[0][1:-1]
    return inner if _WORD.match(inner) else " '' "


def _commands(source: str) -> Iterator[list[str]]:
    # ``${host}`` is a word, not a command in braces; one level in another is found by the second pass.
    source = _EXPANSION.sub("$_", _EXPANSION.sub("$_", source.replace("\\\n", " ")))
    for part in _SPLIT.split(source):
        words = part.split()
        while words and (words[0] in _BEFORE or _ASSIGNMENT.match(words[0])):
            words.pop(0)
        if (
            words
            and words[0] not in ("case", "for", "in", "esac", "fi", "done", "local", "export")
            and _WORD.match(words[0])
        ):
            yield words


def _without_here_documents(source: str) -> str:
    lines, end = [], None
    for line in source.split("\n"):
        if end is not None:
            end = None if line.strip() == end else end
            continue
        lines.append(line)
        found = _HERE.search(line)
        end = found["word"] if found else None
    return "\n".join(lines)


def _once(words: Iterator[str] | list[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(words))
