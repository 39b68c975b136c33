"""Every control of the page, by mouse and by keyboard."""

import pytest

SHEET = ("#sheet-title", "#sheet-foot", "#legend-body", "#north", ".leaflet-control-scale", ".folium-map")
pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("demo")]


def test_a_zone_a_school_and_a_hotspot_open_by_mouse_and_by_keyboard(opened):
    seen = opened(view="stage=junior")
    page = seen.page
    page.locator(".leaflet-zones-pane path").first.press("Enter")
    assert page.locator("#panel .back").count() == 1
    page.click("#panel .back")
    page.locator(".leaflet-marks-pane path").first.click(force=True)
    assert page.locator("#panel .back").count() == 1
    page.click("#panel .back")
    page.locator(".leaflet-hot-pane path.leaflet-interactive").first.press("Enter")
    assert page.locator("#panel .back").count() == 1
    page.click("#panel .back")
    page.locator("#panel tr.go .link").first.press("Enter")
    assert page.locator("#panel .back").count() == 1
    assert seen.faults == []


def test_stage_and_plan_change_by_arrow_keys(opened):
    seen = opened(view="stage=primary")
    page = seen.page
    page.focus("#stages [aria-checked=true]")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    assert page.evaluate("location.hash").find("stage=senior") > 0
    page.focus("#layouts [aria-checked=true]")
    page.keyboard.press("ArrowRight")
    assert "plan=proposed" in page.evaluate("location.hash")
    page.focus("#year")
    page.keyboard.press("ArrowLeft")
    assert seen.text("#year-shown") == "2029"
    page.focus("#tab-overview")
    page.keyboard.press("ArrowRight")
    assert page.get_attribute("#tab-flags", "aria-selected") == "true"
    assert seen.faults == []


def test_every_measure_has_its_own_legend_and_one_scale_for_all_years(opened):
    seen = opened()
    page = seen.page
    legends = []
    for measure in page.locator("#measure option").evaluate_all("all => all.map(one => one.value)"):
        page.select_option("#measure", measure)
        legends.append(seen.text("#legend .scale"))
        page.fill("#year", "2026")
        assert seen.text("#legend .scale") == legends[-1]
        page.fill("#year", "2030")
    assert len(set(legends)) == len(legends)
    assert seen.faults == []


def test_playing_the_years_moves_the_year(opened):
    seen = opened()
    before = seen.text("#year-shown")
    seen.page.focus("#play")
    seen.page.keyboard.press("Enter")
    seen.page.wait_for_function(
        "before => document.getElementById('year-shown').textContent !== before", arg=before
    )
    seen.page.click("#play")
    assert seen.faults == []


@pytest.mark.parametrize("asked", ["name", "pinyin", "initials"])
def test_a_school_is_found_by_name_pinyin_and_initials(opened, demo_run, asked):
    school = demo_run.city.schools[demo_run.city.schools["school_type"] == "senior"].iloc[0]
    from pypinyin import Style, lazy_pinyin  # noqa: PLC0415  the oracle of this test alone

    words = {
        "name": school["name"],
        "pinyin": "".join(lazy_pinyin(school["name"])),
        "initials": "".join(lazy_pinyin(school["name"], style=Style.FIRST_LETTER)),
    }
    seen = opened()
    page = seen.page
    page.fill("#find", words[asked])
    names = page.locator("#found li").all_inner_texts()
    place = next(at for at, name in enumerate(names) if name.startswith(school["name"]))
    for _ in range(place):
        page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    assert seen.text("#panel h2") == school["name"]
    assert "stage=senior" in page.evaluate("location.hash")
    assert page.is_hidden("#found")
    assert seen.faults == []


