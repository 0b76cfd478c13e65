"""Plain YAML scalars as Helm resolves them, and how to write a value so that Helm reads it back.

Helm reads values with sigs.k8s.io/yaml: YAML 1.1 words and numbers by go-yaml v2 (``resolve.go``), then
JSON, where every number is a 64-bit float. So ``yes`` is true, ``0644`` is 420 and ``1.0`` is 1. The tests
hold this against Helm itself.
"""

from __future__ import annotations

import json
import math
import re
from decimal import Decimal

from chartlift.records import Yaml

_WORDS: dict[str, bool | None] = {
    **dict.fromkeys(("y", "Y", "yes", "Yes", "YES", "on", "On", "ON", "true", "True", "TRUE"), True),
    **dict.fromkeys(("n", "N", "no", "No", "NO", "off", "Off", "OFF", "false", "False", "FALSE"), False),
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
}
_INFINITE = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")
_INTEGER = re.compile(r"[-+]?(0[xX][0-9a-fA-F]+|0[bB][01]+|0[oO][0-7]+|0[0-7]*|[1-9][0-9]*)")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_BASES = {"x": 16, "b": 2, "o": 8}
INFINITE = object()
"""What ``.inf`` and ``.nan`` resolve to: Helm cannot hold them."""


def resolve_plain(text: str) -> object:
    """The value of an unquoted, untagged scalar; ``INFINITE`` for what JSON cannot say."""
    if text in _WORDS:
        return _WORDS[text]
    if text[0] not in "+-.0123456789":
        return text
    if _INFINITE.fullmatch(text):
        return INFINITE
    bare = text.replace("_", "")
    if _INTEGER.fullmatch(bare) and (number := _integer(bare)) is not None:
        return as_number(float(number))
    if _FLOAT.fullmatch(bare) and not math.isinf(found := float(bare)):
        return as_number(found)
    return text


def _integer(text: str) -> int | None:
    """As Go's ``ParseInt(text, 0, 64)`` and ``ParseUint``: None beyond 64 bits."""
    sign, digits = (text[0], text[1:]) if text[0] in "+-" else ("", text)
    base = _BASES.get(digits[1:2].lower(), 8 if digits.startswith("0") and len(digits) > 1 else 10)
    number = int(digits[2:] if base != 10 and digits[1:2].lower() in _BASES else digits, base)
    number = -number if sign == "-" else number
    return number if -(2**63) <= number < 2**64 else None


def as_number(number: float) -> int | float:
    """A 64-bit float as JSON writes it: whole numbers below 1e21 without a point."""
    if number == int(number) and abs(number) < 1e21:
        return int(Decimal(repr(number)))
    return number


def write_scalar(value: Yaml, style: str | None = None) -> str:
    """One line of YAML for a scalar; ``style`` is the quote (``'`` or ``"``) to prefer."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return _write_number(value)
    if isinstance(value, (list, dict)):
        return write_flow(value)
    return _write_text(value, style)


def _write_number(number: float) -> str:
    text = repr(number)
    if resolve_plain(text) == number:
        return text
    return text.replace("e+", "e+")


def _write_text(text: str, style: str | None) -> str:
    if style == '"' or _needs_escapes(text):
        return _double(text)
    if style == "'":
        return "'" + text.replace("'", "''") + "'"
    return text if _plain_is_safe(text) else _double(text) if "'" in text else f"'{text}'" if text else '""'


def _double(text: str) -> str:
    quoted = json.dumps(text, ensure_ascii=False)
    return "".join(c if c.isprintable() or c == " " else _escape(c) for c in quoted)


def _escape(char: str) -> str:
    code = ord(char)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def _needs_escapes(text: str) -> bool:
    return any(not c.isprintable() for c in text)


_PLAIN_START = re.compile(r"[^\s\-?:,\[\]{}#&*!|>'\"%@`]|[-?:](?=[^\s,\[\]{}])")


def _plain_is_safe(text: str) -> bool:
    """Does the bare text read back as this very string, in block and in flow?"""
    if not text or text != text.strip() or not _PLAIN_START.match(text) or text in ("=", "<<"):
        return False
    if ": " in text or " #" in text or text.endswith(":") or any(c in ",[]{}" for c in text):
        return False
    if text.startswith(("---", "...")):
        return False
    return resolve_plain(text) == text and isinstance(resolve_plain(text), str)


def write_flow(value: Yaml) -> str:
    """A value on one line: ``[a, {b: 1}]``."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{write_key(key)}: {write_flow(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(write_flow, value)) + "]"
    return write_scalar(value)


def write_key(key: str) -> str:
    """A key as it is written: bare where it reads back as itself."""
    return write_scalar(key) if len(key) < 1000 else _double(key)


def write_value(value: Yaml, indent: int, step: int = 2) -> str:
    """What follows ``key:``, starting with a space or a newline; lines below are indented by ``indent``."""
    if isinstance(value, dict) and value:
        lines = [
            f"{' ' * indent}{write_key(key)}:{write_value(item, indent + step, step)}" for key, item in value.items()
        ]
        return "\n" + "\n".join(lines)
    if isinstance(value, list) and value:
        return "\n" + "\n".join(" " * indent + "-" + _item(item, indent + 2, step) for item in value)
    if isinstance(value, str) and (block := _literal(value, indent)):
        return block
    return " " + write_scalar(value)


def _item(item: Yaml, indent: int, step: int) -> str:
    """A list item: its first key stands on the line of the dash."""
    if isinstance(item, dict) and item:
        return " " + write_value(item, indent, step).lstrip("\n").lstrip(" ")
    if isinstance(item, list) and item:
        return " " + write_value(item, indent, step).lstrip("\n").lstrip(" ")
    return write_value(item, indent, step)


def _literal(text: str, indent: int) -> str | None:
    """A literal block for text of several lines, where that says exactly the same."""
    body = text.rstrip("\n")
    if "\n" not in body or any(not c.isprintable() and c not in "\n\t" for c in text):
        return None
    lines = body.split("\n")
    if lines[0][:1] in ("", " ", "\t") or indent == 0 or any(line.strip() == "" and line for line in lines):
        return None
    tail = len(text) - len(body)
    chomp = {0: "-", 1: ""}.get(tail, "+")
    lines += [""] * max(tail - 1, 0)
    return f" |{chomp}\n" + "\n".join(" " * indent + line if line else "" for line in lines)
