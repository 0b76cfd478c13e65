"""Values that the parent's own templates read under a dependency's key.

Helm shows a parent the values of its subcharts, defaults included. A template that reads
``.Values.keycloak.auth.adminUser`` would fail once the target chart has no such value, so what is read
stays where it is: the target ignores it, and the report says why it is there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from chartlift.chart.load import Chart
from chartlift.records import Place, YamlPath
from chartlift.yamltext.load import decode

_READ = re.compile(r"\.Values((?:\.[A-Za-z_][A-Za-z0-9_]*)+)")
_INDEXED = re.compile(r"index\s+\$?\.Values((?:\s+\"[^\"]+\")+)")


def values_read(chart: Chart, key: YamlPath) -> dict[YamlPath, Place]:
    """Paths below ``key`` that the chart's own templates read, with the first place of each."""
    found: dict[YamlPath, Place] = {}
    for template in chart.templates:
        text = decode(template.data, file=chart.tree.place(template.path))
        for path, offset in _paths(text):
            if path[: len(key)] == key and len(path) > len(key):
                line = text.count("\n", 0, offset) + 1
                found.setdefault(path[len(key) :], Place(template.path, line))
    return found


def _paths(text: str) -> Iterator[tuple[YamlPath, int]]:
    for match in _READ.finditer(text):
        yield tuple(match[1][1:].split(".")), match.start()
    for match in _INDEXED.finditer(text):
        yield tuple(re.findall(r'"([^"]+)"', match[1])), match.start()
