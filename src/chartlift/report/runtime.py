"""Sections of the Markdown report on what runs: containers on their new images, Pod Security, artefacts."""

from __future__ import annotations

from collections.abc import Iterator

from chartlift.records import ChartRecord, ContainerFit, Result
from chartlift.report.markup import code, fold, plain, table

_WORDS = {
    "breaks": "a fact speaks against it",
    "unknown": "too little is known",
    "look": "a person should look",
    "fits": "nothing known speaks against it",
}
_ORDER = tuple(_WORDS)
_PROFILES = ("privileged", "baseline", "restricted")


def runtime_lines(result: Result) -> Iterator[str]:
    """Containers by verdict, and Pod Security Standards before and after; nothing where nothing was rendered."""
    judged = [(chart, one) for chart in result.charts for one in chart.verification.containers]
    secured = [chart for chart in result.charts if chart.verification.pod_security]
    if not judged and not secured:
        return
    yield "## Containers on their new images"
    yield ""
    if judged:
        counts = {word: sum(one.verdict == word for _, one in judged) for word in _ORDER}
        yield "; ".join(f"{count} {word} ({_WORDS[word]})" for word, count in counts.items() if count) + "."
        yield ""
        yield from fold(f"{len(judged)} containers", _containers(judged))
    yield from _pod_security(secured)


def _containers(judged: list[tuple[ChartRecord, ContainerFit]]) -> Iterator[str]:
    ranked = sorted(judged, key=lambda item: (_ORDER.index(item[1].verdict), item[1].object, item[1].container))
    rows = [
        (one.verdict, code(f"{one.object} {one.container}"), code(one.image.partition("@")[0]), plain(one.reason))
        for _, one in ranked
    ]
    yield from table(("Verdict", "Container", "Image", "Why"), rows)


def _pod_security(charts: list[ChartRecord]) -> Iterator[str]:
    if not charts:
        return
    rows = [(code(chart.path), *(_both(chart, profile) for profile in _PROFILES)) for chart in charts]
    yield "Workloads by Pod Security Standard, before -> after:"
    yield ""
    yield from table(("Chart", *_PROFILES), rows)
    reasons = [row for chart in charts for row in _reasons(chart)]
    if reasons:
        yield from fold("What keeps them out of `restricted`", table(("Workload", "Before", "After", "Why"), reasons))


def _both(chart: ChartRecord, profile: str) -> str:
    sides = (chart.verification.pod_security.get(side) for side in ("before", "after"))
    counts = [side.get(profile, 0) if isinstance(side, dict) else 0 for side in sides]
    return f"{counts[0]} -> {counts[1]}"


def _reasons(chart: ChartRecord) -> Iterator[tuple[str, ...]]:
    listed = chart.verification.pod_security.get("workloads")
    for one in listed if isinstance(listed, list) else []:
        yield code(one["object"]), one["before"] or "", one["after"], plain("; ".join(one["why"]))


def supply_chain_lines(result: Result) -> Iterator[str]:
    """How to check each artefact that the result pulls, and what of it is free."""
    known = result.supply_chain
    if known is None or not result.artefacts:
        return
    yield "## Supply chain"
    yield ""
    yield f"Free: {plain(known.free)}. Paid: {plain(known.paid)}."
    yield ""
    digests = sum(bool(one.digest) for one in result.artefacts)
    yield (
        f"{len(result.artefacts)} artefacts, {digests} of them with the digest that the catalog states. "
        "Nothing was pulled or verified by this run."
    )
    yield ""
    yield from fold("Commands that verify them", _commands(result))


def _commands(result: Result) -> Iterator[str]:
    known = result.supply_chain
    if known is None:
        return
    yield "```sh"
    yield known.login
    for artefact in result.artefacts:
        name = f"{artefact.at}@{artefact.digest}" if artefact.digest else artefact.at
        yield from (line.replace("{artefact}", name) for line in known.verify)
    yield "```"
    yield ""
    yield f"Public key: {plain(known.key)}"
    yield ""
