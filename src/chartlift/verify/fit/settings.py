"""Variables and paths that mean something to the old image only.

A variable that nobody reads any more fails silently: with it went replication, TLS or a login (shared
notes, row 3). Where a mapping of the chart speaks for the image, it says so itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from chartlift.records import Finding
from chartlift.verify.fit.found import found, some
from chartlift.verify.fit.subject import Subject

_FEATURE = re.compile(
    r"(?:^|_)(?:TLS|SSL|LDAP|AUTH|ACL|PASSWORD|REPLICATION|CLUSTER|REPLICA|SENTINEL|RAFT|SASL|AUDIT|PGAUDIT|"
    r"PRELOAD|PLUGINS?|MODULES|SECRET|KEYFILE|REPLICA_SET|ARBITER)(?:_|$)"
)
"""Words of variables that turn something on which people rely on."""
_DEEP = 4
"""Components, the empty one before the first slash included: ``/bitnami/apisix/conf`` says what is meant."""
_OFF = frozenset({"no", "false", "0", "off", "disabled", ""})


def check_environment(subject: Subject) -> Iterator[Finding]:
    """Rule ``environment-not-read``: variables that only the old image's start scripts read."""
    entry = subject.entry
    if entry is None or subject.mapping or subject.container.command:
        return
    unread = {name: value for name, value in subject.container.env.items() if entry.environment.is_read(name)}
    if not unread:
        return
    taken = subject.container.taken_env
    features = [n for n, value in unread.items() if _FEATURE.search(n) and (n in taken or value.lower() not in _OFF)]
    renames = [
        f"{name} is {entry.environment.renamed[name]} there" for name in unread if name in entry.environment.renamed
    ]
    message = f"it does not read {some(sorted(unread))}"
    if features:
        message += f"; what {some(sorted(features))} turned on would be off without a word"
    advice = f"{'; '.join(renames)}. " if renames else ""
    help_line = f"{advice}Set what the hardened image reads, or its configuration file, or keep the image."
    yield found("environment-not-read", "error" if features else "warning", subject, "env", message, help_line)


def check_arguments(subject: Subject) -> Iterator[Finding]:
    """Rule ``vendor-argument``: the program is told of a place that only the old image has.

    In Bitnami's images such places are often links to the volume, so here the data goes nowhere.
    """
    container = subject.container
    words = [word for run in (container.command, container.args) for word in run]
    told = [word for word in words if subject.is_vendor_path(word.rpartition("=")[2]) and "\n" not in word]
    if told and not any(word in path for path in _run_itself(subject) for word in told):
        message = f"it is told of {some(told)}, which only the old vendor's images have and no volume brings"
        help_line = "Set the argument to where the volume is, or mount the volume there, or keep the image."
        yield found("vendor-argument", "error", subject, "args", message, help_line)


def _run_itself(subject: Subject) -> set[str]:
    """What is executed or read in: another rule speaks of that."""
    return {path for _, words, script in subject.scripts() for path in (*words[:1], *script.programs, *script.sourced)}


def check_paths(subject: Subject) -> Iterator[Finding]:
    """Rule ``vendor-path``: places that only the old image looks at, named in scripts, variables or mounts."""
    if subject.mapping:
        return
    scripts = {path for _, _, script in subject.scripts() for path in script.paths if subject.is_vendor_path(path)}
    named = sorted(scripts - _run_itself(subject))
    env = [name for name, value in subject.container.env.items() if subject.is_vendor_path(value)]
    mounted = [] if _is_helper(subject) else sorted(_unnamed_mounts(subject))
    said = [f"a script names {some(named)}"] if named else []
    said += [f"{some(env)} point there"] if env else []
    said += [f"{some(mounted)} are mounted there"] if mounted else []
    if said:
        message = f"its software does not look below {' or '.join(subject.vendor_paths)} by itself: {'; '.join(said)}"
        help_line = (
            "Check that command, arguments or variables name each of these; else mount it where the image looks."
        )
        yield found("vendor-path", "warning", subject, "volumeMounts", message, help_line)


def _is_helper(subject: Subject) -> bool:
    """A shell that runs the chart's own scripts looks where those say."""
    return subject.entry is not None and subject.entry.kind == "helper"


def _unnamed_mounts(subject: Subject) -> Iterator[str]:
    """Mounts at places of the old vendor's that nothing names, neither whole nor by a directory above."""
    told = subject.told()
    for mount in subject.mounts:
        if mount.path.startswith(subject.vendor_paths):
            parts = mount.path.split("/")
            above = ["/".join(parts[:end]) for end in range(_DEEP, len(parts) + 1)] or [mount.path]
            if not any(path in told for path in above):
                yield mount.path


def check_transport(subject: Subject) -> Iterator[Finding]:
    """Rule ``mcp-transport``: a server that speaks to its standard input listens on no port."""
    transport = subject.entry.transport if subject.entry is not None else None
    if transport is None or transport.default != "stdio":
        return
    container = subject.container
    said = " ".join([*container.command, *container.args, *container.env, *container.env.values()]).lower()
    if any(word in said for word in ("http", "sse", "streamable")) or not container.ports:
        return
    serve = [*transport.command, *transport.args, *(f"{key}={value}" for key, value in transport.env.items())]
    port = f" (port {transport.port})" if transport.port else ""
    cure = f"Give it {' '.join(serve)}{port}." if serve else "The image's page names no other way: keep the image."
    message = f"it speaks to its standard input, while ports {', '.join(map(str, container.ports))} are declared"
    yield found("mcp-transport", "error", subject, "args", message, cure)
