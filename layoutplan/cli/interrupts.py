"""Ctrl-C, remembered: a run that was interrupted never ends as if it had not been.

Python raises ``KeyboardInterrupt`` wherever the program is, and code of others can lose it there: a finaliser or
a weak reference's callback can not raise, C code may take any failure of a Python call for "no such attribute",
a callback of a solver has nobody to raise to. So the press is kept, and the exception raised again until it is
on its way out.

This module imports nothing of the program: it is at work before the rest is loaded.
"""

from __future__ import annotations

import os
import signal
import sys
from types import FrameType
from typing import Final

EXIT_INTERRUPTED: Final = 130
_AGAIN_S: Final = 0.2  # until an interrupt that was lost is raised again
_IMPATIENT: Final = 3  # presses after which nothing is tidied up any more


class Interrupts:
    """The interrupts of this process; :data:`INTERRUPTS` is the one."""

    def __init__(self) -> None:
        self._count = 0

    @property
    def seen(self) -> bool:
        """Whether somebody has interrupted the program."""
        return self._count > 0

    def begin(self) -> None:
        """Listen from now on."""
        signal.signal(signal.SIGINT, self._pressed)
        if hasattr(signal, "SIGALRM"):  # Windows has none: there :meth:`check` alone raises again
            signal.signal(signal.SIGALRM, self._again)

    def end(self) -> None:
        """Stop raising: what is left to do is to say goodbye, and that is not interrupted."""
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        if hasattr(signal, "SIGALRM"):
            signal.setitimer(signal.ITIMER_REAL, 0.0)

    def check(self) -> None:
        """Raise ``KeyboardInterrupt`` if there was one and it got lost; called where nothing is half done."""
        if self._count and not _on_its_way():
            raise KeyboardInterrupt

    def _pressed(self, _number: int, _frame: FrameType | None) -> None:
        self._count += 1
        if self._count >= _IMPATIENT:
            os._exit(EXIT_INTERRUPTED)
        if hasattr(signal, "SIGALRM"):
            signal.setitimer(signal.ITIMER_REAL, _AGAIN_S, _AGAIN_S)
        self.check()

    def _again(self, _number: int, _frame: FrameType | None) -> None:
        self.check()


def _on_its_way() -> bool:
    """Return whether the interrupt is being handled: what runs is clearing up behind it."""
    handled = sys.exception()
    while handled is not None:
        if isinstance(handled, KeyboardInterrupt):
            return True
        handled = handled.__context__
    return False


INTERRUPTS: Final = Interrupts()
