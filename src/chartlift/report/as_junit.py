"""The result as JUnit XML, which CI systems list as tests: a suite for each chart, a test for each thing to decide.

The elements are those of the Ant task's report, which Jenkins and GitLab read
(https://github.com/testmoapp/junitxml): ``failure`` blocks, ``skipped`` was accepted or not looked at.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from chartlift.records import ChartRecord, Finding, Result
from chartlift.report.as_text import place_text

_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that XML 1.0 cannot hold, not even escaped."""


def render_junit(result: Result) -> str:
    """XML that ends in a newline; the same input gives the same bytes."""
    suites = Element("testsuites", name="chartlift")
    for chart in result.charts:
        suites.append(_suite(chart))
    for attribute in ("tests", "failures", "skipped"):
        suites.set(attribute, str(sum(int(suite.get(attribute, "0")) for suite in suites)))
    indent(suites)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + tostring(suites, encoding="unicode") + "\n"


def _suite(chart: ChartRecord) -> Element:
    suite = Element("testsuite", name=_clean(f"{chart.path}:{chart.key}" if chart.key else chart.path))
    for case in _cases(chart):
        suite.append(case)
    suite.set("tests", str(len(suite)))
    suite.set("failures", str(len(suite.findall("testcase/failure"))))
    suite.set("errors", "0")
    suite.set("skipped", str(len(suite.findall("testcase/skipped"))))
    remarks = [_line(finding) for finding in chart.findings if finding.level != "error"]
    if remarks:
        SubElement(suite, "system-out").text = _clean("\n".join(remarks))
    return suite


def _cases(chart: ChartRecord) -> Iterator[Element]:
    """A test for the values, one for the rendering, and one for every finding that blocks or would."""
    lost = [value for value in chart.values if value.fate == "unmapped"]
    yield _case(chart, "every value is accounted for", "\n".join(place_text(value.place) for value in lost))
    if chart.stands_alone:
        yield _rendered(chart)
    for finding in chart.findings:
        if finding.level == "error":
            yield _finding_case(chart, finding)


def _rendered(chart: ChartRecord) -> Element:
    status = chart.verification
    failed = status.reason or "see the findings" if status.status == "failed" else ""
    case = _case(chart, "renders as before", failed)
    if status.status == "not-run":
        SubElement(case, "skipped", message=_clean(status.reason or "not asked for"))
    return case


def _finding_case(chart: ChartRecord, finding: Finding) -> Element:
    name = f"{finding.rule} at {place_text(finding.place)}"
    if not finding.accepted:
        return _case(chart, name, finding.message + (f"\n{finding.help}" if finding.help else ""), finding.rule)
    case = _case(chart, name, "")
    SubElement(case, "skipped", message=_clean(f"accepted: {finding.accepted_for or finding.message}"))
    return case


def _case(chart: ChartRecord, name: str, failure: str, kind: str = "chartlift") -> Element:
    case = Element("testcase", name=_clean(name), classname=_clean(chart.key or chart.name))
    if failure:
        first = failure.partition("\n")[0]
        SubElement(case, "failure", message=_clean(first), type=kind).text = _clean(failure)
    return case


def _line(finding: Finding) -> str:
    return f"{finding.level} [{finding.rule}] {place_text(finding.place)}: {finding.message}"


def _clean(text: str) -> str:
    return _FORBIDDEN.sub("\N{REPLACEMENT CHARACTER}", text)
