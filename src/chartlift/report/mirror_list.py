"""Everything that has to be in the mirror, as a file that a tool of the regclient project runs.

``regsync`` (https://github.com/regclient/regclient/blob/main/docs/regsync.md) copies what a YAML file
lists; ``regctl image copy`` does the same one by one. ``referrers`` and ``digestTags`` take the signatures
and attestations along, without which nothing can be verified in the mirror.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from pathlib import Path

from chartlift.errors import ChartliftError
from chartlift.records import Artefact, Result

_ENDINGS = "Give FILE the ending .yaml (for regsync) or .sh (regctl)."


def check_mirror_list(file: str) -> None:
    """Refuse an ending that says no form. Errors: ``ChartliftError``."""
    if Path(file).suffix not in (".yaml", ".yml", ".sh"):
        raise ChartliftError("this ending says no form of a mirror list", file=file, help=_ENDINGS)


def render_mirror_list(result: Result, file: str) -> str:
    """A regsync file for ``.yaml`` and ``.yml``, a script for ``.sh``; what is at home stays out of it."""
    check_mirror_list(file)
    artefacts = [one for one in result.artefacts if one.home != one.at]
    lines = _script(artefacts) if file.endswith(".sh") else _regsync(artefacts)
    return "\n".join(lines) + "\n"


def _regsync(artefacts: list[Artefact]) -> Iterator[str]:
    registries = sorted({reference.partition("/")[0] for one in artefacts for reference in (one.home, one.at)})
    yield "# regsync once -c THIS-FILE; log in first (docker login), or set the variables below."
    yield "version: 1"
    yield "creds:" if registries else "creds: []"
    for registry in registries:
        name = "".join(letter if letter.isalnum() else "_" for letter in registry).upper()
        yield f"  - registry: {registry}"
        yield f"    user: '{{{{env \"{name}_USER\"}}}}'"
        yield f"    pass: '{{{{env \"{name}_TOKEN\"}}}}'"
    yield "defaults:"
    yield "  referrers: true"
    yield "  digestTags: true"
    yield "sync:" if artefacts else "sync: []"
    for one in artefacts:
        yield f"  - source: {_pinned(one)}"
        yield f"    target: {one.at}"
        yield "    type: image"


def _script(artefacts: list[Artefact]) -> Iterator[str]:
    yield "#!/bin/sh"
    yield "# Log in first: regctl registry login REGISTRY"
    yield "set -eu"
    for one in artefacts:
        yield f"regctl image copy --referrers --digest-tags {shlex.quote(_pinned(one))} {shlex.quote(one.at)}"


def _pinned(artefact: Artefact) -> str:
    """What the values pin is what has to be copied, although the tag may have moved on."""
    return f"{artefact.home}@{artefact.digest}" if artefact.digest else artefact.home
