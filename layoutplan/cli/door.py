"""The way in and out: errors become words and exit codes, in the reader's language."""

from __future__ import annotations

import re
import sys
import traceback
from itertools import pairwise
from pathlib import Path

import typer

from layoutplan.cli.commands import EXIT_NO_PLAN, app
from layoutplan.cli.printing import err, print_faults
from layoutplan.errors import InputError, NoPlanError
from layoutplan.offline import keep_process_offline
from layoutplan.regular import read_regular
from layoutplan.standards.toml_file import TOML_BYTES
from layoutplan.texts import Language, text

EXIT_DEFECT, EXIT_INPUT, EXIT_INTERRUPTED = 1, 2, 130


def main() -> None:
    """Run the command line and exit: 0 done, 2 the user's fault, 3 no plan, 1 our defect, 130 interrupted.

    (CPython may turn 130 into an end by the signal itself; a shell shows 130 for both.)
    """
    keep_process_offline()
    code = _answer()
    if code == EXIT_INTERRUPTED:
        err.print(text("cli.interrupted", asked_language(sys.argv[1:])), style="red", markup=False)
    sys.exit(code)


def _answer() -> int:
    """Run the command asked for; return the exit code."""
    lang = asked_language(sys.argv[1:])
    try:
        # Outside standalone mode the code of an Exit (and 130 of an interrupt) is returned, not raised.
        return int(app(standalone_mode=False) or 0)
    except InputError as error:
        print_faults(error, lang)
        return EXIT_INPUT
    except NoPlanError as error:
        err.print(text(error.key, lang, **error.params), style="red", markup=False)
        return EXIT_NO_PLAN
    except (typer.Abort, KeyboardInterrupt):
        return EXIT_INTERRUPTED
    except Exception as error:  # noqa: BLE001  the last door
        if hasattr(error, "show"):  # the words of the command line were off, and Typer says how
            error.show()
            return EXIT_INPUT
        traceback.print_exc()
        err.print(text("cli.defect", lang), style="red", markup=False)
        return EXIT_DEFECT


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
    plans = [read_regular(Path(word), most_bytes=TOML_BYTES) for word in words if word.endswith(".toml")]
    for plan in plans:
        stated = re.search(rb'^[ \t]*lang[ \t]*=[ \t]*"(zh|en)"', plan or b"", re.MULTILINE)
        asked += [stated.group(1).decode("ascii")] if stated else []
    return "en" if asked and asked[0] == "en" else "zh"
