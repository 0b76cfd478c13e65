"""A ``helm`` binary as the other implementation, for platforms where Helm has no Python package.

``helm template`` (https://helm.sh/docs/helm/helm_template/) is run without a shell; values go
through a private file; what it prints is parted by its ``# Source:`` comments.
"""

from __future__ import annotations

import json
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import TracebackType

from chartlift.verify.documents import read_crds, split_documents
from chartlift.verify.engine import (
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
from chartlift.verify.sdk import plain_warnings

_SOURCE = "# Source: "
_MISSING = "missing in charts/ directory: "
_DEBUG_HINT = "Use --debug flag to render out invalid YAML"
_PATH_HELP = "Give the path of a helm binary, version 3.14 or later, with --helm."


class BinaryEngine:
    """Renders with a helm binary. Each rendering is a process of its own, ended after the time limit."""

    def __init__(self, helm: Path | str, *, jobs: int = 1, limits: RenderLimits = LIMITS) -> None:
        self.jobs = jobs
        self._helm = str(helm)
        self._limits = limits

    def __enter__(self) -> BinaryEngine:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        return None

    def render(self, request: RenderRequest) -> Rendered:
        """Render one chart. Errors: ``RenderFailed``, ``EngineUnavailable``."""
        with tempfile.TemporaryDirectory(prefix="chartlift-") as directory:
            values = Path(directory, "values.json")
            values.write_text(json.dumps(request.values), encoding="utf-8")
            out = Path(directory, "out")
            errors = self._run(_arguments(request, values), request, out)
            if out.stat().st_size > self._limits.output:
                raise RenderFailed(f"the chart renders more than {self._limits.output} bytes", file=request.shown)
            text = out.read_text(encoding="utf-8", errors="replace")
        return _rendered(text, plain_warnings(errors.splitlines()))

    def _run(self, arguments: Sequence[str], request: RenderRequest, out: Path) -> str:
        """Run helm with its output in a file, so that no amount of it fills our memory."""
        with out.open("wb") as stream, tempfile.TemporaryFile() as errors:
            try:
                done = subprocess.run(
                    [self._helm, *arguments],
                    stdin=subprocess.DEVNULL,
                    stdout=stream,
                    stderr=errors,
                    timeout=self._limits.seconds,
                    check=False,
                )
            except subprocess.TimeoutExpired:
                raise took_too_long(self._limits.seconds, request.shown) from None
            except OSError as error:
                reason = (error.strerror or type(error).__name__).lower()
                raise EngineUnavailable(f"cannot run helm: {reason}", file=self._helm, help=_PATH_HELP) from error
            errors.seek(0)
            said = errors.read(64 * 1024).decode("utf-8", "replace")
        if done.returncode:
            raise _failure(said, done.returncode, request)
        return said


def _arguments(request: RenderRequest, values: Path) -> list[str]:
    arguments = ["template", f"--values={values}", f"--namespace={request.namespace}", "--include-crds"]
    if request.kube_version:
        arguments.append(f"--kube-version={request.kube_version}")
    return [*arguments, "--", request.release, str(request.chart.absolute())]


def _failure(said: str, code: int, request: RenderRequest) -> RenderFailed:
    message = said.rpartition("Error: ")[2].strip() or f"helm ended with exit code {code}"
    _, found, names = message.partition(_MISSING)
    if found:
        return missing_dependencies(names.splitlines()[0].strip(), request.shown)
    return RenderFailed(helm_message(message.removesuffix(_DEBUG_HINT), request), file=request.shown)


def _rendered(text: str, warnings: tuple[str, ...]) -> Rendered:
    manifests: dict[str, list[str]] = {}
    crds: list[CrdFile] = []
    for template, document in _by_source(text):
        if "/crds/" in template:
            crds.append(read_crds(template, document))
        else:
            manifests.setdefault(template, []).append(document)
    documents = tuple(_document(template, part) for template, parts in manifests.items() for part in parts)
    return Rendered(
        manifests={template: "\n---\n".join(parts) for template, parts in manifests.items()},
        documents=documents,
        crds=tuple(crds),
        warnings=warnings,
    )


def _by_source(text: str) -> Iterator[tuple[str, str]]:
    template = ""
    for document in split_documents(text):
        for line in document.splitlines():
            if line.startswith(_SOURCE):
                template = line.removeprefix(_SOURCE).strip()
                break
        yield template, document


def _document(template: str, text: str) -> Document:
    from chartlift.yamltext.load import read_yaml

    data = read_yaml(text, file=template)
    if not isinstance(data, dict):
        raise RenderFailed("what the template renders is not a YAML map", file=template)
    return Document(template, data)
