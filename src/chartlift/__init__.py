"""chartlift moves Helm charts from Bitnami onto hardened equivalents and proves what it did.

For scripts: ``chartlift.api`` with ``plan``, ``apply``, ``verify`` and ``report``, loaded when it is first used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

__version__ = "0.1.0"

if TYPE_CHECKING:
    from chartlift import api as api


def __getattr__(name: str) -> object:
    """``import chartlift`` is cheap: the API comes with its first use."""
    if name != "api":
        raise AttributeError(f"module 'chartlift' has no attribute {name!r}")
    from importlib import import_module

    return import_module("chartlift.api")
