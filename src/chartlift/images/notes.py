"""What a person should know about an image choice: findings, without the place the caller knows."""

from __future__ import annotations

from datetime import date, timedelta
from typing import NamedTuple

from chartlift.catalog.snapshot import Definition
from chartlift.images.mapping import ImageEntry
from chartlift.images.reference import ImageReference
from chartlift.images.select import Selection, Step, version_of
from chartlift.records import Level

_SOON = timedelta(days=180)
_FLOATING = frozenset({"", "latest", "stable", "edge", "main", "master", "nightly"})


class Note(NamedTuple):
    """A finding without its place."""

    rule: str
    level: Level
    message: str
    help: str


def note_source(reference: ImageReference, entry: ImageEntry | None) -> list[Note]:
    """What the source's tag leaves open. For an image with data that blocks: its version must be said."""
    if entry is not None and entry.ignore_version:
        return []
    level: Level = "error" if entry is not None and entry.data else "warning"
    help_line = "Check that the newest version is the one you want."
    if level == "error":
        help_line = "It stores data: set the tag to the version that runs now, then run again."
    if reference.tag in _FLOATING:
        said = f"the tag {reference.tag}" if reference.tag else "a digest only" if reference.digest else "no tag"
        return [
            Note("floating-tag", level, f"{reference.tagged} has {said}: it does not say which version runs", help_line)
        ]
    if version_of(reference.tag) is None:
        message = f"{reference.tagged}: no version can be read from the tag {reference.tag}"
        return [Note("image-version-unknown", level, message, help_line)]
    return []


def note_step(reference: ImageReference, target: str, step: Step, entry: ImageEntry | None) -> list[Note]:
    """What it means to go from the source's version to the target's."""
    data = entry is not None and entry.data
    one_by_one = " one major version at a time" if entry is not None and entry.stepwise else ""
    upgrade = f"Upgrade{one_by_one} by the software's own procedure, with a backup, before moving the image."
    if step == "major":
        level: Level = "error" if data else "warning"
        message = f"{reference.tagged} -> {target} crosses a major version"
        kept = "; it stores data, so it stays as it is" if data else ""
        return [Note("image-major-jump", level, message + kept, upgrade if data else "Read its release notes first.")]
    if step == "minor":
        level = "warning" if data else "note"
        message = f"{reference.tagged} -> {target} goes to a newer minor version: the catalog no longer has the old one"
        help_line = "Back up first; a downgrade may not be possible." if data else ""
        return [Note("image-minor-jump", level, message, help_line)]
    if step in ("minor-older", "major-older"):
        level = "error" if data or step == "major-older" else "warning"
        message = f"{reference.tagged} -> {target} goes back to an older version: the catalog has no newer one"
        return [Note("image-downgrade", level, message, "Wait for the catalog, or keep the image.")]
    if step == "patch-older":
        message = f"{reference.tagged} -> {target} goes back to an older patch release"
        return [Note("image-downgrade", "warning", message, "Check what the newer patch release fixed.")]
    return []


def note_definition(target: str, definition: Definition, entry: ImageEntry | None, today: str) -> list[Note]:
    """What the chosen definition itself brings; ``today`` is the date of the catalog (ISO), never a clock."""
    notes = list(_end_of_life(target, definition, today))
    if entry is not None and entry.note:
        notes.append(Note("image-note", "note", f"{target}: {entry.note}", ""))
    if entry is not None and entry.shell and not definition.has_shell:
        notes.append(
            Note(
                "image-no-shell",
                "warning",
                f"{target} has no shell, and {entry.vendor}'s charts run one in {entry.name}",
                "Look for commands, probes and hooks that call a shell.",
            )
        )
    return notes


def _end_of_life(target: str, definition: Definition, today: str) -> list[Note]:
    if not definition.end_of_life:
        return []
    end, now = date.fromisoformat(definition.end_of_life[:10]), date.fromisoformat(today[:10])
    help_line = "Plan the upgrade to a supported version; extended support after that day is a paid service."
    if end <= now:
        return [Note("image-end-of-life", "warning", f"{target} has had no support since {end}", help_line)]
    if end - now <= _SOON:
        return [Note("image-end-of-life", "note", f"{target} has no support after {end}", help_line)]
    return []


def note_contract(reference: ImageReference, target: str, entry: ImageEntry | None) -> list[Note]:
    """What only the vendor's own image has: start scripts, environment, data directory, user.

    A database that does not find its data directory starts empty and looks well.
    """
    if entry is None or not entry.vendor_contract:
        return []
    message = (
        f"{reference.tagged} -> {target}: start scripts, environment, paths or user differ, "
        "and no mapping of the chart bridges that"
    )
    help_line = (
        "It stays. Add a mapping of the chart; or set command, environment, mounts and user yourself and accept this."
    )
    return [Note("image-contract", "error", message, help_line)]


def note_libc(reference: ImageReference, target: str, entry: ImageEntry | None, distribution: str) -> list[Note]:
    """Alpine and Debian sort text differently: indexes of a database can be wrong after the move."""
    was = "alpine" if "alpine" in reference.tag else "debian"
    if entry is None or not entry.data or not reference.tag or distribution.startswith(was):
        return []
    message = (
        f"{reference.tagged} -> {target} changes the C library from {was} to {distribution}: text sorts differently"
    )
    return [Note("image-libc", "warning", message, "Rebuild indexes over text (REINDEX) after the move.")]


def note_flavour(reference: ImageReference, name: str, flavour: str) -> Note:
    """A flavour that was asked for in general and that this image does not come in."""
    message = f"{reference.tagged}: {name} does not come in the flavour {flavour}; the usual one is taken"
    return Note("image-flavour", "warning", message, "Check that this one fits your rules.")


def note_problem(reference: ImageReference, name: str, wanted: str, selection: Selection) -> Note:
    """Why nothing could be selected, and what there is."""
    available = ", ".join(selection.available[:12]) or "none"
    what = {
        "flavour": f"no flavour {wanted}",
        "platform": f"nothing for {wanted}",
        "distribution": f"nothing on {wanted}",
        "qualifier": "several images that differ in a part nobody chose",
        "tag": f"no tag {wanted}",
    }[selection.problem or "tag"]
    message = f"{reference.tagged}: the catalog has {what} of {name} (there is: {available})"
    return Note("image-not-in-catalog", "error", message, "Ask for one that exists, or keep the image.")


def note_unconfirmed(target: ImageReference) -> Note:
    """A paid flavour: nobody can see from outside whether it is there."""
    return Note(
        "image-not-confirmed",
        "warning",
        f"{target} is a paid flavour that the public catalog does not list: its existence was not checked",
        "It comes through your organisation's mirror: name that by --registry and --image-prefix and check the tag.",
    )


def hold_note(reference: ImageReference, why: str) -> Note:
    """An image that stays since the rendered containers would break on the hardened one."""
    message = f"{reference.tagged} stays: {why}"
    help_line = (
        "Change what breaks by values of the chart and run again, or accept the rule that is named to move it anyway."
    )
    return Note("image-held", "warning", message, help_line)
