"""The atlas: pages, embedded TrueType, every figure saved, the same bytes, labels that do not collide."""

import io
import re
import zlib

import pytest
from fontTools.ttLib import TTFont
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.backends.backend_pdf import PdfPages
from matplotlib.text import Text

from layoutplan.outputs.atlas import write_atlas
from layoutplan.outputs.atlas.label_placement import Box, Placer, text_size, wrapped
from layoutplan.outputs.atlas.map_view import fit_view
from layoutplan.outputs.layers import plan_layers
from layoutplan.outputs.style import load_style
from layoutplan.outputs.wording import whole
from layoutplan.texts import text
from tests.outputs.figures import numbers_in, saved_numbers

CHINESE = re.compile(r"[\u4e00-\u9fff]")


@pytest.fixture(scope="module")
def drawn(town, tmp_path_factory):
    """Write the atlas; return its bytes and the texts of each page with the file of their font."""
    pages = []
    save = PdfPages.savefig

    def keep(book, figure, **how):
        texts = [one for one in figure.findobj(Text) if one.get_text()]
        pages.append([(one.get_text(), one.get_fontproperties().get_file()) for one in texts])
        return save(book, figure, **how)

    path = tmp_path_factory.mktemp("atlas") / "atlas.pdf"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(PdfPages, "savefig", keep)
        write_atlas(town.layers, path, facts=town.facts, lang=town.lang)
    return path.read_bytes(), pages


def font_programs(data):
    """Return the embedded font programs: every descriptor's FontFile2 stream, unpacked."""
    found = []
    for number in re.findall(rb"/FontFile2 (\d+) 0 R", data):
        start = data.index(b"\n" + number + b" 0 obj")
        begin = data.index(b"stream\n", start) + len(b"stream\n")
        end = data.index(b"\nendstream", begin)
        found.append(zlib.decompress(data[begin:end]))
    return found


def test_one_page_for_all_for_each_year_of_the_plan_and_for_each_stage_and_district(drawn, town):
    data, pages = drawn
    districts, years = len(town.layers["districts"]), len(town.frames["plan_costs"])
    assert years > 0
    assert len(pages) == 1 + years + len(town.facts.stages) * (1 + districts)
    assert len(re.findall(rb"/Type /Page\b", data)) == len(pages)
    for box in re.findall(rb"/MediaBox \[ *([^\]]*?) *\]", data):
        assert [round(float(side)) for side in box.split()] == [0, 0, 1191, 842]


def test_every_font_is_embedded_truetype(drawn):
    data, _ = drawn
    assert b"/Type3" not in data
    descriptors = re.findall(rb"/Type /FontDescriptor", data)
    programs = font_programs(data)
    assert descriptors
    assert len(programs) == len(descriptors)
    for program in programs:
        font = TTFont(io.BytesIO(program))
        assert "glyf" in font
        assert len(font.getGlyphOrder()) > 1
    assert set(re.findall(rb"/BaseFont /(\S+)", data)) <= {
        name for name in re.findall(rb"/BaseFont /(\S+)", data) if name.endswith(b"+LayoutplanSans")
    }


def test_no_text_counts_on_a_font_of_the_machine(drawn):
    _, pages = drawn
    for texts in pages:
        for words, file in texts:
            assert file is not None, words
            assert file.endswith("LayoutplanSans.ttf")


def test_every_number_stands_in_a_saved_table(drawn, town):
    _, pages = drawn
    allowed = saved_numbers(town.frames, town.summary, town.manifest, lang=town.lang, currency="CNY")
    allowed |= {f"{value * 100:.0f}" for value in load_style().breaks} | {"500", "2,000", "10", "100"}
    allowed |= numbers_in(town.facts.version) | numbers_in(" ".join(town.layers["districts"]["name"]))
    for texts in pages:
        bar = {f"{number:g}" for number in (0, 0.05, 0.1, 0.2, 0.25, 0.5, 1, 2, 250)}
        for words, _file in texts:
            if "1:" in words or str(len(pages)) in words:
                continue
            assert numbers_in(words) <= allowed | bar, words


