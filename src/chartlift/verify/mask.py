"""Fields that differ each time a chart is rendered: generated passwords, certificates, times.

Helm cannot be given a seed, so the same input is rendered again and what differs is masked. That
costs a rendering, so it is done only when the templates call a function that is not repeatable and
a comparison showed differences at all.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path

from chartlift.chart.archive import SUFFIXES
from chartlift.verify.fields import Difference, differences
from chartlift.verify.objects import Identity, RenderedObject

UNSTABLE = "<unstable>"
Unstable = Mapping[Identity, frozenset[str]]
"""Object -> paths of the fields that differ between two renderings of the same input."""

_CALLS = re.compile(
    rb"\{\{[^}]{0,400}?\b(?:rand(?:AlphaNum|Alpha|Numeric|Ascii|Bytes|Int)|gen(?:PrivateKey|CA|SelfSignedCert|SignedCert)"
    rb"(?:WithKey)?|uuidv4|now|ago|htpasswd|bcrypt|shuffle|encryptAES)\b"
)
_SUSPECTS = frozenset(
    {"Secret", "ConfigMap", "MutatingWebhookConfiguration", "ValidatingWebhookConfiguration", "APIService"}
)
_TOKEN = re.compile(r"[\w+/=:.-]+")
_TEMPLATES = (".yaml", ".yml", ".tpl", ".txt", ".json")
_MOST_BYTES = 8 * 1024 * 1024


def may_be_unstable(chart: Path) -> bool:
    """Whether templates of the chart or its subcharts call what gives another result each time.

    A packed chart is taken to: unpacking it to look would cost as much as rendering it.
    """
    if not chart.is_dir():
        return True
    for file in sorted(chart.rglob("*")):
        if file.name.endswith(SUFFIXES) and file.parent.name == "charts":
            return True
        if "templates" in file.parts and file.suffix in _TEMPLATES and file.is_file() and _calls(file):
            return True
    return False


def _calls(file: Path) -> bool:
    with file.open("rb") as stream:
        return _CALLS.search(stream.read(_MOST_BYTES)) is not None


def unstable_fields(first: Iterable[RenderedObject], second: Iterable[RenderedObject]) -> Unstable:
    """What differs between two renderings of one input, per object."""
    again = {item.identity: item for item in second}
    found = {}
    for item in first:
        other = again.get(item.identity)
        if other is not None and other.data != item.data:
            found[item.identity] = frozenset(d.path for d in differences(item.data, other.data))
    return found


def is_suspect(kind: str, difference: Difference) -> bool:
    """Whether a difference could come from a function that is not repeatable: it is where charts keep
    passwords, certificates, ids and times, and but for one such token the texts are the same. Without
    one of these, rendering again would tell nothing."""
    before, after, path = difference.before, difference.after, difference.path
    if not isinstance(before, str) or not isinstance(after, str):
        return False
    place = kind in _SUSPECTS or "annotations." in path or path.endswith((".value", ".caBundle"))
    return place and _TOKEN.sub("", before) == _TOKEN.sub("", after)


def explains(paths: frozenset[str], difference: Difference) -> bool:
    """Whether the field, or one around it, is unstable."""
    path = difference.path
    return any(path == known or path.startswith((f"{known}.", f"{known}[")) for known in paths)
