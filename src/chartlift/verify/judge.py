"""From what the checks found to what a report says: merged over chains, foretold, accepted, scrubbed."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase

from chartlift.records import Finding
from chartlift.verify.fit.subject import FitKnowledge
from chartlift.verify.shown import Scrubber


@dataclass(frozen=True, slots=True)
class Explained:
    """Something that a mapping foretells, so that it does not block: rule, object (a pattern such as
    ``Service/*-headless``) and why it is right; ``file`` is a pattern too, ``words`` how the message begins."""

    rule: str
    object: str
    reason: str
    file: str = "*"
    words: str = ""

    def covers(self, finding: Finding) -> bool:
        found = (finding.place.path or "").partition(":")[0]
        if finding.rule != self.rule or not finding.message.startswith(self.words):
            return False
        return fnmatchcase(found, self.object) and fnmatchcase(finding.place.file, self.file)


@dataclass(frozen=True, slots=True)
class Terms:
    """What a verification is judged by. ``vendor_image``: is this reference one of the source vendor's?"""

    vendor_image: Callable[[str], bool]
    explained: Sequence[Explained] = ()
    accepted: Collection[str] = field(default_factory=frozenset)
    """Rule ids that the user acknowledged."""
    reported: Collection[str] = field(default_factory=frozenset)
    """Images of the vendor that stay, as the plan says with the reason."""
    fit: FitKnowledge | None = None

    def judge(self, finding: Finding, scrubber: Scrubber) -> Finding:
        """The finding as a report may print it, acknowledged if it was foretold or accepted."""
        reason = next((known.reason for known in self.explained if known.covers(finding)), None)
        message = scrubber.hide(finding.message)
        return replace(
            finding,
            message=f"{message}; seen to: {reason}" if reason else message,
            help="" if reason else finding.help,
            accepted=reason is not None or finding.rule in self.accepted,
        )


def merge_chains(found: Mapping[str, Iterable[Finding]]) -> Iterator[Finding]:
    """Each finding once, in the order met; one that not every chain has says which have it."""
    labels: dict[Finding, list[str]] = {}
    for label, findings in found.items():
        for finding in dict.fromkeys(findings):
            labels.setdefault(finding, []).append(label)
    for finding, names in labels.items():
        if len(names) == len(found):
            yield finding
        else:
            yield replace(finding, message=f"{finding.message} (with {', '.join(names)})")
