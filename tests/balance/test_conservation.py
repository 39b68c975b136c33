"""Broken laws are found."""

from dataclasses import replace

import numpy as np
import pytest

from layoutplan.balance.arcs import walks_of
from layoutplan.balance.assignment import place_stage
from layoutplan.balance.catchment_view import divide
from layoutplan.balance.conservation import check_conservation
from layoutplan.errors import DefectError
from tests.balance.towns import PLAIN, demand_of, study


@pytest.fixture
def case():
    layout = study(PLAIN).today
    seats = layout.seats
    demand, counted = demand_of(PLAIN).pupils["primary"].to_numpy(), seats.counted("primary").to_numpy()
    walks = walks_of(layout.walks)
    return {
        "stage": "primary",
        "demand": demand,
        "counted": counted,
        "placement": place_stage(demand, counted, walks),
        "parts": divide(PLAIN, layout, stage="primary", demand=demand, counted=counted),
    }


def test_a_sound_balance_passes(case):
    check_conservation(**case)


@pytest.mark.parametrize(
    ("change", "law"),
    [
        (
            lambda case: {"placement": replace(case["placement"], served=case["demand"] + 1)},
            "beyond its demand",
        ),
        (
            lambda case: {"placement": replace(case["placement"], served=case["demand"] * -1)},
            "less than nobody",
        ),
        (
            lambda case: {"placement": replace(case["placement"], assigned=case["counted"] + 1)},
            "more than its",
        ),
        (lambda case: {"placement": replace(case["placement"], assigned=case["counted"] * 0)}, "arrive"),
        (lambda case: {"placement": replace(case["placement"], boarding=case["demand"] + 1)}, "are among"),
        (lambda case: {"placement": replace(case["placement"], boarding=case["demand"] / 2)}, "old enough"),
        (lambda case: {"placement": replace(case["placement"], boarding_at=case["counted"])}, "have a bed"),
        (lambda case: {"parts": replace(case["parts"], demand=case["parts"].demand * 0)}, "to the demand"),
        (lambda case: {"parts": replace(case["parts"], seats=case["parts"].seats + 1)}, "to the seats"),
        (lambda case: {"placement": replace(case["placement"], served=case["demand"] * np.nan)}, "demand"),
    ],
)
def test_a_broken_law_is_a_defect(case, change, law):
    with pytest.raises(DefectError, match=law):
        check_conservation(**{**case, **change(case)})
