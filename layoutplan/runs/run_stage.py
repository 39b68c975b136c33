"""A stage of a run, as it is declared: what it reads, what it gives, and the function that computes it.

A stage is a function whose parameter names are the values that it reads; the declaration names the values
that it gives.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from layoutplan.plan import Plan

Values = dict[str, Any]
"""Values of a run by name."""


@dataclass(frozen=True)
class RunStage:
    """One stage of a run.

    Attributes
    ----------
    name
        Name in the progress bar, the manifest and the documentation.
    gives
        Names of the values that it returns, in order.
    compute
        The function; its parameters are the values that it reads.
    wanted
        Whether a plan requires the stage; the values of an omitted stage are ``None``.
    files
        Files that it opens, besides those among the values that it reads.
    kept
        Whether its results may be kept between runs; not those that only put values together.
    """

    name: str
    gives: tuple[str, ...]
    compute: Callable[..., Any]
    wanted: Callable[[Plan], bool] = field(default=lambda _plan: True)
    files: Callable[[Plan], Iterable[Path]] = field(default=lambda _plan: ())
    kept: bool = True

    @property
    def reads(self) -> tuple[str, ...]:
        """Names of the values that the stage reads."""
        return tuple(inspect.signature(self.compute).parameters)

    def given_by(self, values: Mapping[str, Any]) -> Values:
        """Compute the stage.

        Parameters
        ----------
        values
            Values by name, among them all that it reads.

        Returns
        -------
        dict
            The values that it gives, by name.
        """
        given = self.compute(**{name: values[name] for name in self.reads})
        return dict(zip(self.gives, given if len(self.gives) != 1 else (given,), strict=True))
