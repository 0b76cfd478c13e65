"""Commands, probes and hooks against the programs of the image.

Hardened runtime images mostly have no shell (367 of 1,288 definitions list one); a probe that needs one
fails, and a pod whose probe fails is restarted for ever (shared notes, row 9).
"""

from __future__ import annotations

from collections.abc import Iterator

from chartlift.records import Finding, Level
from chartlift.verify.fit.found import found, some
from chartlift.verify.fit.script import SHELLS
from chartlift.verify.fit.subject import Subject

_OTHER_IMAGE = "Set a command that the image has, take a flavour of the image that has it (compat), or keep the image."
_NO_SCRIPT = "Replace the command or probe by values of the chart, or keep the image for this container."


def check_programs(subject: Subject) -> Iterator[Finding]:
    """Rules ``shell-missing``, ``vendor-script-missing`` and ``program-missing``."""
    for where, words, script in subject.scripts():
        called = list(words[:1]) + list(script.programs)
        if not subject.definition.has_shell and words and _base(words[0]) in SHELLS:
            yield _no_shell(subject, where, words[0])
            continue
        gone = [path for path in (*called, *script.sourced) if _is_vendors(subject, path)]
        if gone:
            yield _no_script(subject, where, list(dict.fromkeys(gone)))
            continue
        missing = [program for program in called if _is_missing(subject, program)]
        if missing:
            yield _no_program(subject, where, list(dict.fromkeys(missing)), bool(words) and words[0] in missing)


def check_start(subject: Subject) -> Iterator[Finding]:
    """Rule ``nothing-to-start``: without a command the image's own entrypoint runs, and it has none."""
    container, definition = subject.container, subject.definition
    if container.command or definition.entrypoint:
        return
    if not container.args and not definition.cmd:
        why = "it has neither entrypoint nor command, and the chart gives none"
    elif container.args and container.args[0].startswith("-"):
        why = f"it has no entrypoint, so {container.args[0]} would be the program to run"
    else:
        return
    yield found("nothing-to-start", "error", subject, "command", why, "Set the command that starts the program.")


def _base(word: str) -> str:
    return word.rpartition("/")[2]


def _is_vendors(subject: Subject, path: str) -> bool:
    return path in subject.vendor_programs or subject.is_vendor_path(path)


def _is_missing(subject: Subject, program: str) -> bool:
    """No package of the image brings it, and no volume does."""
    if program.startswith("/") and subject.mount_at(program) is not None:
        return False
    standard = "/" not in program or program.startswith(("/bin/", "/usr/bin/", "/sbin/", "/usr/sbin/"))
    return standard and subject.programs.is_missing(_base(program), subject.definition)


def _no_shell(subject: Subject, where: str, shell: str) -> Finding:
    message = f"{where} calls {shell}, and the image's definition lists no shell"
    return found("shell-missing", "error", subject, where.partition(" ")[0], message, _OTHER_IMAGE)


def _no_script(subject: Subject, where: str, paths: list[str]) -> Finding:
    message = f"{where} runs {some(paths)}, which only the old vendor's images have"
    return found("vendor-script-missing", "error", subject, where.partition(" ")[0], message, _NO_SCRIPT)


def _no_program(subject: Subject, where: str, programs: list[str], itself: bool) -> Finding:
    """Executed by the kubelet itself it fails for sure; in a script it may stand in a branch never taken."""
    message = f"{where} calls {some(programs)}, and the image's definition lists no package with it"
    level: Level = "error" if itself else "warning"
    return found("program-missing", level, subject, where.partition(" ")[0], message, _OTHER_IMAGE)
