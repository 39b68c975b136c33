"""Keep a solver's messages off standard output, which belongs to the results of the command line."""

from __future__ import annotations

import contextlib
import ctypes
import os
import sys
import threading
from collections.abc import Iterator
from typing import Final

_STDOUT: Final = 1
_lock: Final = threading.Lock()
_inside = 0
_kept = -1


@contextlib.contextmanager
def silenced() -> Iterator[None]:
    """Discard what compiled code prints to standard output.

    HiGHS, as built into OR-Tools 9.15, prints some lines (``transformNewIntegerFeasibleSolution``) past its
    own options, so the file descriptor is exchanged. Blocks may overlap in threads: the first exchanges it,
    the last restores it. Nothing happens where the process has no standard output.
    """
    _enter()
    try:
        yield
    finally:
        _leave()


def _enter() -> None:
    global _inside, _kept  # noqa: PLW0603  the descriptor belongs to the process, too
    with _lock:
        _inside += 1
        if _inside > 1:
            return
        _flush()
        try:
            _kept = os.dup(_STDOUT)
        except OSError:
            _kept = -1
            return
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, _STDOUT)
        os.close(nowhere)


def _leave() -> None:
    global _inside, _kept  # noqa: PLW0603
    with _lock:
        _inside -= 1
        if _inside or _kept < 0:
            return
        _flush_compiled()
        os.dup2(_kept, _STDOUT)
        os.close(_kept)
        _kept = -1


def _flush() -> None:
    """Write out what Python and compiled code printed before."""
    if sys.stdout is not None:
        with contextlib.suppress(OSError, ValueError):
            sys.stdout.flush()
    _flush_compiled()


def _flush_compiled() -> None:
    """Write out what compiled code has in its buffers, while the descriptor is still exchanged."""
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL("ucrtbase" if os.name == "nt" else None).fflush(None)
