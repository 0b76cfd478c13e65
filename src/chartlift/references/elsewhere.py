"""What other files of the repository say of objects that changed: host names, and labels that selectors match.

Nothing is rewritten: a name may mean another namespace or release. Labels are those of rendered pods, so selectors are
only looked for where charts were rendered before and after.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from chartlift.plan.names import NameChange
from chartlift.records import Finding, Place, PodLabels, Yaml, YamlPath
from chartlift.references.repository import TEXT_ENDINGS, YAML_ENDINGS, Repository
from chartlift.references.sources import Part, text_of

HOST = "host-mentioned-elsewhere"
SELECTOR = "selector-elsewhere"
_PROSE = (".md", ".txt", ".rst", ".adoc")
_COMMENT = re.compile(r"\s*(?:#|//|<!--)")
_SELECTORS = ("selector", "matchLabels", "podSelector", "labelSelector")
_MOST = 500


@dataclass(slots=True)
class Gone:
    """What a run took away, collected while it goes on."""

    services: dict[str, str] = field(default_factory=dict)
    """Old name of a Service -> the new one, empty where there is none."""
    pods: list[PodLabels] = field(default_factory=list)

    def take(self, release: str | None, names: Sequence[NameChange]) -> None:
        """Services that are called otherwise; without the release's name nothing can be looked for."""
        for one in names:
            if release and one.kind.lower() == "service" and "-" in release + one.suffix:
                self.services[release + one.suffix] = "" if one.target_suffix is None else release + one.target_suffix


def find_elsewhere(repository: Repository, gone: Gone, texts: Mapping[str, str]) -> list[Finding]:
    """Findings in all files, at the lines of before; what the run has changed is left out."""
    found: list[Finding] = []
    if gone.services:
        pattern = re.compile(
            rf"(?<![\w.-])(?P<name>{'|'.join(map(re.escape, sorted(gone.services)))})(?:-\d+)?(?![\w-])"
        )
        for path in repository.asked():
            if path.endswith(TEXT_ENDINGS) and not path.endswith(_PROSE):
                found += _hosts(path, repository.text(path), texts.get(path), pattern, gone.services)
    if gone.pods:
        for path in repository.asked():
            source = repository.try_read(path) if path.endswith(YAML_ENDINGS) and _selects(repository, path) else None
            for part in source.parts if source is not None else ():
                found += _selectors(part, gone.pods)
    return found[:_MOST]


def _hosts(
    path: str, text: str, new: str | None, pattern: re.Pattern[str], services: Mapping[str, str]
) -> Iterator[Finding]:
    after = None if new is None else set(new.split("\n"))
    if not any(name in text for name in services):
        return
    for number, line in enumerate(text.split("\n"), start=1):
        for name in dict.fromkeys(match["name"] for match in pattern.finditer(line)):
            if _COMMENT.match(line) is None and (after is None or line in after):
                now = services[name] or "no Service of the new chart"
                yield Finding(
                    HOST, "warning", f"names {name}, which is {now} now", Place(path, number),
                    "Change it if it means that Service, or keep the old name by an ExternalName Service for a time.",
                )  # fmt: skip


def _selects(repository: Repository, path: str) -> bool:
    text = repository.text(path)
    return not repository.in_chart(path) and any(word in text for word in _SELECTORS)


def _selectors(part: Part, pods: Sequence[PodLabels]) -> Iterator[Finding]:
    """Selectors of Kubernetes objects that matched a pod before and match none now."""
    if not part.kind or part.data.get("apiVersion") is None:
        return
    for path, labels in _label_maps(dict(part.data), ()):
        wanted = frozenset(labels.items())
        before = any(wanted <= pod for one in pods for pod in one.before)
        if before and not any(wanted <= pod for one in pods for pod in one.after):
            shown = ", ".join(f"{key}={value}" for key, value in sorted(labels.items()))
            yield Finding(
                SELECTOR, "warning", f"{part.kind} {part.name()} selects {shown}, which no pod has any more",
                Place(part.source.path, part.line(path)), "Change the labels to those that the new chart renders.",
            )  # fmt: skip


def _label_maps(data: Yaml, path: YamlPath) -> Iterator[tuple[YamlPath, dict[str, str]]]:
    if isinstance(data, list):
        for index, item in enumerate(data):
            yield from _label_maps(item, (*path, index))
    if not isinstance(data, dict):
        return
    for key, value in data.items():
        if key in _SELECTORS and isinstance(value, dict) and value and all(text_of(one) for one in value.values()):
            yield (*path, key), {name: text_of(one) for name, one in value.items()}
        else:
            yield from _label_maps(value, (*path, key))


def pods_of(found: Collection[PodLabels]) -> list[PodLabels]:
    """Only those where anything changed."""
    return [one for one in found if one.before - one.after]
