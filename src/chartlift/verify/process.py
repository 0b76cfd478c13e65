"""The parent's end of one worker process: ask with a time limit, notice death, end it.

A thread reads the answers, so that waiting with a limit works the same on every platform.
"""

from __future__ import annotations

import json
import queue
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from chartlift.verify.engine import RenderLimits

_START = (
    "import sys; sys.path.append(sys.argv[1]); from chartlift.verify.worker import main; sys.exit(main(sys.argv[2:]))"
)
_COMMAND = (sys.executable, "-P", "-c", _START, str(Path(__file__).resolve().parents[2]))
"""``-P``: the directory the user stands in, often the chart's repository, must not be imported from. The
last part is where this package lies, for a parent that found it by a relative path."""
_OVERHEAD = 4
"""An answer holds the text twice (as text and as data) and JSON escapes it."""
_TAIL = 4000


class WorkerTimeout(Exception):
    """No answer within the limit; the worker has been killed."""


class WorkerDied(Exception):
    """The worker ended instead of answering. ``str()`` is why, as far as it is known."""


class WorkerProcess:
    """One running worker. Not for use by two threads at once."""

    def __init__(self, limits: RenderLimits) -> None:
        self._limits = limits
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115 - lives as long as the process
        self._process = subprocess.Popen(
            [*_COMMAND, str(limits.memory), str(limits.seconds), str(limits.output)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
        )
        self._answers: queue.SimpleQueue[bytes] = queue.SimpleQueue()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    @property
    def pid(self) -> int:
        return self._process.pid

    def ask(self, request: Mapping[str, object]) -> dict[str, Any]:
        """Send one request and wait for its answer. Errors: ``WorkerTimeout``, ``WorkerDied``."""
        stdin = self._process.stdin
        try:
            if stdin is not None:
                stdin.write(json.dumps(request).encode() + b"\n")
                stdin.flush()
        except OSError:
            # It may have said why before it ended.
            pass
        return self._answer()

    def _answer(self) -> dict[str, Any]:
        try:
            line = self._answers.get(timeout=self._limits.seconds)
        except queue.Empty:
            self.kill()
            raise WorkerTimeout from None
        if not line.endswith(b"\n"):
            raise WorkerDied(self._cause(line))
        answer: dict[str, Any] = json.loads(line)
        return answer

    def _read(self) -> None:
        stdout = self._process.stdout
        most = self._limits.output * _OVERHEAD
        while stdout is not None:
            line = stdout.readline(most)
            self._answers.put(line)
            if not line.endswith(b"\n"):
                return

    def _cause(self, line: bytes) -> str:
        self.kill()
        if line:
            return "its output is too large"
        self._errors.seek(0)
        said = self._errors.read(_TAIL).decode("utf-8", "replace")
        if "cannot allocate memory" in said or "out of memory" in said:
            return f"it needs more than the {self._limits.memory // 2**20} MiB of address space it may have"
        code = self._process.returncode
        how = f"signal {-code}" if code < 0 else f"exit code {code}"
        first = next((text for text in said.splitlines() if text.strip()), "")
        return f"the Helm process ended ({how})" + (f": {first[:200]}" if first else "")

    def kill(self) -> None:
        """End it now; safe to call again."""
        self._process.kill()
        self._finish()

    def close(self) -> None:
        """Let it end by itself, for a second at most."""
        with suppress(OSError):
            if self._process.stdin is not None:
                self._process.stdin.close()
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(timeout=1)
        self.kill()
        self._errors.close()

    def _finish(self) -> None:
        self._process.wait()
        self._reader.join(timeout=1)
        for pipe in (self._process.stdin, self._process.stdout):
            with suppress(OSError):
                if pipe is not None:
                    pipe.close()
