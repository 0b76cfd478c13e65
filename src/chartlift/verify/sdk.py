"""Helm 4 in process, through ``helm-python-sdk``, in worker processes that are kept and reused.

https://pypi.org/project/helm-python-sdk/ binds Helm's Go SDK. The library is never loaded in this
process (``worker`` says why); a worker that hangs or dies is replaced, and the chart is blamed.
"""

from __future__ import annotations

import importlib.util
import queue
import re
from collections.abc import Mapping
from types import TracebackType
from typing import Any

from chartlift.verify.engine import (
    INSTALL_HELP,
    LIMITS,
    CrdFile,
    Document,
    EngineUnavailable,
    Rendered,
    RenderFailed,
    RenderLimits,
    RenderRequest,
    helm_message,
    missing_dependencies,
    took_too_long,
)
from chartlift.verify.process import WorkerDied, WorkerProcess, WorkerTimeout

_STAMP = re.compile(r"^\d{4}/\d\d/\d\d \d\d:\d\d:\d\d ")
"""Go's log writes the time first; a report must not hold one."""
_LEVEL = re.compile(r"^level=(?:WARN|WARNING) msg=|^time=\S+ level=WARN msg=")


def native_reason() -> str | None:
    """Why Helm cannot run in process here; None if nothing speaks against it. Loads nothing."""
    if importlib.util.find_spec("helm_python") is None:
        return "the package helm-python-sdk is not installed"
    return None


class SdkEngine:
    """Renders with ``jobs`` workers, started on entering so that they warm up while others work."""

    def __init__(self, *, jobs: int = 1, limits: RenderLimits = LIMITS) -> None:
        self.jobs = jobs
        self._limits = limits
        self._idle: queue.LifoQueue[WorkerProcess | None] = queue.LifoQueue()
        for _ in range(jobs):
            self._idle.put(None)

    def __enter__(self) -> SdkEngine:
        reason = native_reason()
        if reason:
            raise EngineUnavailable(reason, help=INSTALL_HELP)
        for _ in range(self.jobs):
            self._idle.get()
        for _ in range(self.jobs):
            self._idle.put(WorkerProcess(self._limits))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for _ in range(self.jobs):
            worker = self._idle.get()
            if worker is not None:
                worker.close()
        for _ in range(self.jobs):
            self._idle.put(None)

    def render(self, request: RenderRequest) -> Rendered:
        """Render in a free worker. Errors: ``RenderFailed``, ``EngineUnavailable``."""
        if request.kube_version:
            raise RenderFailed(
                "Helm in process cannot be told a Kubernetes version",
                file=request.shown,
                help="Give a helm binary with --helm PATH.",
            )
        worker = self._idle.get()
        try:
            worker = worker or WorkerProcess(self._limits)
            answer = _ask(worker, request, self._limits)
            if answer.get("kind") == "unavailable":
                raise _failure(answer, request)
        except BaseException:
            if worker is not None:
                worker.close()
            worker = None
            raise
        finally:
            self._idle.put(worker)
        return _rendered(answer, request)


def _ask(worker: WorkerProcess, request: RenderRequest, limits: RenderLimits) -> Mapping[str, Any]:
    message = {
        "chart": str(request.chart.absolute()),
        "values": request.values,
        "release": request.release,
        "namespace": request.namespace,
    }
    try:
        return worker.ask(message)
    except WorkerTimeout:
        raise took_too_long(limits.seconds, request.shown) from None
    except WorkerDied as death:
        raise RenderFailed(
            f"rendering failed: {death}",
            file=request.shown,
            help="Render it with `helm template` to see whether the chart or Helm is at fault.",
        ) from None


def _rendered(answer: Mapping[str, Any], request: RenderRequest) -> Rendered:
    if answer.get("kind"):
        raise _failure(answer, request)
    return Rendered(
        manifests=answer["manifests"],
        documents=tuple(Document(template, data) for template, data in answer["documents"]),
        crds=tuple(CrdFile(file, tuple(names), digest) for file, names, digest in answer["crds"]),
        notes=answer["notes"],
        warnings=plain_warnings(answer["warnings"]),
    )


def plain_warnings(lines: list[str]) -> tuple[str, ...]:
    """Helm's warnings without times, each once, in order."""
    plain = (_LEVEL.sub("", _STAMP.sub("", line)).strip() for line in lines)
    return tuple(dict.fromkeys(line for line in plain if line))


def _failure(answer: Mapping[str, Any], request: RenderRequest) -> EngineUnavailable | RenderFailed:
    if answer["kind"] == "unavailable":
        return EngineUnavailable(f"Helm cannot be loaded: {helm_message(answer['error'], request)}", help=INSTALL_HELP)
    if answer["kind"] == "missing":
        names = ", ".join(f"{name} {version}".strip() for name, version, _ in answer["missing"])
        return missing_dependencies(names, request.shown)
    return RenderFailed(helm_message(answer["error"], request), file=request.shown)
