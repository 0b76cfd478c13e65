"""Values files that lie beside a chart's own: one per environment, cluster or test.

There is no standard for them, so the names are those that people use (Helm's own test tool reads
``ci/*-values.yaml``: https://github.com/helm/chart-testing), and the content has to agree: a map, no
Kubernetes object. Loosely named directories also need a key that the chart knows, since a file that
is none of the chart's must never be converted.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from chartlift.chart.load import VALUES_FILE, Chart
from chartlift.errors import ChartliftError
from chartlift.records import Yaml
from chartlift.yamltext.load import decode, read_yaml

_NAMED = re.compile(
    r"""(?: values[-_.][^/]+ | [^/]+[-_.]values | ci/[^/]*values | values/[^/]*values[^/]* )\.ya?ml""",
    re.VERBOSE,
)
"""The name itself says "values": a file of this name that is broken YAML is an error, not a guess."""
_LOOSE = re.compile(r"(?:values|environments|environment|envs|env)/(?:[^/]+/)?[^/]+\.ya?ml")
_SHARED = ("global", "tags", "nameOverride", "fullnameOverride")


def find_values_files(chart: Chart) -> list[str]:
    """Overlay files of a chart, relative to it, sorted; without its own ``values.yaml``."""
    start = len(chart.prefix)
    names = (path[start:] for path in chart.tree if path.startswith(chart.prefix))
    return sorted(name for name in names if _is_overlay(chart, name))


def _is_overlay(chart: Chart, name: str) -> bool:
    named = bool(_NAMED.fullmatch(name))
    if name == VALUES_FILE or not (named or _LOOSE.fullmatch(name)):
        return False
    data = _content(chart, name, strict=named)
    if not isinstance(data, dict) or not data or {"apiVersion", "kind"} <= data.keys():
        return False
    return named or bool(data.keys() & _known_keys(chart))


def _content(chart: Chart, name: str, *, strict: bool) -> Yaml:
    path = chart.file_path(name)
    place = chart.tree.place(path)
    try:
        return read_yaml(decode(chart.tree.files[path], file=place), file=place)
    except ChartliftError:
        if strict:
            raise
        return None


def _known_keys(chart: Chart) -> set[str]:
    values: Mapping[str, Yaml] = chart.values
    dependencies = chart.metadata.dependencies
    return {*values, *(dependency.key for dependency in dependencies), *_SHARED}
