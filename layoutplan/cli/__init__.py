"""The command line: new · check · run · compare · backtest · demo. It computes nothing itself."""

from layoutplan.cli.door import main

__all__ = ["main"]
