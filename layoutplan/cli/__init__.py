"""The command line: new · check · run · compare · backtest · demo. It computes no results itself."""

import sys

from layoutplan.cli.interrupts import INTERRUPTS
from layoutplan.cli.streams import guard_streams


def main() -> None:
    """Run the command line and exit with its exit code (see :mod:`layoutplan.cli.entry`)."""
    INTERRUPTS.begin()
    code = 0
    try:
        guard_streams()
        from layoutplan.cli.entry import answer

        code = answer(sys.argv[1:])
        INTERRUPTS.end()
    except KeyboardInterrupt:
        INTERRUPTS.end()
    from layoutplan.cli.entry import leave

    leave(code)


__all__ = ["main"]
