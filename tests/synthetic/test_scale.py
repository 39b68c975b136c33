from __future__ import annotations

import pytest

from layoutplan.synthetic.scale import METROPOLIS_RESIDENTS, scale_of


def test_the_metropolis_is_zhengzhou():
    """Figures of 2023, nine-year schools (109) counted in both; 92.1 primary pupils per 1,000 residents."""
    scale = scale_of(METROPOLIS_RESIDENTS)
    assert scale.primary + scale.nine_year == 1_001
    assert scale.junior + scale.nine_year == 436
    assert scale.kindergartens == 2_066
    assert scale.ages[6:12].sum() == pytest.approx(92.1, rel=0.06)


@pytest.mark.parametrize("residents", [5_000, 40_000, 500_000, 3_000_000, 15_000_000])
def test_larger_cities_have_no_less_of_anything(residents):
    smaller, larger = scale_of(residents), scale_of(min(2 * residents, 15_000_000))
    for name in (
        "area_km2",
        "units",
        "districts",
        "primary",
        "junior",
        "nine_year",
        "senior",
        "kindergartens",
    ):
        assert getattr(smaller, name) <= getattr(larger, name)
