"""The memory of the process: its peak, and what is no longer needed given back."""

from __future__ import annotations

import ctypes
import sys
from pathlib import Path
from typing import Final

_STATUS: Final = Path("/proc/self/status")
_CLEAR: Final = Path("/proc/self/clear_refs")
_RESET_PEAK: Final = "5"


def release_memory() -> None:
    """Return freed memory to the system, where the C library keeps it (glibc).

    Its heap is full of holes after a large stage, and what the next one needs would be added to that.
    """
    if sys.platform == "linux":
        trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
        if trim is not None:
            trim(0)


def peak_memory_mib() -> float | None:
    """Return the process's peak memory since the last stage began; ``None`` on systems that do not tell."""
    if _STATUS.is_file():
        for line in _STATUS.read_text(encoding="ascii", errors="replace").splitlines():
            if line.startswith("VmHWM:"):
                return round(int(line.split()[1]) / 1024, 1)
    if sys.platform == "win32":
        return None
    import resource  # noqa: PLC0415  not on Windows

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return round(peak / (1024 * 1024 if sys.platform == "darwin" else 1024), 1)


def reset_peak() -> None:
    """Let the system count the peak from now on, where it can."""
    if _CLEAR.exists():
        try:
            _CLEAR.write_text(_RESET_PEAK, encoding="ascii")
        except OSError:  # not allowed: the running maximum is reported
            return
