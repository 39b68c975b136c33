"""The result tables behind the rules: cases in full, where a rule's row only counts them."""

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
"""Result tables by name, and what makes each from a run."""


def record_tables(inputs: RuleInputs) -> dict[str, pd.DataFrame]:
    """Return every table of :data:`RECORDS`; one without cases has no rows."""
    return {name: made(inputs) for name, made in RECORDS.items()}
