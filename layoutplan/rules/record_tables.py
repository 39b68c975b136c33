"""The result tables behind the rules: every case, where a rule's row has only the count."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

import pandas as pd

from layoutplan.rules.closures import closure_walks
from layoutplan.rules.indicators import school_indicators
from layoutplan.rules.order import order_breaches
from layoutplan.rules.programme import programme, programme_totals
from layoutplan.rules.rule_inputs import RuleInputs
from layoutplan.rules.targets import target_progress

RECORDS: Final[Mapping[str, Callable[[RuleInputs], pd.DataFrame]]] = MappingProxyType(
    {
        "order_breaches": order_breaches,
        "closure_walks": closure_walks,
        "programme": programme,
        "programme_totals": programme_totals,
        "school_indicators": school_indicators,
        "target_progress": target_progress,
    }
)
"""Name of each result table, and the function that makes it from a run."""


def record_tables(inputs: RuleInputs) -> dict[str, pd.DataFrame]:
    """Return the result tables of :data:`RECORDS`.

    Parameters
    ----------
    inputs
        Study and stage results of the run, with the rule results.

    Returns
    -------
    dict[str, DataFrame]
        Table by name; a table without cases has no rows.
    """
    return {name: made(inputs) for name, made in RECORDS.items()}
