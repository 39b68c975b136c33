from __future__ import annotations

import pytest

from layoutplan.synthetic import DEMO_RESIDENTS, make_city_tables


@pytest.fixture(scope="session")
def demo():
    """Make the tables of the demo city (half a second)."""
    return make_city_tables(residents=DEMO_RESIDENTS)


@pytest.fixture(scope="session")
def town():
    """Make a town of 20,000."""
    return make_city_tables(residents=20_000, seed=3)
