"""The atlas (规划布局图): A3 pages to print, an overview and one page for each stage and district."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import accumulate
from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import matplotlib as mpl
import pandas as pd
import shapely
from matplotlib.axes import Axes
from matplotlib.backends.backend_pdf import PdfPages
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.patches import Rectangle

from layoutplan.layouts import TODAY
from layoutplan.outputs.atlas.furniture import SideColumn, draw_north, draw_scale_bar
from layoutplan.outputs.atlas.label_placement import Box, wrapped
from layoutplan.outputs.atlas.legend_symbols import (
    draw_legend,
    finding_symbols,
    line_symbols,
    scale_symbols,
    school_symbols,
)
from layoutplan.outputs.atlas.map_drawing import draw_map
from layoutplan.outputs.atlas.map_view import View, fit_view
from layoutplan.outputs.atlas.paper import blank_page, lines_present, map_axes, plan_bounds
from layoutplan.outputs.atlas.plan_sheets import plan_sheets
from layoutplan.outputs.atlas.redrawn_catchments import largest_moves, redrawn_figures
from layoutplan.outputs.atlas.sheet import Sheet, SheetList
from layoutplan.outputs.atlas.sheet_figures import (
    balance_figures,
    figure_widths,
    numbered_titles,
    overview_figures,
)
from layoutplan.outputs.facts import ReportFacts
from layoutplan.outputs.fonts import drawing_font, letters_of
from layoutplan.outputs.layers import (
    GroundLayers,
    StageLayers,
    all_stages,
    printed_ground,
    redrawn_layers,
    stage_layers,
)
from layoutplan.outputs.layout_titles import listed_layouts
from layoutplan.outputs.programme import shortage_outside
from layoutplan.outputs.row_lookup import Frames
from layoutplan.outputs.style import Style, load_style
from layoutplan.outputs.wording import stage_name, whole, write_count
from layoutplan.outputs.words import proposal_kind
from layoutplan.texts import Language, text

PAGE_MM: Final = (420.0, 297.0)
PDF_SETTINGS: Final[Any] = {
    "pdf.fonttype": 42,
    "pdf.compression": 6,
    "path.simplify": True,
    "axes.unicode_minus": False,
}
_MAP: Final = Box(12.0, 12.0, 322.0, 285.0)
_COLUMN: Final = (328.0, 408.0)
_MOST_DISTRICT_PAGES: Final = 120
_MOST_PROPOSALS: Final = 12
_MOST_FILES: Final = 4
_PROPOSAL_COLUMNS: Final = (0.10, 0.64, 0.26)
_FREE_MM: Final = 5.0  # above the foot, for the line that says how many more there are
_SMALL: Final = 6.5
_SMALL_ROW_MM: Final = 3.8
_SCALE_MM: Final = 19.0
_LINE_MM: Final = 4.2
_OVERVIEW_COLUMNS: Final = (0.20, 0.18, 0.22, 0.40)


def write_atlas(tables: Frames, path: Path, *, facts: ReportFacts, lang: Language) -> None:
    """Write the atlas to ``path``: vector, A3 landscape, fonts embedded, the same bytes for the same run.

    Zones are coloured by demand / seats in the target year with committed projects only; a stage without
    catchments is shown by district. Of very many districts those with the most pupils unserved are shown.

    Parameters
    ----------
    tables : result tables and layers by name; layers in the city's CRS, metres
    path : the PDF file to write
    facts, lang : titles and small print, and language of the pages
    """
    style = load_style()
    ground = printed_ground(tables)
    sheets = list(_sheets(tables, ground, facts=facts, style=style, lang=lang))
    about = {"Title": facts.names[lang], "Creator": f"layoutplan {facts.version}", "CreationDate": None}
    letters = letters_of(
        tables, extra=[*facts.names.values(), *facts.profiles.values(), *_small_print(facts, lang)]
    )
    with (
        drawing_font(letters) as font,
        mpl.rc_context(PDF_SETTINGS),
        PdfPages(path, metadata=about) as book,
    ):
        for number, sheet in enumerate(sheets, start=1):
            place = text("atlas.sheet", lang, n=number, all=len(sheets))
            page = _Page(sheet, ground, facts, style, font, lang)
            book.savefig(page.draw(place))


def _sheets(
    tables: Frames, ground: GroundLayers, *, facts: ReportFacts, style: Style, lang: Language
) -> Iterator[Sheet]:
    """Plan the pages: all stages, each year of the plan, then each stage for all and for each district."""
    whole_area = text("atlas.whole_area", lang)
    everything = all_stages(tables, facts=facts)
    bounds = plan_bounds(tables)
    figures = overview_figures(tables, facts=facts, lang=lang)
    title = text("atlas.title_city", lang)
    yield Sheet(title, whole_area, everything, None, bounds, figures, _OVERVIEW_COLUMNS, (), catchments=False)
    yield from plan_sheets(tables, bounds=bounds, facts=facts, lang=lang)
    chosen, layouts = _districts_shown(tables, facts=facts), listed_layouts(tables)
    named = numbered_titles(layouts, lang)
    has_catchments = set(gpd.GeoDataFrame(tables["catchments"])["stage"])
    for stage in facts.stages:
        layers = stage_layers(tables, stage, facts=facts, style=style)
        title = text("atlas.title_stage", lang, stage=stage_name(stage, lang))
        by = stage in has_catchments
        rows = balance_figures(tables["city_balance"], stage, layouts=layouts, facts=facts, lang=lang)
        outside = shortage_outside(tables, stage, facts.target_year)
        said = {"n": whole(outside, lang), "year": facts.target_year}
        lines = (*named, text("document.intro.outside", lang, **said)) if outside else named
        yield Sheet(
            title, whole_area, layers, None, bounds, rows, figure_widths(layouts), lines, catchments=by
        )
        yield from _redrawn(tables, stage, bounds=bounds, facts=facts, style=style, lang=lang)
        for district_id in chosen:
            row = ground.districts.loc[district_id]
            name = str(district_id) if pd.isna(row["name"]) else str(row["name"])
            figures_of = tables["district_balance"]
            own = figures_of[figures_of["district_id"] == district_id]
            rows = balance_figures(own, stage, layouts=layouts, facts=facts, lang=lang)
            yield Sheet(
                title,
                name,
                _near(layers, row.geometry),
                row.geometry,
                row.geometry.bounds,
                rows,
                figure_widths(layouts),
                named,
                catchments=by,
            )


def _redrawn(
    tables: Frames,
    stage: str,
    *,
    bounds: tuple[float, float, float, float],
    facts: ReportFacts,
    style: Style,
    lang: Language,
) -> Iterator[Sheet]:
    """Plan a page for each layout whose catchments of the stage were redrawn."""
    outcome = tables.get("zoning_outcome")
    if outcome is None or "moved_areas" not in tables:
        return
    for _, row in outcome[outcome["stage"] == stage].iterrows():
        yield Sheet(
            text("atlas.title_redrawn", lang, stage=stage_name(stage, lang)),
            text("atlas.whole_area", lang),
            redrawn_layers(tables, stage, str(row["layout"]), facts=facts, style=style),
            None,
            bounds,
            redrawn_figures(tables, row, lang),
            (0.5, 0.22, 0.28),
            (),
            catchments=True,
            lists=(SheetList(text("atlas.moves", lang), largest_moves(tables, row, lang), (0.8, 0.2), 1),),
        )


def _near(layers: StageLayers, district: shapely.Geometry) -> StageLayers:
    """Keep the proposals that the district's page shows: one beyond its border may serve it."""
    seen = shapely.box(*fit_view(shapely.bounds(district), _MAP).extent)
    found = layers.proposals
    return replace(layers, proposals=found[found.geometry.intersects(seen)] if len(found) else found)


