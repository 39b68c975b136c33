"""Disk cache of files that only their author reads back: each is signed with a key of the user.

Stage results are pickles, and loading a pickle can execute code. A cache folder travels with the run folders
beside it, so its content can not be trusted for being there. Every file carries a keyed hash (HMAC-SHA256)
over its name and content; the key is in the home folder of the user, readable by the user alone, and is
never part of an output. A file of another user or machine, damaged, truncated or renamed counts as missing.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import re
import secrets
import sys
import tempfile
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Final

from layoutplan.cache_folder import CacheFolder
from layoutplan.regular_files import read_regular

MOST_RESULT_BYTES: Final = 4 * 1024**3
"""Allowed size of the stored results, bytes; the least recently used files are removed first."""

KEY_HOME: Final = "LAYOUTPLAN_KEY_HOME"
"""Environment variable: folder of the key, instead of ``~/.config/layoutplan``."""

_CONTENT: Final = "Stage results that layoutplan keeps between runs."
_NAME: Final = re.compile(r"[a-z_]{1,40}-[0-9a-f]{40}\.(entry|places|value)")
_KEY_FILE: Final = "stage-results.key"
_KEY_BYTES: Final = 32
_DIGEST: Final = 32


class SignedFiles:
    """Files of a cache folder, by name.

    Parameters
    ----------
    folder
        Created on the first write, with a cache directory tag. An existing folder that is neither empty nor
        one of ours is not read or written. Several runs may use it at once.
    """

    def __init__(self, folder: Path) -> None:
        self._cache = CacheFolder(folder, content=_CONTENT, names=_NAME)
        self._key = user_key() if self._cache.usable else None

    @property
    def folder(self) -> Path:
        """The folder."""
        return self._cache.path

    def is_ours(self) -> bool:
        """Return whether the folder may be used (:meth:`~layoutplan.cache_folder.CacheFolder.is_ours`)."""
        return self._cache.is_ours()

    def names(self, pattern: str) -> list[str]:
        """Return the names of files that match a pattern, the most recently used first.

        Parameters
        ----------
        pattern
            As of :meth:`pathlib.Path.glob`.

        Returns
        -------
        list of str
            Empty where the folder is not ours or cannot be read.
        """
        if self._key is None:
            return []
        try:
            found = [(path.stat().st_mtime_ns, path.name) for path in self.folder.glob(pattern)]
        except OSError:
            return []
        return [name for _, name in sorted(found, reverse=True) if _NAME.fullmatch(name)]

    def has(self, name: str) -> bool:
        """Return whether a file of the name is there; whether it is valid is known when it is read.

        Parameters
        ----------
        name
            Name of the file.

        Returns
        -------
        bool
            Whether it is.
        """
        path = self.folder / name
        return self._key is not None and path.is_file() and not path.is_symlink()

    def get(self, name: str) -> bytes | None:
        """Return the content of a file.

        Parameters
        ----------
        name
            Name of the file.

        Returns
        -------
        bytes or None
            ``None`` if it is missing, damaged or was not signed with the user's key.
        """
        if self._key is None:
            return None
        path = self.folder / name
        try:
            data = read_regular(path, most_bytes=min(path.stat().st_size, MOST_RESULT_BYTES))
        except OSError:
            return None
        if data is None:
            return None
        signature, body = data[:_DIGEST], memoryview(data)[_DIGEST:]
        if not hmac.compare_digest(signature, self._signature(name, body)):
            return None
        with suppress(OSError):
            os.utime(path)
        return bytes(body)

    def put(self, name: str, body: bytes | memoryview) -> None:
        """Store a file; errors of the file system are ignored.

        Parameters
        ----------
        name
            Name of the file.
        body
            Its content.
        """
        if self._key is not None:
            self._cache.put(name, (self._signature(name, memoryview(body)), body))

    def prune(self, *, most_bytes: int = MOST_RESULT_BYTES) -> None:
        """Remove the least recently used files (:meth:`~layoutplan.cache_folder.CacheFolder.prune`).

        Parameters
        ----------
        most_bytes
            Allowed size of all stored files, bytes.
        """
        if self._key is not None:
            self._cache.prune(most_bytes=most_bytes)

    def _signature(self, name: str, body: memoryview) -> bytes:
        made = hmac.new(self._key or b"", name.encode(), hashlib.sha256)
        made.update(body)
        return made.digest()


@cache
def user_key() -> bytes | None:
    """Return the user's key; it is created, readable by the user alone, when it is first needed.

    Returns
    -------
    bytes or None
        ``None`` where there is no home folder to keep it in, or others could have written it: no result is
        kept then.
    """
    try:
        folder = Path(os.environ.get(KEY_HOME) or Path.home() / ".config" / "layoutplan")
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        path = folder / _KEY_FILE
        with suppress(FileExistsError):
            _create(path)
        return _read_key(path)
    except (OSError, RuntimeError):
        return None


def _create(path: Path) -> None:
    """Create the key whole: another process sees none or all of it."""
    if path.exists():
        return
    with tempfile.NamedTemporaryFile(dir=path.parent, prefix=".", delete=False) as file:  # mode 0600
        try:
            file.write(secrets.token_bytes(_KEY_BYTES))
            file.close()
            os.link(file.name, path)  # fails where another process was faster
        finally:
            Path(file.name).unlink(missing_ok=True)


def _read_key(path: Path) -> bytes | None:
    handle = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0))
    with os.fdopen(handle, "rb") as file:
        status = os.fstat(file.fileno())
        if sys.platform != "win32" and (status.st_uid != os.getuid() or status.st_mode & 0o077):
            return None
        key = file.read(_KEY_BYTES + 1)
    return key if len(key) == _KEY_BYTES else None
