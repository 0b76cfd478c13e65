"""Values as a report may show them: what is secret, or was seen in a Secret, is hidden everywhere."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Iterable, Iterator, Mapping

from chartlift.records import Place, ValueRecord, Yaml, format_path
from chartlift.redact import HIDDEN, is_secret, shown
from chartlift.verify.fields import Absent, Difference, Side
from chartlift.verify.objects import RenderedObject, mapping

_LEAST = 4
"""Shorter texts are words that would be hidden all over a report."""
_MOST = 400
_MOST_LINES = 12
_WORDS = frozenset({"true", "false", "none", "null", "admin", "default"})


class Scrubber:
    """Hides texts that were seen as secrets: in rendered Secrets, or in values under such keys."""

    def __init__(self, objects: Iterable[RenderedObject] = (), values: Iterable[Mapping[str, Yaml]] = ()) -> None:
        found = {text for item in objects if item.kind == "Secret" for text in _contents(item)}
        for layer in values:
            found.update(_secret_values(dict(layer), ()))
        usable = (text for text in found if len(text) >= _LEAST and text.lower() not in _WORDS)
        self._texts = sorted(usable, key=lambda text: (-len(text), text))

    def hide(self, text: str) -> str:
        """The text without any secret that is known."""
        for secret in self._texts:
            if secret in text:
                text = text.replace(secret, HIDDEN)
        return text

    def side(self, item: RenderedObject, path: str, value: Side) -> str | None:
        """One side of a difference as text; None where the field is absent."""
        if isinstance(value, Absent):
            return None
        if item.kind == "Secret" and path.startswith(("data", "stringData")):
            return HIDDEN
        safe = shown(value, ValueRecord("changed", path, None, Place("")))
        text = safe if isinstance(safe, str) else json.dumps(safe, sort_keys=True, ensure_ascii=False)
        return _cut(self.hide(text), _MOST)


def change_lines(difference: Difference, item: RenderedObject, scrubber: Scrubber) -> dict[str, Yaml]:
    """``{path, before, after}``; of long texts (files in a ConfigMap) only the lines that differ."""
    before, after = difference.before, difference.after
    if isinstance(before, str) and isinstance(after, str) and ("\n" in before or "\n" in after):
        old, new = before.splitlines(), after.splitlines()
        kept = set(old) & set(new)
        before = "\n".join([line for line in old if line not in kept][:_MOST_LINES])
        after = "\n".join([line for line in new if line not in kept][:_MOST_LINES])
    return {
        "path": difference.path,
        "before": scrubber.side(item, difference.path, before),
        "after": scrubber.side(item, difference.path, after),
    }


def _contents(secret: RenderedObject) -> Iterator[str]:
    for value in mapping(secret.data.get("stringData")).values():
        yield from _lines(value)
    for value in mapping(secret.data.get("data")).values():
        if isinstance(value, str):
            yield value
            try:
                yield from _lines(base64.b64decode(value, validate=True).decode("utf-8"))
            except (binascii.Error, UnicodeDecodeError):
                continue


def _lines(value: Yaml) -> Iterator[str]:
    """A password is one line; of a file in a Secret the whole is secret, not each word of it."""
    if isinstance(value, str):
        yield value.strip()


def _secret_values(value: Yaml, path: tuple[str | int, ...]) -> Iterator[str]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _secret_values(inner, (*path, key))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _secret_values(inner, (*path, index))
    elif isinstance(value, str) and value and is_secret(format_path(path)):
        yield value.strip()


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[:most]}... ({len(text)} characters)"
