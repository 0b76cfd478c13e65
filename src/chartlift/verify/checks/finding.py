"""How checks name the place of what they found."""

from __future__ import annotations

from chartlift.records import Finding, Level, Place
from chartlift.verify.objects import RenderedObject


def finding(rule: str, level: Level, item: RenderedObject, path: str, message: str, help_line: str) -> Finding:
    """A finding at a field of a rendered object: the template's file, ``StatefulSet/x: spec.selector``."""
    place = f"{item.identity}: {path}" if path else str(item.identity)
    return Finding(rule, level, message, Place(item.template, None, place), help_line)
