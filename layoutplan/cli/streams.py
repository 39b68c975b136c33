"""Standard output and error that never end a run: closed, full, or of an encoding without our characters."""

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
    """A text stream that outlives its reader: from the first failure on all that is written is dropped.

    Attributes
    ----------
    lost
        The first failure; ``None`` while all is well.
    """

    lost: OSError | None = None

    def write(self, written: str, /) -> int:
        """Write text, or drop it."""
        try:
            return super().write(written)
        except OSError as error:
            self._lose(error)
            return len(written)

    def flush(self) -> None:
        """Hand on what is written, or drop it."""
        try:
            super().flush()
        except OSError as error:
            self._lose(error)

    def _lose(self, error: OSError) -> None:
        """Remember the failure, and send what is still kept nowhere, so that no later flush fails again."""
        self.lost = self.lost or error
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, self.fileno())
        os.close(nowhere)


def guard_streams() -> None:
    """Put :class:`Stream` in the place of standard output and error.

    Characters that their encoding lacks are written plainly (``->``) or as ``?``.
    """
    codecs.register_error(_ERRORS, _plain)
    sys.stdout, sys.stderr = _guarded(sys.stdout), _guarded(sys.stderr)


def _guarded(stream: TextIO | None) -> TextIO:
    if stream is None:  # closed before the program began
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
    """Return why standard output could not be written to its end; ``None`` where it was."""
    sys.stdout.flush()
    sys.stderr.flush()
    return sys.stdout.lost if isinstance(sys.stdout, Stream) else None


def reader_left(error: OSError) -> bool:
    """Return whether output failed because who read it has gone: ``layoutplan … | head -1``."""
    return error.errno in {errno.EPIPE, errno.ESHUTDOWN}


def shows_chinese() -> bool:
    """Return whether standard error can write Chinese."""
    try:
        "中文".encode(sys.stderr.encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        return False
    return True
