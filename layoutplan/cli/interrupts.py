"""Reliable handling of Ctrl-C: an interrupted run never ends as if it had not been interrupted.

Python raises ``KeyboardInterrupt`` at any instruction, and other code may suppress it there: a finaliser or
the callback of a weak reference cannot raise, C code may treat any failure of a Python call as a missing
attribute, and an exception in a solver's callback is lost. The interrupt is therefore recorded, and the
exception raised again until it propagates.

This module imports nothing else of the package, because it is active before the rest is loaded.
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
_AGAIN_S: Final = 0.2  # interval at which a suppressed interrupt is raised again
_IMPATIENT: Final = 3  # number of interrupts after which the process exits without cleaning up
_HAS_THREAD: Final = hasattr(signal, "sigwait")  # not on Windows, where only the handler is used


class Interrupts:
    """The interrupts of this process; :data:`INTERRUPTS` is the only instance.

    A thread waits for SIGINT, which is blocked in all other threads. Child processes inherit the blocked
    signal: a terminal signals the whole process group, and workers must not exit or print on their own. An
    alarm wakes the main thread and raises ``KeyboardInterrupt`` there until it propagates.
    """

    def __init__(self) -> None:
        self._count = 0
        self._listening = False
        self._terminated = False
        self._hook = sys.unraisablehook

    @property
    def seen(self) -> bool:
        """Whether the program has been interrupted."""
        return self._count > 0

    @property
    def code(self) -> int:
        """Exit code after an interrupt: 143 for SIGTERM, otherwise 130."""
        return EXIT_TERMINATED if self._terminated else EXIT_INTERRUPTED

    def begin(self) -> None:
        """Start handling SIGINT and SIGTERM.

        SIGINT is not handled if the program was started with it ignored, as by ``&`` in a shell script.
        """
        self._listening = True
        sys.unraisablehook = self._lost
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
        """Stop raising interrupts, since what remains to be done at exit must not be interrupted."""
        self._listening = False
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        if _HAS_THREAD:
            signal.setitimer(signal.ITIMER_REAL, 0.0)

    def check(self) -> None:
        """Raise ``KeyboardInterrupt`` if one was suppressed; called between units of work.

        Raises
        ------
        KeyboardInterrupt
            If the program was interrupted and the exception is not being handled.
        """
        if self._listening and self._count and not _on_its_way():
            raise KeyboardInterrupt

    def _lost(self, lost: sys.UnraisableHookArgs) -> None:
        """Report what could not be raised, except an interrupt: that is raised again."""
        if not (self._count and issubclass(lost.exc_type, KeyboardInterrupt)):
            self._hook(lost)

    def _listen(self) -> None:
        while True:  # until exit, so that repeated interrupts are counted during cleanup too
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
        """Handle SIGTERM as an interrupt, once: a second signal must not interrupt the cleanup."""
        if not self._terminated:
            self._terminated = True
            self._pressed()
            self.check()

    def _handle_again(self, _number: int, _frame: FrameType | None) -> None:
        self.check()


def _on_its_way() -> bool:
    """Return whether an interrupt is being handled, so that the running code is its cleanup."""
    handled = sys.exception()
    while handled is not None:
        if isinstance(handled, KeyboardInterrupt):
            return True
        handled = handled.__context__
    return False


INTERRUPTS: Final = Interrupts()
