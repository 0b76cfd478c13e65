"""The smallest values to merge over others, with Helm's rules: maps merge, lists replace, a null removes.

https://helm.sh/docs/chart_template_guide/values_files/#deleting-a-default-key
"""

from __future__ import annotations

from collections.abc import Mapping

from chartlift.records import Yaml
from chartlift.yamltext.edit import same_yaml

_MISSING = object()


def difference(
    old: Mapping[str, Yaml], new: Mapping[str, Yaml], defaults: Mapping[str, Yaml] | None = None
) -> dict[str, Yaml]:
    """What to merge over ``old`` to get ``new``; a null removes a key.

    ``defaults`` are the chart's: where ``old`` had taken a map of theirs away and ``new`` has one again,
    they show through it once more.
    """
    found: dict[str, Yaml] = {key: None for key in old if key not in new and old[key] is not None}
    for key, value in new.items():
        before, default = old.get(key, _MISSING), (defaults or {}).get(key)
        under = default if isinstance(default, dict) else {}
        if isinstance(before, dict) and isinstance(value, dict):
            inner = difference(before, value, under)
            if inner:
                found[key] = inner
        elif before is _MISSING or not same_yaml(before, value):
            found[key] = _covering(value, under) if isinstance(value, dict) else value
    return found


def _covering(value: dict[str, Yaml], defaults: Mapping[str, Yaml]) -> dict[str, Yaml]:
    """The value with nulls for what the defaults have and it has not."""
    covered: dict[str, Yaml] = {key: None for key in defaults if key not in value}
    for key, item in value.items():
        default = defaults.get(key)
        both = isinstance(item, dict) and isinstance(default, dict)
        covered[key] = _covering(item, default) if both else item  # type: ignore[arg-type]
    return covered


def without_nulls(value: Yaml) -> Yaml:
    """Kubernetes takes a null for an absent field; Helm keeps one where the chart has no default."""
    if isinstance(value, dict):
        return {key: without_nulls(item) for key, item in value.items() if item is not None}
    return value
