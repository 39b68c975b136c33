"""The map in a real browser: from a file, with no network."""

import re

import pytest

from layoutplan.runs import result_frames

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("demo")]
SIZES = [(1366, 768), (1920, 1080), (390, 844)]
CONTROLS = ("#stages", "#layouts", "#measure", "#beside", "#year", "#language", "#find", "#open-table")


def test_it_opens_from_a_file_without_a_network_or_an_error(opened, demo_folder):
    seen = opened()
    assert seen.faults == []
    assert seen.requests == [(demo_folder / "map.html").as_uri()]


def cards_of(page):
    """Return the figures of the cards by their name; cards of words are left out."""
    found = page.locator("#panel .card").evaluate_all(
        "all => all.map(one => [one.firstChild.textContent, one.querySelector('b').textContent])"
    )
    return {name: float(said.replace(",", "")) for name, said in found if said.replace(",", "").isdigit()}


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_it_opens_on_the_worst_stage_and_year_with_the_answer(opened, demo_run, demo_folder, lang):
    answers = result_frames(demo_run)["answers"]
    worst = answers[answers["rank"] == 1].iloc[0]
    seen = opened(view=f"lang={lang}")
    said = worst["answer" if lang == "zh" else "answer_translated"]
    assert seen.text("#panel .answer") == said
    assert f"stage={worst['stage']}" in seen.page.evaluate("location.hash")
    assert seen.text("#year-shown") == str(worst["year"])
    assert said in (demo_folder.parent / "index.html").read_text(encoding="utf-8").replace("&#x27;", "'")


def test_every_other_stage_is_answered_by_one_click(opened, demo_run):
    answers = result_frames(demo_run)["answers"].set_index("stage")
    seen = opened()
    for place, stage in enumerate(demo_run.city.stages):
        seen.page.click(f"#stages button:nth-child({place + 1})")
        assert seen.text("#panel .answer") == answers.loc[stage, "answer"]
        assert seen.text("#year-shown") == str(answers.loc[stage, "year"])


def test_every_stage_year_and_plan_shows_the_figure_of_the_saved_table(opened, demo_run):
    seen = opened(view="lang=en")
    page = seen.page
    frame = {name: one.balance.city for name, one in demo_run.evaluations.items()}
    for place, stage in enumerate(demo_run.city.stages):
        page.click(f"#stages button:nth-child({place + 1})")
        for column, layout in enumerate(frame):
            page.click(f"#layouts button:nth-child({column + 1})")
            for year in (demo_run.city.years[0], demo_run.plan.general.target):
                page.fill("#year", str(year))
                table = frame[layout]
                row = table[(table["stage"] == stage) & (table["year"] == year)].iloc[0]
                shown = cards_of(page)
                assert shown["Demand"] == pytest.approx(row["demand"], abs=0.56)
                assert shown["Seats"] == pytest.approx(row["seats"], abs=0.56)
                assert shown["No seat within reach (pupils)"] == pytest.approx(row["unserved"], abs=0.56)
                short = row["seats"] - row["demand"]
                named = "Seats short, net" if short < 0 else "Seats spare, net"
                assert shown[named] == pytest.approx(abs(short), abs=0.56)
    assert seen.faults == []


@pytest.mark.parametrize("plan", ["today", "proposed"])
def test_the_table_of_areas_holds_the_saved_figures(opened, demo_run, english, plan):
    seen = opened(view=f"stage=junior&plan={plan}&lang=en&year={demo_run.plan.general.target}")
    table = demo_run.evaluations[plan].balance.catchments
    rows = table[(table["stage"] == "junior") & (table["year"] == demo_run.plan.general.target)]
    measured = demo_run.evaluations[plan].access
    places = measured.places[
        (measured.places["stage"] == "junior") & (measured.places["level"] == "catchment")
    ]
    places = places[places["year"] == demo_run.plan.general.target]
    access = dict(zip(places["place_id"], places["mean_access"], strict=True))
    shown = {row["Where"]: row for row in seen.csv("zones")}
    assert set(shown) == {english[name] for name in rows["name"]}
    for row in rows.to_dict("records"):
        assert float(shown[english[row["name"]]]["Demand"]) == pytest.approx(row["demand"], abs=0.06)
        assert float(shown[english[row["name"]]]["Seats"]) == pytest.approx(row["seats"], abs=0.06)
        assert float(shown[english[row["name"]]]["No seat within reach (pupils)"]) == pytest.approx(
            row["unserved"], abs=0.06
        )
        reached = access[row["catchment_id"]]
        assert float(shown[english[row["name"]]]["Access (seats/pupil)"]) == pytest.approx(reached, abs=0.006)
    assert seen.faults == []


def test_the_language_switch_leaves_no_word_of_the_other_language_in_the_controls(opened):
    seen = opened()
    chinese = re.compile(r"[\u4e00-\u9fff]")
    assert chinese.search(seen.text("#controls"))
    seen.page.click("#language")
    for part in ("#controls", "#legend", "#tabs", "#tools"):
        assert not chinese.search(seen.text(part).replace("中文", ""))
    assert seen.page.evaluate("document.documentElement.lang") == "en"
    assert seen.faults == []


def test_no_text_is_missing_from_the_catalogue_in_any_tab_and_language(opened):
    for lang in ("zh", "en"):
        seen = opened(view=f"lang={lang}&plan=proposed&stage=junior")
        for tab in ("overview", "flags", "whatif"):
            seen.page.click(f"#tab-{tab}")
            assert not re.search(r"\b[a-z]+_[a-z_]+\b", seen.text("#side"))
        assert not re.search(r"\b[a-z]+_[a-z_]+\b", seen.text("#legend") + seen.text("#controls"))
        assert seen.faults == []


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_controls_and_map_fit_the_screen(opened, size, lang):
    seen = opened(size=size, view=f"lang={lang}")
    page = seen.page
    assert page.evaluate("document.documentElement.scrollWidth") <= size[0]
    if page.is_visible("#fold"):
        assert not page.is_visible("#measure")
        page.click("#fold")
    boxes = [page.locator(control).bounding_box() for control in CONTROLS]
    for control, box in zip(CONTROLS, boxes, strict=True):
        assert box["x"] >= 0, control
        assert box["x"] + box["width"] <= size[0], control
    for first, one in enumerate(boxes):
        for other in boxes[first + 1 :]:
            apart = (
                one["x"] + one["width"] <= other["x"] + 1
                or other["x"] + other["width"] <= one["x"] + 1
                or one["y"] + one["height"] <= other["y"] + 1
                or other["y"] + other["height"] <= one["y"] + 1
            )
            assert apart
    shown = page.locator(".folium-map").bounding_box()
    assert shown["width"] > size[0] * 0.5
    assert shown["height"] > size[1] * 0.4
    assert shown["y"] >= page.locator("#bar").bounding_box()["height"] - 1
    assert seen.faults == []
