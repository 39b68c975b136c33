"""Wait for a solver in such a way that Ctrl-C ends the waiting."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

_Result = TypeVar("_Result")


def aside(work: Callable[[], _Result]) -> _Result:
    """Do work in a thread of its own and return what it returns, or raise what it raises.

    An interrupt is heeded between two steps of Python, and a solver's answer is one step: HiGHS can take its
    whole time limit, and as built into OR-Tools 9.15 it does not look at MathOpt's interrupter. The main
    thread therefore only waits; interrupted, it leaves the solver to itself, which ends at its time limit or
    with the process. Of use for work that lets other threads run meanwhile, as MathOpt does.
    """
    done: Future[_Result] = Future()

    def answer() -> None:
        try:
            done.set_result(work())
        except BaseException as error:  # noqa: BLE001  it is raised by who waits
            done.set_exception(error)

    threading.Thread(target=answer, name="solver", daemon=True).start()
    return done.result()
