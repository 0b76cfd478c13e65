"""Read one build definition of an image: ``image/<name>/<distribution>/<line>.yaml`` of the catalog."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from chartlift.catalog.facts import Facts, read_facts
from chartlift.catalog.records import Definition, WritablePath
from chartlift.catalog.tags import Version, parse_tag
from chartlift.images.reference import is_tag

_SHELLS = frozenset("bash bash-static busybox busybox-binsh busybox-static dash mksh zsh".split())
_SHELL_PATHS = frozenset({"bin/sh", "usr/bin/sh", "bin/bash", "usr/bin/bash", "bin/ash"})
_KEPT = _SHELLS | frozenset(
    "apk-tools apt bind-tools bind9-dnsutils ca-certificates ca-certificates-bundle coreutils curl diffutils dpkg "
    "dumb-init findutils gawk gettext gettext-base git gosu grep gzip hostname iproute2 iptables iputils-ping jq kmod "
    "less libnss-wrapper locales mawk mount netcat-openbsd nfs-common numactl openssh-client openssl perl perl-base "
    "procps procps-ng psmisc rsync sed su-exec tar tini tzdata unzip util-linux wget xz-utils".split()
)
"""Packages that decide what a command or a script can use."""
_CHOWN = re.compile(r"^\s*chown\s+(?:-R\s+)?(\d{1,9}):(\d{1,9})\s+(/[\w./-]*\w)\s*$", re.ASCII | re.MULTILINE)
_CONSTRAINT = re.compile(r"[=<>~@]")
_KINDS = frozenset({"directory", "emptyfile", "file"})


@dataclass(frozen=True, slots=True)
class Read:
    """A definition, and the images (``name:tag``) that are copied into it as a whole."""

    definition: Definition
    copies: tuple[str, ...]


def read_definition(file: Path, root: Path, tools: frozenset[str] = frozenset()) -> Read:
    """Read a definition under the catalog's ``root``; ``tools`` are further packages to keep.

    Errors (``ChartliftError``): the file is none, it states no tags, or something has the wrong type.
    """
    facts = read_facts(file, root)
    accounts, dates, contents = facts.inside("accounts"), facts.inside("dates"), facts.inside("contents")
    user, uid, gid = _run_as(accounts)
    tags = _tags(facts)
    packages = _packages(contents)
    definition = Definition(
        file=facts.file,
        tags=tags,
        variant=facts.required("variant"),
        distribution=file.parent.name,
        name=facts.line("name"),
        image=_image(facts, file),
        flavour=facts.text("flavor") or None,
        version=_version(tags, facts),
        platforms=facts.texts("platforms"),
        user=user,
        uid=uid,
        gid=gid,
        entrypoint=facts.texts("entrypoint"),
        cmd=facts.texts("cmd"),
        ports=facts.texts("ports"),
        env=facts.table("environment"),
        workdir=facts.text("work-dir"),
        writable=_writable(facts, contents, uid),
        volumes=facts.texts("volumes"),
        packages=tuple(sorted(packages & (_KEPT | tools))),
        has_shell=bool(packages & _SHELLS) or not _SHELL_PATHS.isdisjoint(_placed(facts, contents)),
        released=dates.day("release"),
        end_of_life=dates.day("end-of-life"),
    )
    return Read(definition, tuple(_copies(contents)))


def inherit(definition: Definition, copied: Definition) -> Definition:
    """What a definition has through an image that is copied into it as a whole."""
    packages = tuple(sorted({*definition.packages, *copied.packages}))
    return replace(definition, packages=packages, has_shell=definition.has_shell or copied.has_shell)


def _image(facts: Facts, file: Path) -> str:
    name = facts.required("image").rpartition("/")[2]
    if name != file.parent.parent.name:
        facts.refuse("image", f"{name} does not fit the folder {file.parent.parent.name}")
    return name


def _tags(facts: Facts) -> tuple[str, ...]:
    tags = facts.texts("tags") or facts.refuse("tags", "is missing")
    for tag in tags:
        if not is_tag(tag):
            facts.refuse("tags", f"{tag!r} is no tag")
    return tags


def _version(tags: tuple[str, ...], facts: Facts) -> str | None:
    """The longest version of the tags; a commit, or the definition's own word, where no tag has one."""
    parsed = [parse_tag(tag) for tag in tags]
    versions = [(len(tag.version.parts), tag.release or "") for tag in parsed if tag.version is not None]
    if versions:
        return max(versions)[1].lstrip("vV")
    commit = next((tag.release for tag in parsed if tag.release), None)
    stated = facts.inside("vars").text("SEMVER_VERSION")
    return commit or (stated if stated and Version.parse(stated) else None)


def _run_as(accounts: Facts) -> tuple[str | None, int | None, int | None]:
    """Name, user id and group id that the image runs as; ``run-as`` is a name or a number."""
    run_as = accounts.text("run-as")
    if run_as is None:
        return None, None, None
    for user in accounts.each("users"):
        uid = user.number("uid")
        if run_as in (user.text("name"), str(uid)):
            return user.text("name"), uid, user.number("gid")
    # A number that no account has runs with group 0 (OCI image specification, config.User).
    number = 0 if run_as == "root" else int(run_as) if run_as.isascii() and run_as.isdigit() else None
    return run_as, number, None if number is None else 0


def _packages(contents: Facts) -> frozenset[str]:
    """Names without versions; ``!name`` only keeps a dependency from pulling a package in."""
    listed = contents.texts("packages")
    return frozenset(_CONSTRAINT.split(name)[0] for name in listed if not name.startswith("!"))


def _placed(facts: Facts, contents: Facts) -> Iterator[str]:
    """Paths, without the leading slash, that are put into the image other than by a package."""
    for entry in facts.each("paths"):
        if entry.text("type") != "delete":
            yield entry.required("path").lstrip("/")
    for artifact in contents.each("artifacts"):
        yield from artifact.texts("includes")
    for _, output in _outputs(contents):
        yield output.required("target").lstrip("/")


def _copies(contents: Facts) -> Iterator[str]:
    for artifact in contents.each("artifacts"):
        if "includes" not in artifact.data or "**" in artifact.texts("includes"):
            yield artifact.required("name").partition("@")[0].rpartition("/")[2]


def _outputs(contents: Facts) -> Iterator[tuple[Facts, Facts]]:
    for build in contents.each("builds"):
        for output in build.each("outputs"):
            yield build, output


def _writable(facts: Facts, contents: Facts, uid: int | None) -> tuple[WritablePath, ...]:
    """Paths of the image's own user; root may write everywhere, so none are listed for it."""
    if not uid:
        return ()
    stated = [entry for entry in facts.each("paths") if entry.text("type") in _KINDS] + contents.each("files")
    found = [_owned(entry, "path") for entry in stated]
    for build, output in _outputs(contents):
        found.append(_owned(output, "target"))
        if output.text("target") == "/" and output.data.get("diff") is True:
            found += _chowned(build)
    by_path = {owned.path: owned for owned in found if owned.uid == uid}
    return tuple(by_path[path] for path in sorted(by_path))


def _owned(entry: Facts, key: str) -> WritablePath:
    uid, gid = entry.number("uid") or 0, entry.number("gid") or 0
    return WritablePath(entry.required(key), uid, gid, entry.text("mode"))


def _chowned(build: Facts) -> Iterator[WritablePath]:
    """Paths that a script gives away in place: nginx has its cache that way."""
    for step in build.each("pipeline"):
        for uid, gid, path in _CHOWN.findall(step.text("runs") or ""):
            yield WritablePath(path, int(uid), int(gid))
