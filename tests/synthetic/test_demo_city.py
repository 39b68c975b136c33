"""The demo city is what issue and calibration say: counts, ratios, and the faults of a real office."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
import shapely

from tests.synthetic.laws import street_graph


def people(units, first, last):
    return units[[f"age_{age}" for age in range(first, last + 1)]].to_numpy().sum()


def test_counts_of_the_issue(demo):
    still_open = demo["schools"]["closed_year"].isna()
    kinds = demo["schools"]["school_type"][still_open].value_counts().to_dict()
    assert kinds == {
        "kindergarten": 80, "primary": 45, "junior": 20, "nine_year": 6, "senior": 5, "special": 1,
    }  # fmt: skip
    assert 1_200 <= len(demo["units"]) <= 1_500
    assert demo["districts"]["kind"].value_counts().to_dict() == {"school_district": 8, "township": 4}
    assert demo["sites"]["status"].eq("idle").sum() == (~still_open).sum() == 2
    assert len(demo["sites"]) == 16
    lines = demo["barriers"].query("kind != 'crossing'")
    assert sorted(lines["kind"]) == ["expressway", "railway", "river", "trunk_road", "trunk_road"]
    assert 8_000 <= street_graph(demo["roads"]).number_of_nodes() <= 12_000
    assert set(demo["schools"]["ownership"]) == {"public", "inclusive", "private"}


def test_ratios_are_those_of_zhengzhou(demo):
    """Mean class 47.14 in primary and 49.76 in junior schools (2023); mean size about 1,180; births fall."""
    schools = demo["schools"]
    mean_class = {
        stage: schools[f"enrolment_{stage}"].sum() / schools[f"classes_{stage}"].sum()
        for stage in ("primary", "junior")
    }
    assert mean_class["primary"] == pytest.approx(47.14, rel=0.02)
    assert mean_class["junior"] == pytest.approx(49.76, rel=0.02)
    assert schools["enrolment_primary"].mean() == pytest.approx(1_180, rel=0.15)
    ages = [people(demo["units"], age, age) for age in range(18)]
    peak = int(np.argmax(ages))
    assert peak in (7, 8)
    assert all(younger < older for younger, older in pairwise(ages[: peak + 1]))


def test_demand_peaks_and_then_falls(demo):
    """Primary pupils: the cohorts that enter are smaller than those that leave within three years."""
    ages = np.array([people(demo["units"], age, age) for age in range(18)])
    primary = [ages[6 - year : 12 - year].sum() for year in range(7)]
    junior = [ages[12 - year : 15 - year].sum() for year in range(13)]
    assert int(np.argmax(primary)) <= 2
    assert primary[6] < 0.85 * max(primary)
    assert 4 <= int(np.argmax(junior)) <= 6


def test_seats_are_a_few_per_cent_short(demo):
    public = demo["schools"].query("ownership == 'public'")
    short = 1 - public["seats_primary"].sum() / public["enrolment_primary"].sum()
    assert 0.01 < short < 0.06


def test_two_oversized_schools(demo):
    schools = demo["schools"]
    primary = schools[schools["school_type"] == "primary"]
    nine = schools[schools["school_type"] == "nine_year"]
    assert (primary["enrolment_primary"] > 2_000).sum() == 1
    assert ((nine["enrolment_primary"] + nine["enrolment_junior"]) > 2_500).sum() == 1


def test_a_school_with_sixty_in_a_class_and_small_schools(demo):
    schools = demo["schools"]
    size = schools["enrolment_junior"] / schools["classes_junior"]
    assert (size > 58).sum() == 1
    assert (schools["enrolment_primary"] < 100).sum() == 2
    assert demo["classes"]["pupils"].max() < 70


def test_estates_without_a_school_are_far_from_any(demo):
    housing = demo["housing"]
    lived_in = housing[housing["occupancy"] > 0]
    alone = lived_in[lived_in["school_ids"].isna()]
    assert len(alone) >= 1
    primary = demo["schools"][demo["schools"]["seats_primary"] > 0].geometry
    nearest = [primary.distance(point).min() for point in alone.geometry]
    assert min(nearest) > 700  # metres in a straight line; the service radius is 500 on foot


def test_one_quarter_is_short_while_the_city_is_near_balance(demo):
    """The hotspot: some catchments have more than 1.4 children a seat, and they touch."""
    units, catchments = demo["units"], demo["catchments"].query("stage == 'primary'")
    children = units[[f"age_{age}" for age in range(6, 12)]].sum(axis=1).to_numpy()
    tree = shapely.STRtree(units.geometry.representative_point().to_numpy())
    seats = demo["schools"].set_index("school_id")["seats_primary"]
    load = np.array([children[tree.query(area, predicate="contains")].sum() for area in catchments.geometry])
    room = np.array([seats[ids.split(";")].sum() for ids in catchments["school_ids"]], dtype=float)
    short = (load > 1.4 * room) & (room > 500)
    assert short.sum() >= 3
    joined = shapely.union_all(catchments.geometry.to_numpy()[short])
    assert max(part.area for part in getattr(joined, "geoms", [joined])) > 0.5 * joined.area


def test_some_catchments_have_several_schools(demo):
    several = demo["catchments"]["school_ids"].str.contains(";")
    assert 3 <= several.sum() <= 10


def test_the_pipeline_has_every_kind_and_state(demo):
    projects = demo["projects"]
    asked = {"new", "expand", "close", "convert", "relocate", "split", "purchase", "temporary"}
    assert asked | {"attach_kindergarten", "reuse_as_kindergarten"} == set(projects["kind"])
    states = {"planned", "approved", "started", "continued", "handed_over", "opened", "cancelled"}
    assert states == set(projects["state"])
    closing = projects[projects["kind"] == "close"].set_index("project_id")
    assert closing["successor_school_id"].isna().sum() == 1
    opens = projects.set_index("project_id")["opening_year"]
    successor = closing["successor_school_id"].map(opens)
    assert (successor > closing["opening_year"]).sum() == 1  # closed before its successor opens


@pytest.mark.parametrize(
    ("table", "column"),
    [
        ("schools", "resource_room"),
        ("schools", "licensed"),
        ("schools", "standardised"),
        ("schools", "migrant_designated"),
        ("schools", "quality"),
        ("groups", "quality"),
        ("sites", "titled"),
        ("sites", "consent"),
        ("sites", "education_land"),
        ("projects", "title_clear"),
        ("housing", "education_share"),
    ],
)
def test_rules_find_good_cases_and_bad_ones(demo, table, column):
    assert set(demo[table][column].dropna().astype(bool)) == {True, False}


def test_rules_find_the_cases_they_ask_for(demo):
    schools, groups = demo["schools"], demo["groups"]
    many = schools[schools["sen_pupils"].fillna(0) >= 5]
    assert set(many["resource_room"].astype(bool)) == {True, False}
    assert (schools["boarders"] > schools["boarding_beds"]).fillna(value=False).any()
    over = [
        (schools[f"intake_{s}"] > schools[f"enrolment_plan_{s}"]).fillna(value=False).any()
        for s in ("primary", "junior")
    ]
    assert any(over)
    assert (schools["unsafe_floor_area_m2"] > 0).any()
    assert set(schools["quality_level"].dropna()) == {"leading", "new_quality"}
    assert len(schools["kindergarten_grade"].dropna().unique()) == 5
    assert schools["community"].nunique() == 2
    letters = groups["school_ids"].str.split(";").map(lambda ids: {name[0] for name in ids})
    assert {len(one) for one in letters} == {1, 2}  # within a stage, and across stages
    assert groups["dissolved_year"].notna().sum() == 1
    assert len(demo["housing"]["kindergarten_state"].unique()) >= 5
    assert demo["catchments"].query("stage == 'primary'")["feeds_catchment_ids"].isna().sum() == 1
    assert set(demo["catchments"]["published_year"]) == {2023, 2025}
    assert demo["targets"]["year"].min() < 2025 < demo["targets"]["year"].max()


def test_people_are_registered_as_in_a_high_tech_zone(demo):
    """More children live here than are registered, most migrants at the edge; the old core reversed."""
    units = demo["units"]
    for stage, first, last in (("primary", 6, 11), ("junior", 12, 14)):
        children = units[[f"age_{age}" for age in range(first, last + 1)]].sum(axis=1)
        assert 0.6 < units[f"hukou_{stage}"].sum() / children.sum() < 0.9
        village = units["setting"] == "village"
        share = units[f"migrants_{stage}"].groupby(village).sum() / children.groupby(village).sum()
        assert share[True] > 2 * share[False]
        assert (units[f"hukou_{stage}"] > children).any()
        placed = demo["schools"][f"migrants_{stage}"].sum() / units[f"migrants_{stage}"].sum()
        assert 0.9 < placed < 1.0


def test_classes_of_two_years_have_closed_cases_and_new_ones(demo):
    classes = demo["classes"]
    large = [
        set(classes[(classes["year"] == year) & (classes["pupils"] >= 56)]["school_id"])
        for year in (2024, 2025)
    ]
    assert large[0] & large[1]
    assert large[0] - large[1]
    assert large[1] - large[0]


def test_some_sites_are_too_small_for_a_school(demo):
    sites = demo["sites"]
    assert (sites["area_m2"] < 10_000).sum() >= 2
    assert (sites["area_m2"] > 24_000).sum() >= 4


def test_new_estates_are_young_and_the_old_core_is_not(demo):
    units = demo["units"]
    share = units[[f"age_{age}" for age in range(10)]].sum(axis=1) / units["population"]
    big = units["population"] > 300
    assert share[big].quantile(0.95) > 2.0 * share[big].quantile(0.1)


def test_streets_are_no_grid(demo):
    """Directions of streets spread over many degrees, and a good part of the junctions are dead ends."""
    ends = shapely.get_coordinates(demo["roads"].geometry[demo["roads"]["road_class"] == "secondary"])
    steps = np.diff(ends.reshape(-1, 2, 2), axis=1)[:, 0]
    angle = np.degrees(np.arctan2(steps[:, 1], steps[:, 0])) % 90.0
    assert np.std((angle + 45.0) % 90.0) > 5.0
    graph = street_graph(demo["roads"])
    dead_ends = sum(degree == 1 for _, degree in graph.degree()) / graph.number_of_nodes()
    assert 0.08 < dead_ends < 0.5


def test_names_are_chinese_and_schools_are_told_apart(demo):
    schools = demo["schools"]
    assert schools["name"].is_unique
    assert schools["name"].str.fullmatch(r"[\u4e00-\u9fff0-9（）]+").all()
    assert schools["name_en"].str.fullmatch(r"[A-Za-zü0-9 .()]+").all()
    assert demo["units"]["name"].is_unique
