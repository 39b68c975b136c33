"""Faults for results that could not be written."""

from __future__ import annotations

import errno
from pathlib import Path
from typing import Final

from layoutplan.errors import Fault, InputError

_REASONS: Final = {
    errno.ENOSPC: "disk_full",
    errno.EDQUOT: "disk_full",
    errno.EACCES: "no_permission",
    errno.EPERM: "no_permission",
    errno.EROFS: "no_permission",
    errno.EEXIST: "file_in_the_way",
    errno.ENOTDIR: "file_in_the_way",
}


def not_written(path: Path, error: OSError) -> InputError:
    """Return the error for a failed write; the system's message where there is no text of our own.

    Parameters
    ----------
    path
        What could not be written.
    error
        The system's error.

    Returns
    -------
    InputError
        With one fault.
    """
    reason = _REASONS.get(error.errno or 0)
    params = {} if reason else {"reason": error.strerror or str(error)}
    fault = Fault(code=f"not_written_{reason}" if reason else "not_written", file=str(path), params=params)
    return InputError((fault,))
