"""Files of a run folder that are taken over: those of an equal run need not be written again.

The same inputs, plan and program give the same bytes, so what was written of an equal run is linked into the
new folder. Which files these are, with their hashes, is recorded where stage results are kept, signed: a
file that was changed or came from elsewhere is written again.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from layoutplan.plan import Plan
from layoutplan.runs.identity import digest, identity_of_plan, program
from layoutplan.runs.ownership import files_of, sha256_of
from layoutplan.runs.signed_files import SignedFiles

_NAME: Final = "written_files"


@dataclass(frozen=True)
class WrittenFiles:
    """Record of what was written of equal runs.

    Attributes
    ----------
    results
        Folder of the stage results.
    identity
        Identity of the run: of the plan and of every value that its stages gave.
    """

    results: Path
    identity: str

    def take(self, folder: Path, new: Path, *, outputs: Collection[str]) -> bool:
        """Link the files of an equal run into a new folder.

        Parameters
        ----------
        folder
            The run folder that was written last.
        new
            An empty folder.
        outputs
            Names of the files that are asked for.

        Returns
        -------
        bool
            Whether all of them were there, unchanged; otherwise ``new`` is left empty.
        """
        data = SignedFiles(self.results).get(self._name(outputs))
        files: dict[str, str] = {} if data is None else json.loads(data)
        if not files or not all(_is_unchanged(folder / name, sha256) for name, sha256 in files.items()):
            return False
        for name in files:
            (new / name).parent.mkdir(parents=True, exist_ok=True)
            _link(folder / name, new / name)
        return True

    def record(self, new: Path, *, outputs: Collection[str]) -> None:
        """Record the files of a folder as those of this run.

        Parameters
        ----------
        new
            A folder with every file of the run but the manifest.
        outputs
            Names of the files that were asked for.
        """
        SignedFiles(self.results).put(self._name(outputs), json.dumps(files_of(new)).encode())

    def _name(self, outputs: Collection[str]) -> str:
        return f"{_NAME}-{digest(json.dumps([self.identity, sorted(outputs)]))}.entry"


def written_files(results: Path, plan: Plan, values: Mapping[str, str]) -> WrittenFiles:
    """Return the record of a run.

    Parameters
    ----------
    results
        Folder of the stage results.
    plan
        The plan.
    values
        Identities of the values of the run by name.

    Returns
    -------
    WrittenFiles
        The record.
    """
    said = [program(), identity_of_plan(plan), sorted(values.items())]
    return WrittenFiles(results, digest(json.dumps(said)))


def _is_unchanged(path: Path, sha256: str) -> bool:
    try:
        return path.is_file() and not path.is_symlink() and sha256_of(path) == sha256
    except OSError:
        return False


def _link(path: Path, new: Path) -> None:
    try:
        os.link(path, new)
    except OSError:  # a file system without links
        shutil.copyfile(path, new)
