"""Data and files: where the image looks for its data, whose files they are, where it can write.

A server that does not find its data directory starts empty and looks well, and one that finds files of
another user may refuse them (shared notes, rows 4 and 5).
"""

from __future__ import annotations

from collections.abc import Iterator

from chartlift.catalog.records import WritablePath
from chartlift.records import Finding, Level
from chartlift.verify.fit.found import found, some
from chartlift.verify.fit.subject import Subject

_LOW_PORT = 1024


def check_data(subject: Subject) -> Iterator[Finding]:
    """Rule ``data-directory-moved``: the volume is where only the old image looks for its data."""
    directory = subject.entry.directory if subject.entry is not None else None
    if directory is None or subject.mapping or subject.container.key != "containers":
        return
    mount = subject.mount_at(directory.source)
    if mount is None or mount.kind != "claim":
        return
    at_target = subject.mount_at(directory.target)
    if at_target is not None and at_target.volume == mount.volume:
        return
    container = subject.container
    told = [*container.command, *container.args, *container.env.values()]
    if any(mount.path in word for word in told):
        return
    message = (
        f"the volume {mount.volume} is at {mount.path} and the data in {directory.source}; "
        f"the image looks in {directory.target} and would start empty"
    )
    help_line = (
        f"Tell it {directory.source} by its own variable or argument, or mount the volume so that the data is there."
    )
    yield found("data-directory-moved", "error", subject, "volumeMounts", message, help_line)


def check_owner(subject: Subject) -> Iterator[Finding]:
    """Rule ``volume-owner-changed``: files on a volume belong to the user that ran before."""
    before = subject.before
    claims = [mount.path for mount in subject.mounts if mount.kind == "claim"]
    if before is None or subject.mapping or not claims or subject.container.key != "containers":
        return
    old, new = before.user, subject.container.user
    new = new if new is not None else subject.definition.uid
    if old is None or new is None or old == new or new == 0:
        return
    group = subject.container.pod.get("securityContext")
    fs_group = group.get("fsGroup") if isinstance(group, dict) else None
    cure = f"fsGroup {fs_group} gives the group access to most files; " if fs_group else "Set fsGroup; "
    message = f"the files in {some(claims)} belong to user {old}, and it runs as {new}"
    help_line = f"{cure}where the software checks the owner, chown the volume once, or run it as {old}."
    stores = subject.entry is not None and subject.entry.data
    level: Level = "error" if stores or not fs_group else "warning"
    yield found("volume-owner-changed", level, subject, "securityContext.runAsUser", message, help_line)


def check_writing(subject: Subject) -> Iterator[Finding]:
    """Rule ``path-not-writable``: directories of the image itself, for another user or on a read-only root.

    Only where the image's own start runs: what a command writes to is the command's affair.
    """
    container, definition = subject.container, subject.definition
    if subject.mapping or container.command or container.key != "containers" or _is_told(subject):
        return
    user = container.user
    read_only = container.security("readOnlyRootFilesystem") is True
    other = user is not None and user not in (0, definition.uid)
    if not read_only and not other:
        return
    owned = [one for one in definition.writable if read_only or not _is_open(one)]
    bare = sorted({p.path for p in owned if subject.mount_at(p.path) is None and not _is_program(p.path)})
    bare = [path for path in bare if not any(mount.path.startswith(path) for mount in subject.mounts)]
    if not bare:
        return
    why = (
        "the root file system is read-only" if read_only else f"they belong to {definition.uid}, and it runs as {user}"
    )
    cure = (
        "Mount an emptyDir at each that it writes to" + ("" if read_only else f", or run it as {definition.uid}") + "."
    )
    message = f"the image keeps {some(bare)} for writing: {why}"
    yield found("path-not-writable", "warning", subject, "volumeMounts", message, cure)


def _is_told(subject: Subject) -> bool:
    """An argument names a place on a volume: the program is told where its files are."""
    paths = (word.rpartition("=")[2] for word in subject.container.args)
    return any(path.startswith("/") and subject.mount_at(path) is not None for path in paths)


def _is_open(path: WritablePath) -> bool:
    """Everybody may write there: ``/tmp`` with mode 1777."""
    return (path.mode or "")[-1:] in ("2", "3", "6", "7")


def _is_program(path: str) -> bool:
    """Programs, configuration and pages that merely belong to the user are not there to be written."""
    return path.startswith(("/usr/", "/bin/", "/sbin/", "/lib", "/app", "/opt/", "/etc/", "/var/www")) or path == "/"


def check_ports(subject: Subject) -> Iterator[Finding]:
    """Rule ``privileged-port``: only root, or a container with the capability, binds a port below 1024."""
    container = subject.container
    user = container.user if container.user is not None else subject.definition.uid
    low = [str(port) for port in container.ports if port < _LOW_PORT]
    if not low or user in (0, None) or _may_bind(subject):
        return
    before = subject.before
    if before is not None and before.user == user and before.ports == container.ports:
        return
    message = f"port {', '.join(low)} is below {_LOW_PORT}, and it runs as user {user}"
    help_line = "Use the image's own port as containerPort and keep the Service's port, or allow it by the sysctl "
    help_line += "net.ipv4.ip_unprivileged_port_start (many container runtimes do so by default)."
    yield found("privileged-port", "warning", subject, "ports", message, help_line)


def _may_bind(subject: Subject) -> bool:
    capabilities = subject.container.security("capabilities")
    added = capabilities.get("add") if isinstance(capabilities, dict) else None
    sysctls = subject.container.security("sysctls")
    named = str(added or "") + str(sysctls or "")
    return "NET_BIND_SERVICE" in named or "ip_unprivileged_port_start" in named


def check_collation(subject: Subject) -> Iterator[Finding]:
    """Rule ``collation-changed``: a database's indexes over text were sorted by another C library."""
    claims = [mount for mount in subject.mounts if mount.kind == "claim"]
    if subject.entry is None or not subject.entry.collation or subject.mapping or not claims:
        return
    was = subject.source.tag if subject.source is not None else ""
    now = subject.definition.distribution
    message = f"text sorts by {now} now ({was or 'no tag'} before): indexes over text may be wrong"
    help_line = (
        "After the first start: REINDEX DATABASE and ALTER DATABASE ... REFRESH COLLATION VERSION in each database."
    )
    yield found("collation-changed", "warning", subject, "image", message, help_line)


def check_platform(subject: Subject) -> Iterator[Finding]:
    """Rule ``platform-missing``: the pods are bound to machines that the image is not built for."""
    selector = subject.container.pod.get("nodeSelector")
    wanted = selector.get("kubernetes.io/arch") if isinstance(selector, dict) else None
    platforms = subject.definition.platforms
    if not isinstance(wanted, str) or not platforms or any(p.split("/")[1:2] == [wanted] for p in platforms):
        return
    message = f"nodeSelector asks for {wanted}, and the image is built for {', '.join(platforms)} only"
    yield found(
        "platform-missing", "error", subject, "image", message, "Run it on another node pool, or keep the image."
    )
