"""A folder that keeps results between runs: marked as ours, bounded, safe to share and to remove."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Final

_TAG: Final = "CACHEDIR.TAG"
_SIGNATURE: Final = "Signature: 8a477f597d28d172789f06886806bc55\n"
"""First line of a cache directory tag; backup programs recognise it and skip the folder."""
_REMARK: Final = (
    "# {content} They are computed again where they lack,\n"
    "# and the folder may be removed. About this file: https://bford.info/cachedir/\n"
)
_UNFINISHED: Final = re.compile(r"tmp[a-z0-9_]{8}\.(layoutplan-)?new")
_SUFFIX: Final = ".layoutplan-new"


class CacheFolder:
    """Files of a cache, by name.

    Parameters
    ----------
    path
        Created on the first write, with a cache directory tag. An existing folder that is neither empty nor
        one of ours is not written. Several runs may use it at once.
    content
        What it holds, one English sentence for the tag.
    names
        Matches the names of its files.
    """

    def __init__(self, path: Path, *, content: str, names: re.Pattern[str]) -> None:
        self.path = path
        self._names = names
        self._tag_text = _SIGNATURE + _REMARK.format(content=content)
        self.usable = self.is_ours()

    def is_ours(self) -> bool:
        """Return whether the folder may be used: absent, empty, or identified as ours.

        A folder is ours by its tag or, for folders older than the tag, by the names of its files.

        Returns
        -------
        bool
            False for symbolic links and for folders that cannot be read.
        """
        try:
            if not os.path.lexists(self.path):
                return True
            if self.path.is_symlink() or not self.path.is_dir():
                return False
            tag = self.path / _TAG
            if tag.is_file() and not tag.is_symlink():
                return self._tag_text.encode().startswith(tag.read_bytes())  # cut if the process was killed
            return all(self._is_stored(path) for path in self.path.iterdir())
        except OSError:
            return False

    def put(self, name: str, parts: Iterable[bytes | memoryview]) -> None:
        """Store a file, whole or not at all; errors of the file system are ignored.

        Parameters
        ----------
        name
            Name of the file.
        parts
            Its content.
        """
        if not self.usable or not self._names.fullmatch(name):
            return
        try:
            self._tag()
            with tempfile.NamedTemporaryFile(dir=self.path, suffix=_SUFFIX, delete=False) as file:
                try:
                    file.writelines(parts)
                    file.close()
                    Path(file.name).replace(self.path / name)
                finally:
                    Path(file.name).unlink(missing_ok=True)
        except OSError:
            return

    def prune(self, *, most_bytes: int) -> None:
        """Remove the least recently used files until the rest take no more than ``most_bytes``.

        Incomplete files of interrupted runs are removed as well; a run that is writing one at this moment
        loses that file and continues without it. Errors of the file system are ignored.

        Parameters
        ----------
        most_bytes
            Allowed size of all stored files, bytes.
        """
        if not self.usable or not self.path.is_dir():
            return
        try:
            self._tag()
            stored = [path for path in self.path.iterdir() if self._is_stored(path)]
            for path in stored:
                if _UNFINISHED.fullmatch(path.name):
                    path.unlink()
            files = [(path.stat(), path) for path in stored if self._names.fullmatch(path.name)]
            total = sum(stat.st_size for stat, _ in files)
            for stat, path in sorted(files, key=lambda file: (file[0].st_mtime_ns, file[1].name)):
                if total <= most_bytes:
                    return
                path.unlink()
                total -= stat.st_size
        except OSError:
            return

    def _tag(self) -> None:
        """Create the folder and its cache directory tag."""
        tag = self.path / _TAG
        if not tag.is_file():
            self.path.mkdir(parents=True, exist_ok=True)
            tag.write_text(self._tag_text, encoding="ascii", newline="\n")

    def _is_stored(self, path: Path) -> bool:
        """Return whether a file was written here, according to its name."""
        named = self._names.fullmatch(path.name) or _UNFINISHED.fullmatch(path.name)
        return named is not None and path.is_file() and not path.is_symlink()
