"""Ctrl-C, remembered: a run that was interrupted never ends as if it had not been.

Python raises ``KeyboardInterrupt`` wherever the program is, and code of others can lose it there: a
finaliser or a weak reference's callback can not raise, C code may take any failure of a Python call for "no
such attribute", a callback of a solver has nobody to raise to. So the press is kept, and the exception raised
again until it is on its way out.

This module imports nothing of the program: it is at work before the rest is loaded.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from types import FrameType
from typing import Final

EXIT_INTERRUPTED, EXIT_TERMINATED = 130, 143
_AT_ONCE_S: Final = 1e-4
_AGAIN_S: Final = 0.2  # until an interrupt that was lost is raised again
_IMPATIENT: Final = 3  # presses after which nothing is tidied up any more
_HAS_THREAD: Final = hasattr(signal, "sigwait")  # Windows has not: there the handler alone hears


class Interrupts:
    """The interrupts of this process; :data:`INTERRUPTS` is the one.

    A thread waits for them, and SIGINT is blocked in all others. Processes begun from here inherit that: a
    terminal tells the whole group, and whoever works beside the main process must not end by itself, or with
    words of its own. An alarm wakes the main thread, and raises ``KeyboardInterrupt`` there until it is on
    its way.
    """

    def __init__(self) -> None:
        self._count = 0
        self._listening = False
        self._terminated = False

    @property
    def seen(self) -> bool:
        """Whether somebody has interrupted the program."""
        return self._count > 0

    @property
    def code(self) -> int:
        """The exit code of a program that ended so: 143 where the system asked for it, else 130."""
        return EXIT_TERMINATED if self._terminated else EXIT_INTERRUPTED

    def begin(self) -> None:
        """Listen from now on, to SIGTERM as well.

        Ctrl-C is not listened to where the program was started deaf to it, as a script's ``&`` does.
        """
        self._listening = True
        signal.signal(signal.SIGTERM, self._handle_end)
        if _HAS_THREAD:
            signal.signal(signal.SIGALRM, self._handle_again)
        if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
            return
        signal.signal(signal.SIGINT, self._handle)
        if _HAS_THREAD:
            signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
            threading.Thread(target=self._listen, name="interrupts", daemon=True).start()

    def end(self) -> None:
        """Stop raising: what is left to do is to say goodbye, and that is not interrupted."""
        self._listening = False
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        if _HAS_THREAD:
            signal.setitimer(signal.ITIMER_REAL, 0.0)

    def check(self) -> None:
        """Raise ``KeyboardInterrupt`` if there was one and it got lost; called where nothing is half done."""
        if self._listening and self._count and not _on_its_way():
            raise KeyboardInterrupt

    def _listen(self) -> None:
        while True:  # to the end: who is impatient is heard while the program says goodbye, too
            signal.sigwait({signal.SIGINT})
            self._pressed()

    def _pressed(self) -> None:
        self._count += 1
        if self._count >= _IMPATIENT:
            os._exit(EXIT_INTERRUPTED)
        if _HAS_THREAD and self._listening:
            signal.setitimer(signal.ITIMER_REAL, _AT_ONCE_S, _AGAIN_S)

    def _handle(self, _number: int, _frame: FrameType | None) -> None:
        self._pressed()
        self.check()

    def _handle_end(self, _number: int, _frame: FrameType | None) -> None:
        """Take the system's request to end as an interrupt, once: a second must not break off cleaning up."""
        if not self._terminated:
            self._terminated = True
            self._pressed()
            self.check()

    def _handle_again(self, _number: int, _frame: FrameType | None) -> None:
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
