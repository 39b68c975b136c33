"""Standard output and error that never end a run: closed, full, or with an encoding that lacks characters."""

from __future__ import annotations

import codecs
import errno
import io
import os
import sys
from typing import Final, TextIO

_PLAIN: Final = str.maketrans(
    {
        "–": "-", "—": "-", "−": "-", "→": "->", "·": "*", "×": "x", "…": "...", "“": '"', "”": '"', "’": "'",
        "≥": ">=", "≤": "<=", "±": "+-", "²": "2", "　": " ", "，": ",", "。": ".", "：": ":", "；": ";",
        "（": "(", "）": ")", "、": ",",
    }
)  # fmt: skip
_ERRORS: Final = "layoutplan.plain"


class Stream(io.TextIOWrapper):
    """A text stream that survives write errors: after the first failure all further output is discarded.

    Attributes
    ----------
    lost
        The first failure; ``None`` without one.
    """

    lost: OSError | None = None

    def write(self, written: str, /) -> int:
        """Write text, or discard it.

        Parameters
        ----------
        written
            The text.

        Returns
        -------
        int
            Number of characters accepted.
        """
        try:
            return super().write(written)
        except OSError as error:
            self._lose(error)
            return len(written)

    def flush(self) -> None:
        """Flush the buffer, or discard it."""
        try:
            super().flush()
        except OSError as error:
            self._lose(error)

    def _lose(self, error: OSError) -> None:
        """Record the failure and redirect the buffer to the null device, so that later flushes succeed."""
        self.lost = self.lost or error
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, self.fileno())
        os.close(nowhere)


def guard_streams() -> None:
    """Replace standard output and error by :class:`Stream`.

    Characters that their encoding lacks are written in ASCII (``->``) or as ``?``.
    """
    codecs.register_error(_ERRORS, _plain)
    sys.stdout, sys.stderr = _guarded(sys.stdout), _guarded(sys.stderr)


def _guarded(stream: TextIO | None) -> TextIO:
    if stream is None:  # closed before the program started
        return open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123  as long as the process
    if isinstance(stream, Stream) or not isinstance(stream, io.TextIOWrapper):
        return stream
    encoding, buffering = stream.encoding, stream.line_buffering
    return Stream(stream.detach(), encoding=encoding, errors=_ERRORS, line_buffering=buffering)


def _plain(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    plain = error.object[error.start : error.end].translate(_PLAIN)
    return plain.encode("ascii", "replace").decode("ascii"), error.end


def lost_output() -> OSError | None:
    """Return the error that prevented writing all standard output; ``None`` if it was written."""
    sys.stdout.flush()
    sys.stderr.flush()
    return sys.stdout.lost if isinstance(sys.stdout, Stream) else None


def reader_left(error: OSError) -> bool:
    """Return whether output failed because the reader closed the pipe, as in ``layoutplan … | head -1``.

    Parameters
    ----------
    error
        The failure.

    Returns
    -------
    bool
        Whether it is a closed pipe or connection.
    """
    return error.errno in {errno.EPIPE, errno.ESHUTDOWN}


def shows_chinese() -> bool:
    """Return whether the encoding of standard error has Chinese characters."""
    try:
        (chr(0x4E2D) + chr(0x6587)).encode(sys.stderr.encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        return False
    return True
