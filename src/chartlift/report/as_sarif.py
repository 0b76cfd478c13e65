"""Findings as SARIF 2.1.0, which GitHub, GitLab and Azure DevOps show beside the lines of a pull request.

Made for what GitHub takes (https://docs.github.com/en/code-security/code-scanning, "SARIF support"): one run,
a region for every location, 25,000 results at most, fingerprints that do not hang on line numbers.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from hashlib import sha256
from typing import Any
from urllib.parse import quote

from chartlift.records import ChartRecord, Finding, Place, Result

_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_MOST = 25_000
_ORDER = {"error": 0, "warning": 1, "note": 2}
_OBJECT = re.compile(r"[A-Z]\w*/")
"""Where a rendered object is named, ``StatefulSet/db: spec.selector``, the file is a template and in no repository."""


def render_sarif(result: Result) -> str:
    """One run as JSON, two spaces deep, ending in a newline; what blocks comes first."""
    found = sorted(_findings(result), key=lambda pair: _ORDER[pair[1].level])
    rules = sorted({finding.rule for _, finding in found})
    run = {
        "tool": {"driver": _driver(result, rules)},
        "columnKind": "unicodeCodePoints",
        "invocations": [_invocation(result, max(0, len(found) - _MOST))],
        "results": list(_results(found[:_MOST], {rule: index for index, rule in enumerate(rules)})),
    }
    return json.dumps({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2, ensure_ascii=False) + "\n"


def _findings(result: Result) -> Iterator[tuple[ChartRecord, Finding]]:
    for chart in result.charts:
        for finding in chart.findings:
            yield chart, finding


def _driver(result: Result, rules: list[str]) -> dict[str, Any]:
    described = [
        {
            "id": rule,
            "shortDescription": {"text": rule.replace("-", " ").capitalize()},
            "help": {"text": f"docs/rules/README.md#{rule} of chartlift says what it means."},
        }
        for rule in rules
    ]
    return {"name": "chartlift", "version": result.version, "semanticVersion": result.version, "rules": described}


def _invocation(result: Result, dropped: int) -> dict[str, Any]:
    """What was not looked at, and what did not fit, is said here and not passed over."""
    said = [
        f"{_title(chart)}: not verified: {chart.verification.reason}"
        for chart in result.charts
        if chart.verification.status == "not-run" and chart.stands_alone and chart.verification.reason
    ]
    if dropped:
        said.append(f"{dropped} findings of the lowest levels are left out: a file may hold {_MOST}")
    notifications = [{"level": "warning", "message": {"text": text}} for text in said]
    return {"executionSuccessful": True, "toolExecutionNotifications": notifications}


def _results(found: list[tuple[ChartRecord, Finding]], index: dict[str, int]) -> Iterator[dict[str, Any]]:
    seen: Counter[str] = Counter()
    for chart, finding in found:
        mark = _fingerprint(chart, finding)
        seen[mark] += 1
        yield {
            "ruleId": finding.rule,
            "ruleIndex": index[finding.rule],
            "level": finding.level,
            "message": {"text": _message(chart, finding)},
            "locations": [_location(chart, finding)],
            "partialFingerprints": {"chartlift/v1": f"{mark}:{seen[mark]}"},
        } | _suppressed(finding)


def _suppressed(finding: Finding) -> dict[str, Any]:
    if not finding.accepted:
        return {}
    why = finding.accepted_for or "accepted by its rule"
    return {"suppressions": [{"kind": "external", "status": "accepted", "justification": why}]}


def _title(chart: ChartRecord) -> str:
    return f"{chart.path}:{chart.key}" if chart.key else chart.path


_CHART_FILE = "Chart.yaml"
"""Where what was found in rendered objects is shown: no file of the user's holds them."""


def _message(chart: ChartRecord, finding: Finding) -> str:
    where = f" ({finding.place.file})" if _is_rendered(finding) else ""
    text = f"{_title(chart)}: {finding.message}{where}"
    return f"{text}\n\n{finding.help}" if finding.help else text


def _is_rendered(finding: Finding) -> bool:
    return _OBJECT.match(finding.place.path or "") is not None


def _location(chart: ChartRecord, finding: Finding) -> dict[str, Any]:
    place = Place(_CHART_FILE) if chart.place is None or not chart.reference else chart.place
    shown = place if _is_rendered(finding) else finding.place
    location: dict[str, Any] = {
        "physicalLocation": {
            "artifactLocation": {"uri": _uri(chart.file_of(Place(shown.file)))},
            "region": {"startLine": shown.line or 1},
        }
    }
    if finding.place.path:
        location["logicalLocations"] = [{"fullyQualifiedName": finding.place.path}]
    return location


def _uri(path: str) -> str:
    return ("file://" if path.startswith("/") else "") + quote(path)


def _fingerprint(chart: ChartRecord, finding: Finding) -> str:
    """The same for the same matter after lines moved: no line, and no numbers of the message."""
    words = re.sub(r"\d+", "#", finding.message)
    parts = (finding.rule, chart.path, chart.key, finding.place.file, finding.place.path or "", words)
    return sha256("\0".join(parts).encode()).hexdigest()[:32]
