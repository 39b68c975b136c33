"""Exit codes of the commands; 130 and 143 are in :mod:`layoutplan.cli.interrupts`."""

from typing import Final

EXIT_DEFECT: Final = 1
EXIT_INPUT: Final = 2
EXIT_NO_PLAN: Final = 3
EXIT_PIPE: Final = 141
"""As a shell reports a program that SIGPIPE ended."""
