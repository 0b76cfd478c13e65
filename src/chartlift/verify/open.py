"""Open the engine that was asked for, once a process: starting Helm costs more than a render."""

from __future__ import annotations

import atexit
import os
from functools import lru_cache
from pathlib import Path

from chartlift.verify.engine import Engine, RenderLimits


@lru_cache(maxsize=2)
def open_engine(helm: Path | None, seconds: float) -> Engine:
    """Helm in process, or the given binary; closed when the process ends.

    Errors: ``EngineUnavailable`` where there is neither.
    """
    limits = RenderLimits(seconds=seconds)
    engine: Engine
    if helm is not None:
        from chartlift.verify.binary import BinaryEngine

        engine = BinaryEngine(helm, limits=limits)
    else:
        from chartlift.verify.sdk import SdkEngine

        engine = SdkEngine(jobs=min(2, os.cpu_count() or 1), limits=limits)
    opened = engine.__enter__()
    atexit.register(engine.__exit__, None, None, None)
    return opened