def test_an_estate_tells_its_catchment_of_every_stage(opened, demo_run):
    city = demo_run.city
    units = city.units[city.units["name"].notna()].drop_duplicates("name", keep=False)
    unit = units.iloc[len(units) // 2]
    seen = opened()
    seen.page.fill("#find", unit["name"])
    seen.page.keyboard.press("Enter")
    said = seen.text("#panel")
    for stage in ("primary", "junior"):
        catchment = city.unit_catchments[stage][unit.name]
        assert city.catchments.loc[catchment, "name"] in said
    assert seen.faults == []


def test_a_click_on_the_map_tells_the_catchments_of_that_place(opened):
    seen = opened(view="stage=primary")
    box = seen.page.locator(".leaflet-zones-pane path").nth(3).bounding_box()
    seen.page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    seen.page.mouse.click(700, 200)
    assert seen.page.locator("#panel h4").count() >= 4
    assert seen.faults == []


def test_flags_are_filtered_and_lead_to_the_school(opened):
    seen = opened(view="tab=flags&stage=primary")
    page = seen.page
    all_rows = page.locator("#panel tr.go").count()
    page.check(".filters input[type=checkbox]")
    ringed = page.locator("#panel tr.go").count()
    assert 0 < ringed < all_rows
    name = page.locator("#panel tr.go .link").first.inner_text()
    page.locator("#panel tr.go .link").first.click()
    assert seen.text("#panel h2") == name
    assert seen.faults == []


@pytest.mark.parametrize("what", ["zones", "schools", "hotspots", "proposals", "flags", "ledger", "years"])
def test_every_table_sorts_and_its_csv_holds_the_rows(opened, what):
    seen = opened(view="stage=junior&plan=proposed&lang=en")
    page = seen.page
    rows = seen.csv(what)
    assert rows
    assert not any(cell[:1] in "=+@" for row in rows for cell in row.values() if cell)
    page.click("#open-table")
    page.select_option("#grid-what", what)
    page.locator("#grid th button").nth(1).press("Enter")
    assert page.locator("#grid th").nth(1).get_attribute("aria-sort") in {"ascending", "descending"}
    assert page.locator("#grid tbody tr").count() == len(rows)
    page.keyboard.press("Escape")
    assert not page.is_visible("#sheet")
    assert seen.faults == []


def test_the_address_brings_the_same_view_back(opened):
    first = opened()
    page = first.page
    page.click("#stages button:nth-child(3)")
    page.click("#layouts button:nth-child(2)")
    page.select_option("#measure", "balance")
    page.fill("#year", "2028")
    page.click("#language")
    page.locator(".leaflet-zones-pane path").nth(2).press("Enter")
    address = page.evaluate("location.hash")
    again = opened(view=address.lstrip("#"))
    assert again.text("#panel") == first.text("#panel")
    assert again.text("#legend") == first.text("#legend")
    assert again.page.evaluate("location.hash") == address


@pytest.mark.parametrize(
    "view",
    [
        "stage=x&year=3000&plan=no&off=p.no&open=school~no&beside=a~b&at=1,2&tab=toString",
        "open=place~x&at=1e999,1,1&beside=__proto__~x",
        "open=place~<img src=x onerror=alert(1)>,1&lang=__proto__",
        "open=constructor~x&show=constructor",
        "open=__proto__~x&stage=__proto__",
        "open=place~1,2,3&off=__proto__,p.x",
    ],
)
def test_an_address_that_means_nothing_opens_the_page_as_it_is(opened, view):
    seen = opened(view=view)
    assert seen.faults == []
    assert seen.page.locator("#panel .cards").count() == 1


def test_two_plans_beside_each_other_are_cut_at_the_divider(opened):
    seen = opened(view="stage=junior&plan=proposed&beside=base~today")
    page = seen.page
    assert page.locator(".leaflet-zonesB-pane path").count() > 0
    before = page.evaluate("document.querySelector('.leaflet-zonesB-pane').style.clip")
    page.focus("#swipe-at")
    page.keyboard.press("ArrowRight")
    assert page.evaluate("document.querySelector('.leaflet-zonesB-pane').style.clip") != before
    assert page.locator("#panel table").first.locator("th").count() == 3
    page.select_option("#beside", "")
    assert page.locator(".leaflet-zonesB-pane path").count() == 0
    assert seen.faults == []


@pytest.mark.parametrize("paper", ["A4", "A3"])
def test_the_printed_sheet_is_one_page_with_everything_on_it(opened, paper):
    seen = opened(view="stage=junior&plan=proposed")
    page = seen.page
    page.evaluate("window.print = () => {}")
    page.click("#open-print")
    page.select_option("#paper", paper)
    page.fill("#review-number", "豫S(2025)000号")
    page.click("#print-now")
    page.wait_for_selector("body.printing")
    for part in SHEET:
        assert page.is_visible(part), part
    assert "豫S(2025)000号" in seen.text("#sheet-foot")
    pdf = page.pdf(prefer_css_page_size=True, print_background=True)
    assert pdf.count(b"/Type /Page\n") + pdf.count(b"/Type /Page ") + pdf.count(b"/Type /Page/") == 1
    page.evaluate("window.dispatchEvent(new Event('afterprint'))")
    assert page.locator("body.printing").count() == 0
    assert seen.faults == []
