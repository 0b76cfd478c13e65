"""Command lines in documents: found, and parsed as the command would, without running them."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator

import click

from chartlift.cli.root import COMMANDS, cli

_BLOCK = re.compile(r"^( *)```(\w*)\n(.*?)^\1```", re.MULTILINE | re.DOTALL)
_INLINE = re.compile(r"`(chartlift [^`]+)`")
_CALL = re.compile(rf"(?:^|[\s/(]|helm )(chartlift (?:{'|'.join(COMMANDS)})\b.*)")
_ENDS = frozenset({"|", "||", "&&", ";", ">", ">>", "&", ")", "<"})


def blocks(text: str, *languages: str) -> Iterator[str]:
    """The code blocks of a Markdown text that are of these languages."""
    for found in _BLOCK.finditer(text):
        if found[2] in languages:
            yield found[3]


def command_lines(text: str) -> list[str]:
    """Every ``chartlift ...`` of a Markdown text: in blocks that hold commands, and in running text."""
    code = "\n".join(blocks(text, "console", "bash", "sh", "yaml")).replace("\\\n", " ")
    found = [match[1] for line in code.splitlines() if (match := _CALL.search(line))]
    prose = _BLOCK.sub("", text)
    return found + [one for one in _INLINE.findall(prose) if _is_whole(one)]


def _is_whole(line: str) -> bool:
    """Not only the command's name, and nothing left out."""
    return len(line.split()) > 2 and line.split()[1] in COMMANDS and "..." not in line


def words_of(line: str) -> list[str]:
    """The words of one command, up to what the shell makes of the rest."""
    lexer = shlex.shlex(line, posix=True, punctuation_chars=True)
    lexer.whitespace_split = True
    words: list[str] = []
    for word in lexer:
        if word in _ENDS:
            break
        words.append(word)
    return words


def parse(words: list[str]) -> click.Context:
    """Parse ``["chartlift", "scan", ...]``; click's own error where an option or argument is wrong."""
    command: click.Command = cli
    # The settings of the real one: a command keeps the help option that it was first asked for.
    context = click.Context(cli, info_name="chartlift", **cli.context_settings)
    rest = words[1:]
    while isinstance(command, click.Group):
        name, *rest = rest
        found = command.get_command(context, name)
        assert found is not None, f"no command {name}"
        if isinstance(found, click.Group):
            context = click.Context(found, parent=context, info_name=name)
        command = found
    return command.make_context(command.name, rest, parent=context)
