"""The way in and out: errors become words and exit codes, in the reader's language."""

from __future__ import annotations

import atexit
import errno
import multiprocessing
import os
import re
import sys
import traceback
from itertools import pairwise
from pathlib import Path
from typing import Final, NoReturn

import typer

from layoutplan.cli.commands import EXIT_NO_PLAN, app
from layoutplan.cli.interrupts import INTERRUPTS
from layoutplan.cli.printing import err, print_faults
from layoutplan.cli.streams import guard_streams, lost_output, reader_left, shows_chinese
from layoutplan.errors import Fault, InputError, NoPlanError
from layoutplan.offline import keep_process_offline
from layoutplan.regular_files import read_regular
from layoutplan.standards.toml_file import TOML_BYTES
from layoutplan.texts import Language, text

EXIT_DEFECT, EXIT_INPUT = 1, 2
_STATED: Final = re.compile(rb'^[ \t]*lang[ \t]*=[ \t]*"(zh|en)"', re.MULTILINE)
EXIT_PIPE = 141  # as a shell reports a program that SIGPIPE ended


def answer(words: list[str]) -> int:
    """Run the command asked for; return the exit code.

    0 done, 1 our defect, 2 the input or the plan is at fault, 3 no plan serves the pupils left over.

    Raises
    ------
    KeyboardInterrupt
        If somebody interrupts it.
    """
    keep_process_offline()
    lang = asked_language(words)
    if lang == "zh" and not shows_chinese():
        _say(text("cli.no_chinese", "en", encoding=sys.stderr.encoding), style="yellow")
    try:
        # Outside standalone mode the code of an Exit (and 130 of an interrupt) is returned, not raised.
        return int(app(words, standalone_mode=False) or 0)
    except InputError as error:
        print_faults(error, lang)
        return EXIT_INPUT
    except NoPlanError as error:
        _say(text(error.key, lang, **error.params))
        return EXIT_NO_PLAN
    except typer.Abort as error:
        raise KeyboardInterrupt from error
    except Exception as error:  # noqa: BLE001  the last door
        return _unforeseen(error, lang)


def _unforeseen(error: Exception, lang: Language) -> int:
    """Say what ended the command, where no stage did; return the exit code."""
    if hasattr(error, "show"):  # the words of the command line were off, and Typer says how
        error.show()
    elif isinstance(error, OSError) and error.errno == errno.ENAMETOOLONG:
        print_faults(InputError((Fault("file_name_long", file=str(error.filename)),)), lang)
    elif isinstance(error, UnicodeEncodeError) and _narrow_names():
        _say(text("cli.narrow_names", lang, name=error.object, encoding=sys.getfilesystemencoding()))
    else:
        traceback.print_exception(error)
        _say(text("cli.defect", lang))
        return EXIT_DEFECT
    return EXIT_INPUT


def leave(code: int) -> NoReturn:
    """End the process: 130 if it was interrupted, 143 if told to end, 141 if nobody read to the end.

    The work is done even where its output is not read, so a code that says more comes first.
    """
    guard_streams()
    lang = asked_language(sys.argv[1:])
    if INTERRUPTS.seen:
        _say(text("cli.interrupted", lang))
        lost_output()
        for worker in multiprocessing.active_children():
            worker.terminate()
        atexit._run_exitfuncs()  # noqa: SLF001  as an exit does, but no thread is waited for: a solver's may be left
        os._exit(INTERRUPTS.code)
    lost = lost_output()
    if lost is not None and code == 0:
        code = EXIT_PIPE if reader_left(lost) else EXIT_INPUT
        if code == EXIT_INPUT:
            _say(text("cli.output_lost", lang, reason=lost.strerror or str(lost)))
    sys.exit(code)


def _say(words: str, *, style: str = "red") -> None:
    err.print(words, style=style, markup=False)


def _narrow_names() -> bool:
    """Return whether the names of files can not hold every letter here (``LC_ALL=C`` without UTF-8 mode)."""
    return sys.getfilesystemencoding().lower().replace("-", "") != "utf8"


def asked_language(words: list[str]) -> Language:
    """Return the language for errors: that of ``--lang``, else that of the plan named, else Chinese.

    The plan may be at fault itself, so its ``lang`` is looked for as text.

    Examples
    --------
    >>> asked_language(["run", "plan.toml", "--lang", "en"]), asked_language(["compare", "out"])
    ('en', 'zh')
    """
    asked = [word.removeprefix("--lang=") for word in words if word.startswith("--lang=")]
    asked += [after for word, after in pairwise(words) if word == "--lang"]
    for word in words:
        stated = _STATED.search(_content(Path(word))) if word.endswith(".toml") else None
        asked += [stated.group(1).decode("ascii")] if stated else []
    return "en" if asked and asked[0] == "en" else "zh"


def _content(path: Path) -> bytes:
    """Return what a plan holds; nothing where it is no file, or can not be read."""
    try:
        return read_regular(path, most_bytes=TOML_BYTES) or b""
    except (OSError, ValueError):  # a name too long for a file, or without meaning for one
        return b""
