"""One guard around each reader: whatever goes wrong inside becomes a fault of that file and table.

What a reader knows of it says with a fault of its own. The libraries below have hundreds of exceptions for
damaged files, and some that are none of theirs (``struct.error``, ``IndexError``, ``KeyError``).
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
    """Turn any exception of the block into the fault ``code`` with its ``reason``; the block ends there.

    What the system refuses, running out of memory, and nesting too deep for a parser have faults of their
    own. Errors raised on purpose pass, and so do interrupts.
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
    """Return what an exception says, in one short line; its kind where it says nothing."""
    said = " ".join(str(error).split()).replace(";", ",")
    return said[:_LONGEST] or type(error).__name__
