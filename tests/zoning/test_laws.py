"""Laws of a redraw in any town: every unit once, connected, own units, loads, outlines that tile."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from layoutplan.zoning import redraw
from tests.examples import examples
from tests.zoning.grids import SIDE, connected, grid_city, grid_study
from tests.zoning.test_redraw import outcome

WIDTH, COUNT = 4, 12


@st.composite
def towns(draw: Any) -> dict[str, Any]:
    """Return a town of 12 units with two or three schools, some units in no catchment."""
    names = "ABC"[: draw(st.integers(2, 3))]
    own = draw(st.permutations(range(COUNT)))[: len(names)]
    pupils = draw(st.lists(st.integers(0, 60), min_size=COUNT, max_size=COUNT))
    seats = draw(st.lists(st.integers(10, 400), min_size=len(names), max_size=len(names)))
    homes = draw(st.lists(st.sampled_from([*(f"C{n}" for n in names), None]), min_size=COUNT, max_size=COUNT))
    for name, unit in zip(names, own, strict=True):
        homes[unit] = f"C{name}"
    schools = {name: (unit, float(many)) for name, unit, many in zip(names, own, seats, strict=True)}
    return {"width": WIDTH, "pupils": [float(one) for one in pupils], "schools": schools, "homes": homes}


@settings(max_examples=examples(20))
@given(town=towns(), price_m=st.sampled_from([0.0, 500.0, 5000.0]))
def test_every_division_keeps_its_laws(town: dict[str, Any], price_m: float) -> None:
    study = grid_study(grid_city(**town), price_moved_m=price_m, work=0.05)
    found = redraw(study)
    held = found.layout.zoning.held("primary")
    names = sorted(town["schools"])
    zone = [names.index(one[1:]) for one in held]
    own = [town["schools"][name][0] for name in names]
    assert [zone[unit] for unit in own] == list(range(len(names)))
    assert connected(zone, own, WIDTH)
    row = outcome(found)
    load = np.bincount(zone, weights=town["pupils"], minlength=len(names))
    seats = np.array([town["schools"][name][1] for name in names])
    assert row["overload"] == pytest.approx(np.maximum(load - seats, 0).sum(), abs=1e-6)
    assert row["overload_bound"] <= row["overload"] + 1e-6
    assert row["overload_bound"] >= max(0.0, sum(town["pupils"]) - seats.sum()) - 1e-6
    assert row["bound"] <= row["objective"] + 1e-6
    moved = [unit for unit, home in enumerate(town["homes"]) if home not in {None, held.iloc[unit]}]
    assert row["moved"] == pytest.approx(sum(town["pupils"][unit] for unit in moved))
    assert set(found.moves["unit_id"]) >= {f"U{unit:02d}" for unit in moved}
    shapes = found.layout.zoning.of_stage("primary").geometry
    assert shapes.area.sum() == pytest.approx(COUNT * SIDE**2, abs=1)
    assert shapely.union_all(shapes.to_numpy()).area == pytest.approx(COUNT * SIDE**2, abs=1)
    assert shapely.area(shapely.get_parts(shapes.to_numpy())).min() > SIDE**2 / 2
    points = study.city.units.geometry
    assert all(shapes[held[unit]].contains(place) for unit, place in points.items())
