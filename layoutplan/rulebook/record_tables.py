"""The result tables behind the rules: cases in full, where a rule's row only counts them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

import pandas as pd

from layoutplan.rulebook.closures import closure_walks
from layoutplan.rulebook.indicators import school_indicators
from layoutplan.rulebook.model import Evidence
from layoutplan.rulebook.order import order_breaches
from layoutplan.rulebook.programme import programme, programme_totals
from layoutplan.rulebook.targets import target_progress

RECORDS: Final[Mapping[str, Callable[[Evidence], pd.DataFrame]]] = MappingProxyType(
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


def record_tables(evidence: Evidence) -> dict[str, pd.DataFrame]:
    """Return every table of :data:`RECORDS`; one without cases has no rows."""
    return {name: made(evidence) for name, made in RECORDS.items()}