def test_a_year_of_the_plan_tells_what_is_built_and_bridged_before_and_after(drawn, town):
    _, pages = drawn
    costs = town.frames["plan_costs"]
    for page, (_, row) in zip(pages[1:], costs.iterrows(), strict=False):
        words = [words for words, _file in page]
        assert any(str(row["year"]) in one for one in words)
        assert text("atlas.title_plan", town.lang).replace(" ", "") in "".join(words).replace(" ", "")
        for proposal in town.frames["proposals"].to_dict("records"):
            assert (proposal["proposal_id"] in words) == _told(proposal, town.frames, row["year"])
        passing = town.frames["measure_years"].query("kind in ['temporary', 'bus', 'redraw', 'purchase']")
        heading = text("atlas.bridged", town.lang)
        assert (heading in words) == (passing["year"] == row["year"]).any()
        city = town.frames["city_balance"].set_index(["year", "stage", "layout"])["unserved"]
        for stage in town.facts.stages:
            before, after = (city[row["year"], stage, layout] for layout in ("today", "proposed"))
            assert {whole(before, town.lang), whole(after, town.lang)} <= set(words)


def _told(proposal, frames, year):
    """Say whether a proposal is open or paid for in a year."""
    measures = frames["measures"]
    own = measures[(measures["school_id"] == proposal["school_id"]) & measures["paid_from"].notna()]
    return bool(proposal["target_year"] <= year or own["paid_from"].iloc[0] <= year)


def test_words_are_in_the_language(drawn, town):
    _, pages = drawn
    words = [words for texts in pages for words, _file in texts]
    assert sum("GS2026-012" in line for line in words) == len(pages)
    if town.lang == "en":
        assert [line for line in words if CHINESE.search(line)] == []
    else:
        assert any("审图号" in line for line in words)
        assert not [line for line in words if re.search("[a-z]{4}", line) and not _is_data(line)]


def _is_data(line):
    return any(
        part in line
        for part in ("layoutplan", "GS2026", "Gauss", "degree", ".gpkg", ".csv", "HYPER", "onerror", "镇")
    )


def test_names_are_drawn_as_they_are(drawn):
    _, pages = drawn
    words = {words for texts in pages for words, _file in texts}
    assert any(words.startswith("$x^2$") for words in words)


def test_the_same_run_gives_the_same_bytes(drawn, town, tmp_path):
    write_atlas(town.layers, tmp_path / "again.pdf", facts=town.facts, lang=town.lang)
    assert (tmp_path / "again.pdf").read_bytes() == drawn[0]


names = st.text(st.sampled_from("学位小学片区 Oak-1"), min_size=1, max_size=14)


@given(
    st.lists(st.tuples(names, st.floats(0, 100), st.floats(0, 100)), max_size=25), st.sampled_from([0.0, 1.5])
)
def test_labels_never_cover_each_other_and_stay_on_the_page(wanted, gap):
    frame = Box(0, 0, 100, 100)
    placer, boxes = Placer(frame), []
    for label, x, y in wanted:
        spot = placer.place(label, x, y, size=7, gap=gap)
        if spot is not None:
            width, height = text_size(label, 7)
            box = Box(spot[0] - width / 2, spot[1] - height / 2, spot[0] + width / 2, spot[1] + height / 2)
            assert box.left >= -1e-9
            assert box.right <= 100 + 1e-9
            shrunk = Box(box.left + 1e-9, box.bottom + 1e-9, box.right - 1e-9, box.top - 1e-9)
            assert not any(shrunk.overlaps(other) for other in boxes)
            boxes.append(box)


@given(
    west=st.floats(-1e6, 1e6), south=st.floats(-1e6, 1e6), width=st.floats(50, 2e5), height=st.floats(50, 2e5)
)
def test_a_view_holds_what_it_must_at_its_scale(west, south, width, height):
    frame = Box(10, 10, 310, 280)
    view = fit_view((west, south, west + width, south + height), frame)
    left, bottom, right, top = view.extent
    assert left <= west
    assert bottom <= south
    assert right >= west + width
    assert top >= south + height
    assert right - left == pytest.approx(300 * view.scale / 1000, rel=1e-6)


@given(names, st.floats(20, 80))
def test_wrapping_loses_nothing(words, width):
    lines = wrapped(words, size=8, width_mm=width)
    assert lines.replace("\n", "").replace(" ", "") == words.replace(" ", "")


def test_a_plan_that_builds_nothing_has_sheets_of_what_bridges(town):
    """Temporary classes alone: the sheets by year have measures and no proposal."""
    tables = {**town.layers, "proposals": town.layers["proposals"].head(0)}
    years = town.layers["measure_years"].query("kind == 'temporary'")["year"]
    assert len(years)
    for year in years.unique():
        layers = plan_layers(tables, int(year), facts=town.facts)
        assert layers.proposals.empty
        assert len(layers.passing)
