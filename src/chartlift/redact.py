"""Hide secret values before anything is written down (design, invariant 7).

A value is secret when its mapping says so or when a key on its path speaks of a password, token,
secret, key or certificate. Names of Secrets and of keys in them are not secret: a reviewer needs them.
"""

from __future__ import annotations

import re

from chartlift.records import ValueRecord, Yaml

HIDDEN = "<redacted>"
_WORDS = frozenset(
    [
        "password",
        "passwords",
        "passwd",
        "passphrase",
        "pass",
        "token",
        "tokens",
        "secret",
        "secrets",
        "credential",
        "credentials",
        "cert",
        "certs",
        "certificate",
        "certificates",
        "pem",
        "crt",
        "htpasswd",
        "dsn",
        "apikey",
        "accesskey",
        "privatekey",
        "secretkey",
    ]
)
_BEFORE_KEY = frozenset(
    [
        "private",
        "access",
        "api",
        "tls",
        "ssl",
        "ssh",
        "encryption",
        "signing",
        "master",
        "root",
        "license",
        "account",
        "admin",
        "server",
        "client",
    ]
)
_NAMES = frozenset(
    [
        "name",
        "names",
        "enabled",
        "annotations",
        "annotation",
        "labels",
        "label",
        "path",
        "paths",
        "filename",
        "create",
        "existing",
        "pull",
        "mount",
        "ref",
        "type",
        "length",
        "size",
        "policy",
        "provider",
        "class",
        "store",
        "algorithm",
        "username",
        "usernames",
        "user",
    ]
)
_KEY = re.compile(r'"(?:[^"\\]|\\.)*"|[^.\[\]]+')
_TEXT = re.compile(
    r"((?:password|passwd|token|secret|api_?key|private_?key)\w*[\"']?\s*[:=]\s*)[^\s,;]+"
    r"|(?P<url>://[^\s:/@]+:)[^\s@/]+(?=@)",
    re.IGNORECASE,
)
"""``PASSWORD=x`` and ``scheme://user:x@host`` inside a longer text."""
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")


def is_secret(path: str | None) -> bool:
    """Does a dotted value path hold a secret, going by the words of its keys?"""
    keys = [_words(key) for key in _KEY.findall(path or "")]
    if not keys or _NAMES.intersection(keys[-1]):
        return False
    return any(map(_speaks_of_secret, keys))


def _words(key: str) -> list[str]:
    return [word.lower() for word in _WORD.findall(key)]


def _speaks_of_secret(words: list[str]) -> bool:
    if not words or _NAMES.intersection(words):
        return False
    if words[-1] in ("key", "keys"):
        # passwordKey and secretKeys hold the *names* of keys in a Secret.
        return len(words) == 1 or words[-2] in _BEFORE_KEY
    return bool(_WORDS.intersection(words))


def shown(value: Yaml, record: ValueRecord) -> Yaml:
    """The value as a report may show it."""
    if value is None or value == "" or isinstance(value, bool):
        return value
    return HIDDEN if record.secret or is_secret(record.source) or is_secret(record.target) else _inside(value)


def _inside(value: Yaml, key: str = "") -> Yaml:
    """Hide secrets below: in maps by key, and in ``{name: X_PASSWORD, value: ...}`` of environments."""
    if isinstance(value, dict):
        named = value.get("name")
        secret_item = isinstance(named, str) and "value" in value and is_secret(named)
        return {
            inner: HIDDEN if secret_item and inner == "value" else _inside(item, inner) for inner, item in value.items()
        }
    if isinstance(value, list):
        return [_inside(item, key) for item in value]
    if value is None or value == "" or isinstance(value, bool):
        return value
    if is_secret(key):
        return HIDDEN
    return _TEXT.sub(lambda found: (found[1] or found["url"]) + HIDDEN, value) if isinstance(value, str) else value
