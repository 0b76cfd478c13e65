"""The process that Helm runs in: requests in, renderings out, one JSON line each.

``helm_python`` starts Go's runtime, which must never be forked, and a chart can make it loop, eat
memory or crash; here that costs one process. Started by ``process``. Standard error is a file that
the parent made: what Helm says there while it renders (values it ignores) goes into the answer.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
from collections.abc import Callable, Mapping
from typing import Any, BinaryIO

from chartlift.verify.documents import is_manifest, is_notes, read_crds, split_documents

_GRACE = 5.0
"""Seconds after which a worker whose parent is gone, and cannot kill it, ends itself."""
_MOST_WARNINGS = 64 * 1024
_FILE_LIMIT = 64 * 1024 * 1024
Answer = dict[str, Any]


def main(arguments: list[str]) -> int:
    """Serve until standard input ends. ``arguments``: bytes of memory, seconds, bytes of output."""
    memory, seconds, output = int(arguments[0]), float(arguments[1]), int(arguments[2])
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _limit_resources(memory)
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    try:
        import helm_python
        from helm_python import Chart, HelmError, values_from_yaml
    except (ImportError, OSError) as error:
        return _refuse(answers, error)

    def answer(request: Mapping[str, Any]) -> Answer:
        try:
            with Chart.load(request["chart"]) as chart:
                return _render(chart, request, values_from_yaml, output)
        except helm_python.HelmLibraryError as error:
            return {"kind": "unavailable", "error": str(error)}
        except HelmError as error:
            return {"kind": "render", "error": str(error)}

    for line in sys.stdin.buffer:
        _serve(line, answers, answer, seconds)
    return 0


def _serve(line: bytes, answers: BinaryIO, answer: Callable[[Mapping[str, Any]], Answer], seconds: float) -> None:
    watchdog = threading.Timer(seconds + _GRACE, os._exit, (75,))
    watchdog.daemon = True
    watchdog.start()
    _forget_warnings()
    reply = answer(json.loads(line))
    reply["warnings"] = _warnings()
    watchdog.cancel()
    answers.write(json.dumps(reply).encode() + b"\n")
    answers.flush()


def _refuse(answers: BinaryIO, error: Exception) -> int:
    answers.write(json.dumps({"kind": "unavailable", "error": str(error)}).encode() + b"\n")
    answers.flush()
    return 1


def _render(chart: Any, request: Mapping[str, Any], read: Callable[[str], Answer], output: int) -> Answer:
    # Before rendering: that prunes what values switch off from the loaded chart.
    missing = _missing(chart)
    if missing:
        return {"kind": "missing", "missing": missing}
    crds = [read_crds(crd["filename"], crd["data"]) for crd in chart.crds]
    rendered = chart.render(request["values"], name=request["release"], namespace=request["namespace"])
    if sum(map(len, rendered.values())) > output:
        return {"kind": "render", "error": f"the chart renders more than {output} bytes"}
    manifests = {path: text for path, text in rendered.items() if is_manifest(path, text)}
    parts = [(path, part) for path, text in manifests.items() for part in split_documents(text)]
    return {
        "manifests": manifests,
        "documents": [(path, _read(path, part, read)) for path, part in parts],
        "crds": [(crd.file, crd.names, crd.digest) for crd in crds],
        "notes": "".join(text for path, text in rendered.items() if is_notes(path)),
    }


def _read(path: str, text: str, read: Callable[[str], Answer]) -> Answer:
    try:
        return read(text)
    except ValueError as error:
        raise type(error)(f"{path}: what the template renders is not a YAML map: {error}") from error


def _missing(chart: Any) -> list[tuple[str, str, str]]:
    """Helm's own check (``action.CheckDependencies``), which the SDK leaves out."""
    there = {dependency["name"] for dependency in chart.dependencies}
    wanted = chart.metadata.get("dependencies") or []
    absent = (d for d in wanted if d["name"] not in there)
    return [(d["name"], d.get("version", ""), d.get("repository", "")) for d in absent]


def _limit_resources(memory: int) -> None:
    try:
        import resource
    except ImportError:
        return
    for kind, value in (
        (resource.RLIMIT_AS, memory),
        (resource.RLIMIT_FSIZE, _FILE_LIMIT),
        (resource.RLIMIT_CORE, 0),
    ):
        _, hard = resource.getrlimit(kind)
        if hard != resource.RLIM_INFINITY:
            value = min(value, hard)
        try:
            resource.setrlimit(kind, (value, hard))
        except (ValueError, OSError):
            # macOS refuses some; the time limit still holds.
            continue


def _forget_warnings() -> None:
    os.ftruncate(2, 0)
    os.lseek(2, 0, os.SEEK_SET)


def _warnings() -> list[str]:
    os.lseek(2, 0, os.SEEK_SET)
    return os.read(2, _MOST_WARNINGS).decode("utf-8", "replace").splitlines()
