"""What the page computes itself agrees with Python on the same cases.

Computation of the page            what holds it
most pupils placed (flow)          networkx, random cases
seats of shared schools            ``balance.division``, random cases
utilisation, balance, class        the tables of the run, ``reports.style``, ``bisect``
shortfall of the city's catchments the city's table
homes without a seat               the payload read by NumPy
shapes, point in a shape           shapely
opens, closes, grows, shrinks      cases by hand
numbers and money                  ``layoutplan.texts``
search                             ``maps.spelling``
CSV                                ``csv``
steps of a chart's axis            laws
switches (what if)                 ``test_map_whatif``: the balance judged anew
"""

import bisect
import csv
import io
import math
import random
from pathlib import Path

import networkx as nx
import numpy as np
import pandas as pd
import pytest
import shapely
from xstatic.pkg import leaflet

from layoutplan import texts
from layoutplan.balance.division import divide_seats
from layoutplan.outputs.map import read_map_page
from layoutplan.outputs.map.script import page_function
from layoutplan.outputs.map.spelling import spelled
from layoutplan.outputs.style import load_style
from tests.hostile import TEXTS

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("demo")]
NAMES = (
    *("mostPlaced", "value", "colourAt", "colour", "changeKind", "holds", "polygon", "pathsOf", "cityNow"),
    *(
        "whole",
        "money",
        "metres",
        "percent",
        "matches",
        "csvCell",
        "niceSteps",
        "homesOf",
        "zonesIn",
        "divideSeats",
        "state",
    ),
)


