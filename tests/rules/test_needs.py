"""What a rule needs: nothing once it is met, and never more than its threshold asks for."""

import numpy as np
import pytest

from layoutplan.rules import evaluate_rules, rule_spec
from layoutplan.rules.worked_examples import worked_example


def judged(case, rule):
    results = evaluate_rules(case, rules=[rule_spec(rule)])
    return results[results["area_kind"] == "city"].iloc[-1]


@pytest.mark.parametrize(("own", "need"), [((96, 95), 0), ((96, 90), 4), ((100, 80), 10)])
def test_95_of_100_entrants_are_from_the_own_catchment_city_wide(own, need):
    """200 entrants: 190 must live in the catchment; one school's surplus makes up for another's lack."""
    case = worked_example(
        schools={
            "school_id": ["A", "B"],
            "school_type": ["junior"] * 2,
            "ownership": ["public"] * 2,
            "intake_junior": [100, 100],
            "intake_own_junior": [*own],
        }
    )
    row = judged(case, "admission.entry_share")
    assert (row["numerator"], row["denominator"], row["need"]) == (sum(own), 200, need)
    assert row["status"] == ("missed" if need else "met")


def test_a_rule_that_is_met_needs_nothing():
    """Ten seats to spare in all, though a pupil 9 km away reaches none: the balance is met all the same."""
    case = worked_example(
        stages=["primary"],
        target_year=2025,
        schools={"school_id": ["A"], "school_type": ["primary"], "seats_primary": [70]},
        units={"unit_id": ["U", "V"], "x": [500, 9500], "y": [500, 500], "age_6": [40, 20]},
    )
    row = judged(case, "layout.seat_balance")
    assert (row["value"], row["status"], row["need"]) == (10, "met", 0)
    everything = evaluate_rules(case)
    met = everything[(everything["status"] == "met") & everything["need"].notna()]
    assert set(met["rule"]) == {"layout.seat_balance"}
    assert np.all(met["need"] == 0)
