"""Memory of the process: report its peak and release unused memory."""

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

    Its heap is fragmented after a large stage, and the memory of the next stage would be added to it.
    """
    if sys.platform == "linux":
        trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
        if trim is not None:
            trim(0)


def peak_memory_mib() -> float | None:
    """Return the peak memory of the process since :func:`reset_peak`, MiB; ``None`` where unavailable."""
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
    """Reset the system's record of peak memory, where possible."""
    if _CLEAR.exists():
        try:
            _CLEAR.write_text(_RESET_PEAK, encoding="ascii")
        except OSError:  # no permission: the maximum since the start is reported
            return
