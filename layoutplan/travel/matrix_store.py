"""Disk cache of walking distances, addressed by the content they were computed from."""

from __future__ import annotations

import hashlib
import os
import re
from contextlib import suppress
from dataclasses import fields
from pathlib import Path
from typing import Final

import numpy as np
import scipy

from layoutplan.cache_folder import CacheFolder
from layoutplan.regular_files import read_regular
from layoutplan.travel.search_task import SearchTask, Triples

MOST_BYTES: Final = 2 * 1024**3
"""Allowed size of the stored distances, bytes; the least recently used files are removed first."""

_CONTENT: Final = "Walking distances that layoutplan keeps between runs."
_PAIRS: Final = re.compile(r"[0-9a-f]{40}\.pairs")

_FORMAT: Final = b"layoutplan pairs 2"
_DIGEST: Final = 32
_ORDER: Final = ("<i4", "<i4", "<f4")
_PAIR_BYTES: Final = 12


class WalkMatrixStore:
    """Disk cache of the pairs of search tasks (:class:`SearchTask`), one file per task.

    The file name is the hash of everything the pairs depend on: the streets within reach of the tile, the
    points and their snapped positions, the limit, and the versions of NumPy and SciPy. A change of roads or
    points therefore leaves the files of other tiles valid, and no explicit invalidation is needed. The same
    hash is part of the file's checksum, so a file copied or renamed to another tile's name is rejected. A
    file that is truncated, damaged, not a regular file, or holds positions or distances that its task cannot
    have counts as missing, as does one that cannot be read or written: the tile is computed again. Results
    are byte-identical with and without a store.

    Parameters
    ----------
    folder
        Created on the first write, with a cache directory tag. An existing folder that is neither empty nor
        one of ours is not read or written. Several runs may use it concurrently.
    """

    def __init__(self, folder: Path) -> None:
        self._cache = CacheFolder(folder, content=_CONTENT, names=_PAIRS)

    def is_ours(self) -> bool:
        """Return whether the folder may be used (:meth:`~layoutplan.cache_folder.CacheFolder.is_ours`)."""
        return self._cache.is_ours()

    def get(self, task: SearchTask) -> Triples | None:
        """Return the stored pairs of a task.

        Parameters
        ----------
        task
            The task that was searched.

        Returns
        -------
        Triples or None
            ``None`` if no valid file is stored.
        """
        if not self._cache.usable:
            return None
        key = _key(task)
        path = self._cache.path / _name(key)
        most = len(task.goal_offset) * len(task.start_offset)
        data = read_regular(path, most_bytes=_DIGEST + _PAIR_BYTES * most)
        if data is None:
            return None
        digest, body = data[:_DIGEST], data[_DIGEST:]
        if hashlib.sha256(key + body).digest() != digest or len(body) % _PAIR_BYTES:
            return None
        count = len(body) // _PAIR_BYTES
        found = Triples(
            origin=np.frombuffer(body, dtype="<i4", count=count),
            destination=np.frombuffer(body, dtype="<i4", count=count, offset=4 * count),
            metres=np.frombuffer(body, dtype="<f4", count=count, offset=8 * count),
        )
        with suppress(OSError):
            os.utime(path)
        return found if _is_of(found, task) else None

    def put(self, task: SearchTask, found: Triples) -> None:
        """Store the pairs of a task; errors of the file system are ignored.

        Parameters
        ----------
        task
            The task that was searched.
        found
            Its pairs, with positions in the arrays of the task.
        """
        if not self._cache.usable:
            return
        arrays = (found.origin, found.destination, found.metres)
        body = b"".join(array.astype(dtype).tobytes() for array, dtype in zip(arrays, _ORDER, strict=True))
        key = _key(task)
        self._cache.put(_name(key), (hashlib.sha256(key + body).digest(), body))

    def prune(self, *, most_bytes: int = MOST_BYTES) -> None:
        """Remove the least recently used files (:meth:`~layoutplan.cache_folder.CacheFolder.prune`).

        Parameters
        ----------
        most_bytes
            Allowed size of all stored files, bytes.
        """
        self._cache.prune(most_bytes=most_bytes)


def _name(key: bytes) -> str:
    return f"{key.hex()[:40]}.pairs"


def _key(task: SearchTask) -> bytes:
    """Return the hash of everything the pairs of a task depend on."""
    digest = hashlib.sha256(_FORMAT + scipy.__version__.encode() + np.__version__.encode())
    for field in fields(task):
        value = getattr(task, field.name)
        array = np.ascontiguousarray(value)
        digest.update(f"{field.name} {array.dtype.str} {array.shape};".encode())
        digest.update(array.tobytes())
    return digest.digest()


def _is_of(found: Triples, task: SearchTask) -> bool:
    """Return whether pairs are possible for a task: valid positions, finite distances within its limit."""
    limit = np.float32(task.limit_m)
    return bool(
        ((found.origin >= 0) & (found.origin < len(task.goal_offset))).all()
        and ((found.destination >= 0) & (found.destination < len(task.start_offset))).all()
        and ((found.metres >= 0) & (found.metres <= limit)).all()
    )
