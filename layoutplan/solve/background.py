"""Run a solver in a background thread, so that Ctrl-C interrupts the wait."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

_Result = TypeVar("_Result")


def run_in_thread(work: Callable[[], _Result]) -> _Result:
    """Run a function in a thread of its own and return its result, or raise its exception.

    Python handles an interrupt between two bytecode instructions, and a solver call is a single one: HiGHS
    may use its whole time limit, and as built into OR-Tools 9.15 it ignores MathOpt's interrupter. The main
    thread therefore only waits. When it is interrupted, the solver thread continues until its time limit or
    until the process ends. This helps only where the call releases the GIL, as MathOpt does.

    Parameters
    ----------
    work
        Function without arguments.

    Returns
    -------
    _Result
        What ``work`` returns.

    Raises
    ------
    BaseException
        Whatever ``work`` raises.
    """
    done: Future[_Result] = Future()

    def answer() -> None:
        try:
            done.set_result(work())
        except BaseException as error:  # noqa: BLE001  raised in the waiting thread
            done.set_exception(error)

    threading.Thread(target=answer, name="solver", daemon=True).start()
    return done.result()
