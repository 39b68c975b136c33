"""Disk cache of walking distances, addressed by the content they were computed from."""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
from contextlib import suppress
from dataclasses import fields
from pathlib import Path
from typing import Final

import numpy as np
import scipy

from layoutplan.regular_files import read_regular
from layoutplan.travel.search_task import SearchTask, Triples

MOST_BYTES: Final = 2 * 1024**3
"""Allowed size of the stored distances, bytes; the least recently used files are removed first."""

_TAG: Final = "CACHEDIR.TAG"
_TAG_TEXT: Final = (
    "Signature: 8a477f597d28d172789f06886806bc55\n"
    "# Walking distances that layoutplan keeps between runs. They are computed again where they lack,\n"
    "# and the folder may be removed. About this file: https://bford.info/cachedir/\n"
)
"""Cache directory tag of our folder; backup programs recognise the first line and skip the folder."""
_PAIRS: Final = re.compile(r"[0-9a-f]{40}\.pairs")
_UNFINISHED: Final = re.compile(r"tmp[a-z0-9_]{8}\.(layoutplan-)?new")

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
        self._folder = folder
        self._ours = self.is_ours()

    def is_ours(self) -> bool:
        """Return whether the folder may be used: absent, empty, or identified as ours.

        A folder is ours by its tag or, for folders older than the tag, by the names of its files.

        Returns
        -------
        bool
            False for symbolic links and for folders that cannot be read.
        """
        try:
            if not os.path.lexists(self._folder):
                return True
            if self._folder.is_symlink() or not self._folder.is_dir():
                return False
            tag = self._folder / _TAG
            if tag.is_file() and not tag.is_symlink():
                return _TAG_TEXT.encode().startswith(tag.read_bytes())  # truncated if the process was killed
            return all(_is_stored(path) for path in self._folder.iterdir())
        except OSError:
            return False

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
        if not self._ours:
            return None
        key = _key(task)
        path = self._path(key)
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
        arrays = (found.origin, found.destination, found.metres)
        body = b"".join(array.astype(dtype).tobytes() for array, dtype in zip(arrays, _ORDER, strict=True))
        if not self._ours:
            return
        key = _key(task)
        path = self._path(key)
        try:
            self._tag()
            with tempfile.NamedTemporaryFile(
                dir=self._folder, suffix=".layoutplan-new", delete=False
            ) as file:
                try:
                    file.write(hashlib.sha256(key + body).digest() + body)
                    file.close()
                    Path(file.name).replace(path)
                finally:
                    Path(file.name).unlink(missing_ok=True)
        except OSError:
            return

    def _tag(self) -> None:
        """Create the folder and its cache directory tag."""
        tag = self._folder / _TAG
        if not tag.is_file():
            self._folder.mkdir(parents=True, exist_ok=True)
            tag.write_text(_TAG_TEXT, encoding="ascii", newline="\n")

    def prune(self, *, most_bytes: int = MOST_BYTES) -> None:
        """Remove the least recently used files until the rest take no more than ``most_bytes``.

        Incomplete files of interrupted runs are removed as well; a run that is writing one at this moment
        loses that file and continues without it. Errors of the file system are ignored.

        Parameters
        ----------
        most_bytes
            Allowed size of all stored files, bytes.
        """
        if not self._ours:
            return
        try:
            if self._folder.is_dir():
                self._tag()
            stored = [path for path in self._folder.iterdir() if _is_stored(path)]
            for path in stored:
                if _UNFINISHED.fullmatch(path.name):
                    path.unlink()
            files = [(path.stat(), path) for path in stored if _PAIRS.fullmatch(path.name)]
            total = sum(stat.st_size for stat, _ in files)
            for stat, path in sorted(files, key=lambda file: (file[0].st_mtime_ns, file[1].name)):
                if total <= most_bytes:
                    return
                path.unlink()
                total -= stat.st_size
        except OSError:
            return

    def _path(self, key: bytes) -> Path:
        return self._folder / f"{key.hex()[:40]}.pairs"


def _is_stored(path: Path) -> bool:
    """Return whether a file was written by a store, according to its name."""
    named = _PAIRS.fullmatch(path.name) or _UNFINISHED.fullmatch(path.name)
    return named is not None and path.is_file() and not path.is_symlink()


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