@pytest.fixture(scope="module")
def payload(demo_folder):
    return read_map_page((demo_folder / "map.html").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def ask(chromium, payload):
    """Evaluate an expression over the page's own functions, given one argument ``x``."""
    page = chromium.new_page()
    page.add_script_tag(content=(Path(leaflet.BASE_DIR) / "leaflet.js").read_text(encoding="utf-8"))
    page.evaluate(
        f"(data) => {{ window.ours = ({page_function(returns='{' + ', '.join(NAMES) + '}')})(data); }}",
        payload,
    )

    def evaluate(expression, x=None):
        return page.evaluate(
            f"(x) => {{ const {{ {', '.join(NAMES)} }} = window.ours; return {expression}; }}", x
        )

    yield evaluate
    page.close()


def sides(payload):
    """Yield every stage, year and plan of the city."""
    scenario = payload["scenarios"][0]
    for stage in scenario["meta"]["stages"]:
        for at, year in enumerate(scenario["meta"]["years"]):
            for layout in scenario["layouts"]:
                yield stage, at, year, layout["id"]


def test_the_flow_places_as_many_as_networkx(ask):
    draw = random.Random(7)  # noqa: S311  fixed cases
    cases = []
    for _ in range(60):
        groups, schools = draw.randint(0, 9), draw.randint(0, 6)
        reach = [[at for at in range(schools) if draw.random() < 0.4] for _ in range(groups)]
        demand = [draw.choice([0, draw.randint(1, 900)]) for _ in range(groups)]
        cases.append([demand, reach, [draw.choice([0, draw.randint(1, 1500)]) for _ in range(schools)]])
    assert ask("x.map((one) => mostPlaced(...one))", cases) == [most_placed(*case) for case in cases]


def test_seats_of_shared_schools_are_divided_as_in_the_tables(ask):
    draw = random.Random(11)  # noqa: S311  fixed cases
    cases = []
    for _ in range(80):
        zones, schools = draw.randint(1, 5), draw.randint(1, 5)
        reach = [sorted(draw.sample(range(schools), draw.randint(1, schools))) for _ in range(zones)]
        demand = [draw.choice([0, draw.randint(1, 90), draw.random() * 50]) for _ in range(zones)]
        cases.append([demand, reach, [draw.randint(0, 90) for _ in range(schools)]])
    for (demand, reach, seats), shown in zip(
        cases, ask("x.map((one) => divideSeats(...one))", cases), strict=True
    ):
        links = pd.DataFrame(
            [(zone, school) for zone, own in enumerate(reach) for school in own],
            columns=["catchment", "school"],
        )
        found = divide_seats(links, np.array(seats, float)[:, None], np.array(demand, float)[:, None])
        assert shown == pytest.approx(found.ravel().tolist(), abs=1e-6)


def most_placed(demand, reach, seats):
    graph = nx.DiGraph()
    graph.add_nodes_from(["home", "end"])
    for group, pupils in enumerate(demand):
        graph.add_edge("home", ("group", group), capacity=pupils)
        graph.add_edges_from((("group", group), ("school", school)) for school in reach[group])
    for school, capacity in enumerate(seats):
        graph.add_edge(("school", school), "end", capacity=capacity)
    return nx.maximum_flow_value(graph, "home", "end")


def test_areas_are_coloured_as_on_paper_and_balanced_as_in_the_tables(ask, payload):
    style = load_style()
    shown = ask(
        """x.map(([stage, year, layout]) => {
          Object.assign(state, { stage, year, layout, measure: "utilisation" });
          const side = { scenario: 0, layout };
          const zones = zonesIn(stage, side);
          return zones.map((zone) => [zone.id, colour(zone, side), value(zone, side, "balance")]);
        })""",
        [[stage, year, layout] for stage, _, year, layout in sides(payload)],
    )
    for (stage, at, _, layout), zones in zip(sides(payload), shown, strict=True):
        said = {
            payload["zones"][place]["id"]: of["figures"]
            for place, of in payload["scenarios"][0]["zones"]
            if payload["zones"][place]["stage"] == stage
        }
        assert {name for name, _, _ in zones} == set(said)
        for name, fill, balance in zones:
            figures = said[name][layout]
            demand, seats, short, spare = (
                figures[of][at] for of in ("demand", "seats", "shortfall", "surplus")
            )
            nan = float("nan")
            assert fill == style.zone_colour(
                nan if demand is None else demand, nan if seats is None else seats
            )
            if None not in {demand, seats, short, spare}:
                assert balance == pytest.approx(spare - short, abs=0.21)


def test_classes_begin_at_their_breaks(ask, payload):
    for name, measure in payload["style"]["measures"].items():
        breaks = measure["breaks"]
        values = [*breaks, *(one - 1e-9 for one in breaks), *(one + 1e-9 for one in breaks), -1e6, 1e6]
        fills = ask("x[1].map((one) => colourAt(one, x[0]))", [name, values])
        assert fills == [measure["colours"][bisect.bisect_right(breaks, one)] for one in values]


def test_the_shortfall_of_the_catchments_is_that_of_the_city(ask, payload):
    covered = {zone["stage"] for zone in payload["zones"] if zone["kind"] == "catchment"}
    city = payload["scenarios"][0]["city"]
    wanted = [one for one in sides(payload) if one[0] in covered]
    shown = ask(
        """x.map(([stage, year, layout]) => {
          Object.assign(state, { stage, year, layout });
          return cityNow({ scenario: 0, layout }).shortfall;
        })""",
        [[stage, year, layout] for stage, _, year, layout in wanted],
    )
    for (stage, at, _, layout), shortfall in zip(wanted, shown, strict=True):
        zones = sum(zone["stage"] == stage for zone in payload["zones"])
        assert shortfall == pytest.approx(city[stage][layout]["shortfall"][at], abs=0.1 * zones)


def test_homes_without_a_seat_are_read_as_written(ask, payload):
    scenario = payload["scenarios"][0]
    wide = len(scenario["meta"]["years"])
    for stage, homes in scenario["unserved"].items():
        shown = ask(
            """((stage) => {
              const { at, pupils } = homesOf(stage, { layouts: x.layouts, unserved: x.unserved });
              const plain = Object.entries(pupils).map(([plan, all]) => [plan, Array.from(all)]);
              return [at.length, Object.fromEntries(plain)];
            })(x.stage)""",
            {"stage": stage, "unserved": scenario["unserved"], "layouts": scenario["layouts"]},
        )
        today = np.reshape(homes["pupils"], (-1, wide))
        plans = {"today": today}
        for layout, other in homes["others"].items():
            plans[layout] = today.copy()
            plans[layout][np.cumsum(other["homes"], dtype=int)] = np.reshape(other["pupils"], (-1, wide))
        assert shown[0] == len(homes["at"])
        assert set(shown[1]) == set(plans)
        for layout, values in plans.items():
            np.testing.assert_allclose(shown[1][layout], values.ravel(), rtol=1e-6)


def rings_of(shape):
    return [[np.cumsum(np.reshape(ring, (-1, 2)), axis=0) / 1e5 for ring in part] for part in shape]


def test_shapes_and_what_they_hold_agree_with_shapely(ask, payload):
    draw = random.Random(11)  # noqa: S311  fixed cases
    zones = [
        zone for zone in payload["zones"] if zone["stage"] == payload["scenarios"][0]["meta"]["stages"][0]
    ]
    for at, zone in enumerate(zones[:8]):
        shape = payload["shapes"][zone["shape"]]
        parts = rings_of(shape)
        drawn = ask("polygon(x)", shape)
        for part, ours in zip(parts, drawn, strict=True):
            for ring, path in zip(part, ours, strict=True):
                np.testing.assert_allclose(np.array(path)[:, ::-1], ring, atol=1e-9)
        area = shapely.union_all([shapely.Polygon(part[0], part[1:]) for part in parts])
        west, south, east, north = area.bounds
        spots = [[draw.uniform(south, north), draw.uniform(west, east)] for _ in range(60)]
        held = ask(
            "x.spots.map((spot) => holds(zonesIn(x.stage, { scenario: 0, layout: 'today' })[x.at], spot))",
            {"spots": spots, "stage": zone["stage"], "at": at},
        )
        assert held == [bool(area.contains(shapely.Point(lng, lat))) for lat, lng in spots]


def test_lines_kept_in_one_list_come_apart_where_they_did(ask, payload):
    for streets in payload["ground"]["roads"].values():
        ends = np.cumsum(streets["points"]) * 2
        expected = [part.tolist() for part in np.split(np.array(streets["steps"]), ends[:-1])]
        assert ask("pathsOf(x)", streets) == expected


@pytest.mark.parametrize(
    ("status", "seats_of_years", "kind"),
    [
        ("open", (450, 450), "none"),
        ("open", (450, 0), "closing"),
        ("open", (450, 540), "growing"),
        ("open", (450, 360), "shrinking"),
        ("open", (0, 0), "none"),
        ("open", (None, 90), "growing"),
        ("committed", (0, 810), "opening"),
        ("proposed", (0, 810), "added"),
    ],
)
def test_what_becomes_of_a_school(ask, payload, status, seats_of_years, kind):
    before, now = seats_of_years
    meta = payload["scenarios"][0]["meta"]
    seats = [before if year == meta["base_year"] else now for year in meta["years"]]
    figures = {"other" if status == "proposed" else "today": {"seats": seats}}
    school = {"id": "x", "status": status, "stages": {"primary": {"figures": figures}}}
    given = {"school": school, "year": meta["target_year"], "layout": next(iter(figures))}
    assert (
        ask(
            "(state.year = x.year, changeKind(x.school, 'primary', { scenario: 0, layout: x.layout }))",
            given,
        )
        == kind
    )


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_numbers_and_money_are_written_as_in_the_reports(ask, lang):
    draw = random.Random(3)  # noqa: S311  fixed cases
    amounts = [0, 1, 999, 9_999, 10_000, 36_000, 90_000_000, 99_999_999, 100_000_000, 784_050_000, 12e10]
    amounts += [draw.randrange(10 ** draw.randint(1, 11)) for _ in range(60)]
    amounts += [-36_000, -1_354_686.488, 999_950, 1_049_999.5]
    for currency in ("CNY", "CAD", "EUR"):
        written = ask(
            "(state.lang = x.lang, x.amounts.map((one) => money(one, x.currency)))",
            {"lang": lang, "amounts": amounts, "currency": currency},
        )
        assert written == [texts.money(one, currency, lang) for one in amounts]
    counts = [0, 1, 99, 1_000, 99_999, 100_000, 100_001, 536_917, 12_800_000, 0.4, 1.6, 1234.4]
    counts += [draw.randrange(10 ** draw.randint(1, 8)) for _ in range(60)]
    signs = [*counts, *(-one for one in counts if one >= 1)]
    written = ask("(state.lang = x.lang, x.counts.map(whole))", {"lang": lang, "counts": signs})
    assert [one.replace("−", "-") for one in written] == [texts.number(one, lang) for one in signs]
    assert ask("[null, undefined].map(whole)") == ["–", "–"]
    assert ask("[0, 0.005, 0.126, 1, 1.5, null].map(percent)") == ["0%", "1%", "13%", "100%", "150%", "–"]


def test_names_are_found_by_pinyin_and_initials_and_part(ask, payload):
    names = sorted({school["name"] for school in payload["schools"]})[:40]
    rows = [{"name": name, "pinyin": spelled(name)} for name in names]
    for row in rows:
        asked = [row["name"], row["name"][1:4].upper(), *row["pinyin"].split(" "), row["pinyin"][:5], ""]
        assert ask("x[1].every((one) => matches(x[0], one))", [row, asked])
        assert not ask("matches(x, 'no such school')", row)


def test_cells_of_the_csv_come_back_and_are_no_formulas(ask):
    cells = [*TEXTS, "=1+1", "@a", "+1", "-1", "\tx", "\rx", 'a "b", c', "two\nlines", "", None, 12.5, -3]
    written = ask("x.map(csvCell)", cells)
    (row,) = csv.reader(io.StringIO(",".join(written), newline=""))
    for cell, back in zip(cells, row, strict=True):
        if isinstance(cell, str) and cell[:1] in set("=+-@\t\r"):
            assert back == f"'{cell}"
        else:
            assert back == ("" if cell is None else str(cell))


def test_the_axis_has_few_round_steps_up_to_the_largest_value(ask):
    tops = [10 ** (at / 7) for at in range(7, 45)]
    for top, steps in zip(tops, ask("x.map(niceSteps)", tops), strict=True):
        gaps = np.diff(steps)
        assert steps[0] == 0
        assert 2 <= len(steps) <= 5
        assert gaps == pytest.approx(np.full(len(gaps), gaps[0]))
        assert steps[-1] <= top < steps[-1] + gaps[0]
        lead = gaps[0] / 10 ** math.floor(math.log10(gaps[0]) + 1e-9)
        assert min(abs(lead - one) for one in (1, 2, 2.5, 5)) < 1e-6
