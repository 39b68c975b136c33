"""Walking distances kept between runs, found again by the content they were computed from."""

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
"""Room on the disk that stored distances may take; what was not used for longest goes first."""

_TAG: Final = "CACHEDIR.TAG"
_TAG_TEXT: Final = (
    "Signature: 8a477f597d28d172789f06886806bc55\n"
    "# Walking distances that layoutplan keeps between runs. They are computed again where they lack,\n"
    "# and the folder may be removed. About this file: https://bford.info/cachedir/\n"
)
"""The mark of our folder; programs that make backups know the first line and pass the folder over."""
_PAIRS: Final = re.compile(r"[0-9a-f]{40}\.pairs")
_UNFINISHED: Final = re.compile(r"tmp[a-z0-9_]{8}\.(layoutplan-)?new")

_FORMAT: Final = b"layoutplan pairs 2"
_DIGEST: Final = 32
_ORDER: Final = ("<i4", "<i4", "<f4")
_PAIR_BYTES: Final = 12


class WalkMatrixStore:
    """Pairs of tiles of the city (:class:`~layoutplan.travel.search.SearchTask`), one file a tile.

    A file's name is the hash of everything its pairs depend on: the streets within reach of the tile, the
    places and where they meet the streets, the limit, and the version of the kernel. So a change of roads or
    points leaves the other tiles' files valid, and nothing ever has to be declared stale. The same hash is
    part of the file's checksum, so a file copied or renamed to another tile's name is none of it. A file that
    is cut off, damaged, no regular file, holds positions or distances that its tile cannot have, or cannot be
    read or written is as good as none: the tile is computed again. Results are the
    same bytes with a store and without.

    Parameters
    ----------
    folder
        Made when first written to, with a tag that says whose it is; a folder that is there already and not
        ours is neither read nor written. Several runs may use it at once.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._ours = self.is_ours()

    def is_ours(self) -> bool:
        """Say whether the folder is absent, empty or ours: by its tag or, before there was one, its files."""
        try:
            if not os.path.lexists(self._folder):
                return True
            if self._folder.is_symlink() or not self._folder.is_dir():
                return False
            tag = self._folder / _TAG
            if tag.is_file() and not tag.is_symlink():
                return _TAG_TEXT.encode().startswith(tag.read_bytes())  # a kill may have cut it off
            return all(_is_stored(path) for path in self._folder.iterdir())
        except OSError:
            return False

    def get(self, task: SearchTask) -> Triples | None:
        """Return the pairs of a task, or ``None`` if they are not stored."""
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
        """Store the pairs of a task; a disk that refuses is left alone."""
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
        """Make the folder, and say in it whose it is."""
        tag = self._folder / _TAG
        if not tag.is_file():
            self._folder.mkdir(parents=True, exist_ok=True)
            tag.write_text(_TAG_TEXT, encoding="ascii", newline="\n")

    def prune(self, *, most_bytes: int = MOST_BYTES) -> None:
        """Remove the files used longest ago until the rest take no more than ``most_bytes``.

        What a killed run left half written is removed as well; a run that is writing it now does without.
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
    """Say whether a store wrote a file, by its name."""
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
    """Say whether pairs can be a task's: positions it has, distances that are numbers within its limit."""
    limit = np.float32(task.limit_m)
    return bool(
        ((found.origin >= 0) & (found.origin < len(task.goal_offset))).all()
        and ((found.destination >= 0) & (found.destination < len(task.start_offset))).all()
        and ((found.metres >= 0) & (found.metres <= limit)).all()
    )