def _districts_shown(tables: Frames, *, facts: ReportFacts) -> list[object]:
    """Return the districts that get pages: all, or of very many those with the most pupils unserved."""
    districts = gpd.GeoDataFrame(tables["districts"])
    most = max(1, _MOST_DISTRICT_PAGES // max(1, len(facts.stages)))
    if len(districts) <= most:
        return list(districts.index) if len(districts) > 1 else []
    figures = tables["district_balance"]
    rows = figures[(figures["layout"] == TODAY) & (figures["year"] == facts.target_year)]
    unserved = rows.groupby("district_id")["unserved"].sum().reindex(districts.index).fillna(0.0)
    worst = unserved.sort_values(ascending=False, kind="stable").index[:most]
    return [district for district in districts.index if district in set(worst)]


def _small_print(facts: ReportFacts, lang: Language) -> list[str]:
    """Return the lines at the foot of the column."""
    files = list(dict.fromkeys(Path(source.file).name for source in facts.sources))
    shown = ", ".join(files[:_MOST_FILES]) if lang == "en" else "、".join(files[:_MOST_FILES])
    if len(files) > _MOST_FILES:
        shown = text("atlas.source_more", lang, files=shown, n=len(files) - _MOST_FILES)
    return [
        text("atlas.crs", lang, crs=facts.crs),
        text("atlas.rules", lang, profile=facts.profiles[lang]),
        *([text("atlas.source", lang, files=shown)] if files else []),
        text("atlas.run", lang, run=facts.run_id, version=facts.version),
        *([text("atlas.review", lang, number=facts.review_number)] if facts.review_number else []),
        text("atlas.prepared", lang),
    ]


@dataclass(frozen=True)
class _Page:
    sheet: Sheet
    ground: GroundLayers
    facts: ReportFacts
    style: Style
    font: FontProperties
    lang: Language

    def draw(self, place: str) -> Figure:
        """Draw the page; ``place`` says which sheet it is."""
        figure, paper = blank_page(PAGE_MM)
        paper.add_patch(
            Rectangle((8, 8), 404, 281, fill=False, edgecolor=self.style.ink["frame"], linewidth=1.4)
        )
        view = fit_view(self.sheet.bounds, _MAP)
        axes = map_axes(figure, _MAP, PAGE_MM)
        draw_map(
            axes,
            self.sheet.layers,
            ground=self.ground,
            view=view,
            style=self.style,
            font=self.font,
            lang=self.lang,
            focus=self.sheet.focus,
        )
        over = map_axes(figure, Box(0, 0, *PAGE_MM), PAGE_MM)
        over.set(xlim=(0, PAGE_MM[0]), ylim=(0, PAGE_MM[1]))
        over.axis("off")
        draw_north(over, _MAP.right - 12, _MAP.top - 13, style=self.style, font=self.font, lang=self.lang)
        self._column(over, view, place)
        return figure

    def _column(self, axes: Axes, view: View, place: str) -> None:
        left, right = _COLUMN
        column = SideColumn(axes, left, right, 284.0, self.style, self.font, self.lang)
        self._title(column, place)
        column.heading(text("atlas.figures", self.lang, year=self._year))
        column.table(self.sheet.figures, widths=self.sheet.widths)
        for words in self.sheet.layouts:
            column.words(words, size=_SMALL, colour="quiet")
        self._legend(column)
        foot = self._foot(axes, view)
        self._proposals(column, foot)

    def _title(self, column: SideColumn, place: str) -> None:
        facts, lang = self.facts, self.lang
        column.words(facts.names[lang], size=11, colour="quiet", after=1.2)
        column.words(self.sheet.title, size=17, colour="rule", after=1.0)
        column.words(self._place(), size=13, after=1.4)
        scenario = facts.scenario_title or (
            text("atlas.base_scenario", lang) if facts.scenario == "base" else facts.scenario
        )
        column.put(place, column.right, column.y, size=7.5, colour="quiet", va="top", ha="right")
        column.words(text("atlas.scenario", lang, scenario=scenario), size=7.5, colour="quiet", after=0)

    def _place(self) -> str:
        return text("atlas.area_year", self.lang, area=self.sheet.area, year=self._year)

    @property
    def _year(self) -> int:
        return self.facts.target_year if self.sheet.year is None else self.sheet.year

    def _legend(self, column: SideColumn) -> None:
        style, lang, layers = self.style, self.lang, self.sheet.layers
        if len(layers.zones):
            kind = text(f"atlas.zone_{'catchment' if self.sheet.catchments else 'district'}", lang)
            column.heading(text("atlas.legend_fill", lang, zone=kind))
            draw_legend(column, scale_symbols(style, lang))
        column.heading(text("atlas.legend_signs", lang))
        types = [kind for kind in style.schools if kind in set(layers.schools["school_type"])]
        found = finding_symbols(
            style,
            lang,
            shortage=len(layers.zones) > 0,
            moved=len(layers.moved) > 0,
            passing=[*layers.passing["kind"].unique()] if len(layers.passing) else [],
        )
        lines = line_symbols(lines_present(self.ground), style, lang)
        draw_legend(column, [*school_symbols(types, style, lang), *found, *lines])

    def _foot(self, axes: Axes, view: View) -> float:
        """Write scale and small print at the foot; return the height where they begin."""
        left, right = _COLUMN
        lines = [
            wrapped(line, size=_SMALL, width_mm=right - left) for line in _small_print(self.facts, self.lang)
        ]
        rows = sum(len(line.split("\n")) for line in lines)
        top = _MAP.bottom + _SCALE_MM + rows * _SMALL_ROW_MM
        column = SideColumn(axes, left, right, top, self.style, self.font, self.lang)
        column.rule()
        column.y -= 3.0
        draw_scale_bar(column, view)
        column.y -= 1.0
        for line in _small_print(self.facts, self.lang):
            column.words(line, size=_SMALL, colour="quiet", after=0.5)
        return top

    def _proposals(self, column: SideColumn, foot: float) -> None:
        """List what the sheet tells, or its proposals, as far as there is room."""
        for one in self.sheet.lists:
            column.heading(one.heading)
            room = max(0, int((column.y - foot - 5.0) // _LINE_MM))
            column.table(one.rows[:room], widths=one.widths, head=False, words=one.words)
        if self.sheet.lists:
            return
        column.heading(text("atlas.proposals", self.lang))
        shown = self.sheet.layers.proposals
        if shown.empty:
            column.words(text("atlas.no_proposals", self.lang), size=7.0, colour="quiet")
            return
        every = [self._proposal(row) for row in shown.head(_MOST_PROPOSALS).to_dict("records")]
        heights = [column.row_height(row, widths=_PROPOSAL_COLUMNS, words=2) for row in every]
        rows = [
            row
            for row, below in zip(every, accumulate(heights), strict=True)
            if below <= column.y - foot - _FREE_MM
        ]
        column.table(rows, widths=_PROPOSAL_COLUMNS, head=False, words=2)
        if len(shown) > len(rows):
            more = text("atlas.proposals_more", self.lang, n=len(shown) - len(rows))
            column.put(more, column.left, column.y, size=7.0, colour="quiet", va="top")

    def _proposal(self, row: dict[str, object]) -> tuple[str, str, str]:
        lang = self.lang
        words = text(
            "atlas.proposal",
            lang,
            kind=proposal_kind(row, lang),
            classes=write_count("classes", float(str(row["classes"])), lang),
        )
        return str(row["proposal_id"]), words, write_count("seats", float(str(row["seats"])), lang)
