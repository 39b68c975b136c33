"""Entry and exit of the command line: errors become messages in the user's language and exit codes."""

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

import layoutplan.cli.batch_command  # noqa: F401  registers the command
from layoutplan.cli.commands import app
from layoutplan.cli.exit_codes import EXIT_DEFECT, EXIT_INPUT, EXIT_NO_PLAN, EXIT_PIPE
from layoutplan.cli.interrupts import INTERRUPTS
from layoutplan.cli.printing import err, print_faults
from layoutplan.cli.streams import guard_streams, lost_output, reader_left, shows_chinese
from layoutplan.errors import Fault, InputError, NoPlanError
from layoutplan.offline import keep_process_offline
from layoutplan.regular_files import read_regular
from layoutplan.standards.toml_file import TOML_BYTES
from layoutplan.texts import Language, text

_STATED: Final = re.compile(rb'^[ \t]*lang[ \t]*=[ \t]*"(zh|en)"', re.MULTILINE)


def answer(words: list[str]) -> int:
    """Run the requested command.

    Parameters
    ----------
    words
        Command-line arguments without the program's name.

    Returns
    -------
    int
        Exit code: 0 done, 1 defect of the program, 2 fault of the input or the plan, 3 no plan serves the
        pupils without a seat.

    Raises
    ------
    KeyboardInterrupt
        If the user interrupts the command.
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
    except Exception as error:  # noqa: BLE001  outermost handler
        return _unforeseen(error, lang)


def _unforeseen(error: Exception, lang: Language) -> int:
    """Report an error that no stage handled; return the exit code."""
    if hasattr(error, "show"):  # Typer explains an invalid command line
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
    """Exit the process: code 130 if interrupted, 143 if terminated, 141 if the reader closed the output.

    The work is complete even if its output is not read, so any other code than 0 has priority over 141.

    Parameters
    ----------
    code
        Exit code of the command.

    Raises
    ------
    SystemExit
        With the exit code, unless the process was interrupted.
    """
    guard_streams()
    lang = asked_language(sys.argv[1:])
    if INTERRUPTS.seen:
        _say(text("cli.interrupted", lang))
        lost_output()
        for worker in multiprocessing.active_children():
            worker.terminate()
        atexit._run_exitfuncs()  # noqa: SLF001  as at exit, but without waiting for a solver's thread
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
    """Return whether file names cannot contain every character here (``LC_ALL=C`` without UTF-8 mode)."""
    return sys.getfilesystemencoding().lower().replace("-", "") != "utf8"


def asked_language(words: list[str]) -> Language:
    """Return the language of messages: that of ``--lang``, otherwise that of the plan, otherwise Chinese.

    The plan may be invalid, so its key ``lang`` is searched as text.

    Parameters
    ----------
    words
        Command-line arguments without the program's name.

    Returns
    -------
    Language
        ``zh`` or ``en``.

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
    """Return the content of a plan file; empty if it cannot be read."""
    try:
        return read_regular(path, most_bytes=TOML_BYTES) or b""
    except (OSError, ValueError):  # not a valid file name
        return b""
