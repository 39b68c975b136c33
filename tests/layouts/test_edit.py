"""A planner's own layout: what it does, and what it is refused for."""

from __future__ import annotations

import pytest

from layoutplan import InputError, evaluate
from layoutplan.layouts import apply_edit, read_edit
from tests.small_city import small_city, small_profile, small_rule
from tests.studies import study_of

CAP = small_rule("school_size.cap", "primary", 2000.0)


@pytest.fixture(scope="module")
def study():
    return study_of(small_city(), profile=small_profile(extra=(CAP,)))


@pytest.fixture
def edited(study, tmp_path):
    """Read the text of a layout file and apply it."""

    def apply(text):
        path = tmp_path / "east.toml"
        path.write_text(text, encoding="utf-8")
        edit = read_edit(path, study.city)
        return apply_edit(edit, study.today, city=study.city, plan=study.plan, walking=study.walking)

    return apply


def faults(edited, text):
    with pytest.raises(InputError) as caught:
        edited(text)
    return {fault.code: fault for fault in caught.value.faults if fault.severity == "error"}


def school_with_seats(study, stage="primary"):
    seats = study.today.seats.seats[stage].iloc[:, 0]
    return str(seats.idxmax()), float(seats.max())


def test_a_measure_and_a_move_make_a_successor(study, edited):
    school, before = school_with_seats(study)
    unit = study.today.zoning.unit_catchments["primary"].dropna().index[0]
    here = study.today.zoning.unit_catchments.loc[unit, "primary"]
    there = next(name for name in ("C1", "C2") if name != here)
    layout = edited(
        'id = "east"\ntitle = "东"\n'
        f'[[measure]]\nmeasure_id = "E1"\nkind = "expand"\nschool_id = "{school}"\n'
        f"opening_year = {study.years[1]}\nseats_primary = 90\n"
        f'[[move]]\nstage = "primary"\nunits = ["{unit}"]\nto = "{there}"\n'
    )
    own = layout.seats.seats["primary"].loc[school]
    assert own[study.years[0]] == before
    assert own[study.years[1]] == before + 90
    assert layout.zoning.unit_catchments.loc[unit, "primary"] == there
    assert study.today.zoning.unit_catchments.loc[unit, "primary"] == here
    tables = evaluate(study, layout)
    city = tables.city[(tables.city["stage"] == "primary") & (tables.city["year"] == study.years[1])]
    today = evaluate(study).city
    today = today[(today["stage"] == "primary") & (today["year"] == study.years[1])]
    assert city["seats"].item() == today["seats"].item() + 90
    assert city["demand"].item() == today["demand"].item()
    assert layout.title == {"zh": "东", "en": "东"}


def test_a_new_school_is_walked_to_and_stands_after_the_others(study, edited):
    point = study.city.units.to_crs(4326).geometry.iloc[0]
    layout = edited(
        f'[[measure]]\nmeasure_id = "N1"\nkind = "new"\nname = "新校"\nschool_type = "primary"\n'
        f"lon = {point.x}\nlat = {point.y}\nopening_year = {study.years[1]}\nclasses_primary = 12\n"
    )
    assert layout.id == "east"
    assert layout.seats.schools.index[-1] == "N1"
    assert layout.seats.schools.loc["N1", "status"] == "proposed"
    assert layout.walks.destinations.equals(layout.seats.schools.index)
    assert layout.walks.nearest().iloc[0] == pytest.approx(0.0, abs=1.0)
    assert "N1" in set(layout.zoning.links("primary")["school_id"])


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "layout_empty"),
        ('colour = "red"\n', "layout_key_unknown"),
        ('id = "today"\n', "layout_id"),
        ('id = "../x"\n', "layout_id"),
        ("measure = 3\n", "layout_not_tables"),
        ('[[move]]\nstage = "primary"\nunits = ["U1"]\n', "layout_move_keys"),
        ('[[move]]\nstage = "primary"\nunits = ["nowhere"]\nto = "C1"\n', "layout_move_units"),
        ('[[move]]\nstage = "primary"\nunits = ["U1"]\nto = "C9"\n', "layout_move_catchment"),
        (
            "".join(f'[[move]]\nstage = "primary"\nunits = ["U1"]\nto = "{to}"\n' for to in ("C1", "C2")),
            "layout_move_twice",
        ),
        ('[[measure]]\nmeasure_id = "S1"\nkind = "close"\n', "layout_measure_taken"),
        ('[[measure]]\nmeasure_id = "E1"\nkind = "paint"\n', "bad_choice"),
        ('[[measure]]\nmeasure_id = "E1"\nkind = "close"\nschool_id = "?"\nopening_year = 2026\n', ""),
    ],
)
def test_what_is_wrong_with_a_file_is_said(edited, text, code):
    found = faults(edited, text)
    assert not code or code in found
    for fault in (one for one in found.values() if one.code.startswith("layout_")):
        for lang in ("en", "zh"):
            assert "{" not in fault.what(lang) + fault.remedy(lang)


def test_a_refusal_names_the_rule_and_the_amount(study, edited):
    school, before = school_with_seats(study)
    year = study.years[1]
    head = f'[[measure]]\nmeasure_id = "E1"\nschool_id = "{school}"\nopening_year = {year}\n'
    large = faults(edited, f'{head}kind = "expand"\nseats_primary = 3000\n')["layout_too_large"]
    assert large.params["above"] == before + 3000 - 2000
    assert "2,000" in large.what("en")
    taken = faults(edited, f'{head}kind = "cut"\nseats_primary = {before + 1}\n')["layout_takes_too_much"]
    assert taken.params["seats"] == before
