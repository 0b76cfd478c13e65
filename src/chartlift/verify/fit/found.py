"""How the rules of fit name the place of what they found."""

from __future__ import annotations

from chartlift.records import Finding, Level
from chartlift.verify.checks.finding import finding
from chartlift.verify.fit.subject import Subject


def found(rule: str, level: Level, subject: Subject, below: str, message: str, help_line: str) -> Finding:
    """A finding at a field of a container: ``StatefulSet/db: containers[0].livenessProbe``."""
    container = subject.container
    where = f"{container.path}.{below}" if below else container.path
    said = f"container {container.name} of {container.item.identity} on {subject.image}: {message}"
    return finding(rule, level, container.item, where, said, help_line)


def some(names: list[str], most: int = 4) -> str:
    """A few names for a message, and how many more there are."""
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more
