"""Guard around each reader: any exception inside becomes a fault of that file and table.

Readers report known problems with faults of their own. The underlying libraries raise hundreds of exceptions
for damaged files, some from the standard library (``struct.error``, ``IndexError``, ``KeyError``).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from layoutplan.city.limits import NESTING
from layoutplan.dictionary.table_log import TableLog
from layoutplan.errors import LayoutplanError

_LONGEST: Final = 200


@contextmanager
def guard(code: str, *, log: TableLog) -> Iterator[None]:
    """Turn any exception of the block into a fault with its reason; the block ends there.

    Errors of the operating system, running out of memory, and excessive nesting have faults of their own.
    ``LayoutplanError`` and interrupts are re-raised.

    Parameters
    ----------
    code
        Fault code for other exceptions.
    log
        Receives the fault.

    Raises
    ------
    LayoutplanError
        If the block raises it.
    """
    try:
        yield
    except LayoutplanError:
        raise
    except MemoryError:
        log.add("memory_ended")
    except RecursionError:
        log.add("nested_too_deep", levels=NESTING)
    except Exception as error:  # noqa: BLE001  of any library below
        refused = isinstance(error, OSError) and error.strerror
        log.add("file_unreadable" if refused else code, reason=refused or one_line(error))


def one_line(error: BaseException) -> str:
    """Return the message of an exception in one short line.

    Parameters
    ----------
    error
        The exception.

    Returns
    -------
    str
        At most 200 characters; the name of the class if there is no message.
    """
    said = " ".join(str(error).split()).replace(";", ",")
    return said[:_LONGEST] or type(error).__name__
