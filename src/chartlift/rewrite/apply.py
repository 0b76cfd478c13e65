"""Apply a plan to the texts of a chart: bytes in, bytes out, nothing written.

After YAML edits the text is read again as Helm reads it and must say what the plan said it would
(design, invariant 3); text that is no YAML is spliced by offsets, last first.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from chartlift.chart.files import FileTree
from chartlift.errors import BrokenInvariant
from chartlift.plan.files import FilePlan, Splice
from chartlift.yamltext.edit import apply_edits, same_yaml
from chartlift.yamltext.load import decode, read_yaml


def apply_plans(tree: FileTree, plans: Sequence[FilePlan]) -> Mapping[str, bytes | None]:
    """The files that change: path -> new bytes, or None where the file goes.

    Raises ``EditRefused`` with file and line where an edit cannot be made safely.
    """
    changed: dict[str, bytes | None] = {}
    for plan in plans:
        if plan.delete:
            changed[plan.path] = None
            continue
        before = tree.files[plan.path]
        after = rewrite_file(before, plan, tree.place(plan.path))
        if after != before:
            changed[plan.path] = after
    return changed


def rewrite_file(data: bytes, plan: FilePlan, file: str) -> bytes:
    """The new bytes of one file."""
    text = decode(data, file=file)
    if plan.edits:
        text = apply_edits(text, plan.edits, file=file)
        if not same_yaml(read_yaml(text, file=file), plan.expected):
            raise BrokenInvariant(f"{file}: the edited text does not say what was planned")
    return splice(text, plan.splices).encode("utf-8")


def splice(text: str, splices: Sequence[Splice]) -> str:
    """Replace spans of a text; overlapping spans are our bug."""
    end = len(text) + 1
    for piece in sorted(splices, reverse=True):
        if piece.end > end:
            raise BrokenInvariant(f"two edits overlap at offset {piece.start}")
        text = text[: piece.start] + piece.text + text[piece.end :]
        end = piece.start
    return text
