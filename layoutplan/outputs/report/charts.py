"""Charts of the report: seats against demand by year, back-test errors, and small maps."""

from __future__ import annotations

import io
import math
from collections.abc import Mapping, Sequence
from itertools import product
from typing import Any, Final

import matplotlib as mpl
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.ticker import FuncFormatter, MaxNLocator

from layoutplan.layouts import TODAY
from layoutplan.outputs.atlas.furniture import SideColumn, draw_north, draw_scale_bar
from layoutplan.outputs.atlas.label_placement import Box
from layoutplan.outputs.atlas.legend_symbols import (
    draw_legend,
    finding_symbols,
    line_symbols,
    scale_symbols,
    school_symbols,
)
from layoutplan.outputs.atlas.map_drawing import draw_map
from layoutplan.outputs.atlas.map_view import fit_view
from layoutplan.outputs.atlas.paper import blank_page, lines_present, map_axes, plan_bounds
from layoutplan.outputs.facts import ReportFacts
from layoutplan.outputs.layers import printed_ground, stage_layers
from layoutplan.outputs.layout_titles import layouts_beside
from layoutplan.outputs.row_lookup import Frames, RowValues, rows_by
from layoutplan.outputs.style import Style
from layoutplan.outputs.wording import share, stage_name, whole, write_count
from layoutplan.texts import Language, text

_DPI: Final = 180
_CHART_MM: Final = (160.0, 68.0)
_PICTURE_MM: Final = (200.0, 146.0)  # printed a fifth smaller, so that symbols stay small
_LEGEND_MM: Final = 10.0
_PANEL_MM: Final = 42.0
_BAR: Final = 0.26
_METHODS: Final = {"forecast": "demand", "last_value": "seats", "three_year_mean": "quiet"}  # and their inks
_ERRORS: Final = {"district": "mape", "places": "weighted_mape"}
_MAP: Final = Box(0.5, 0.5, 147.0, 145.5)


def balance_chart(
    tables: Frames, stage: str, *, facts: ReportFacts, style: Style, font: FontProperties, lang: Language
) -> bytes:
    """Return a chart of seats (bars, with those the proposals add) and demand (line) by year.

    A dash marks the seats of each of the planner's own layouts, where it changes them.

    Parameters
    ----------
    tables
        Result tables by name.
    stage
        Id of the stage.
    facts
        Gives the years.
    style
        Colours.
    font
        Font of the words.
    lang
        Language of the words.

    Returns
    -------
    bytes
        PNG.
    """
    city = tables["city_balance"]
    rows = rows_by(city[city["stage"] == stage], "layout", "year")
    years = list(facts.years)
    seats = [float(rows[TODAY, year]["seats"]) for year in years]
    demand = [float(rows[TODAY, year]["demand"]) for year in years]
    with mpl.rc_context({"text.parse_math": False}):
        figure = Figure(figsize=(_CHART_MM[0] / 25.4, _CHART_MM[1] / 25.4))
        axes = figure.add_axes((0.09, 0.13, 0.89, 0.70))
        axes.bar(years, seats, width=0.62, color=style.ink["seats"], label=text("document.chart.seats", lang))
        for layout in layouts_beside(tables):
            more = [float(rows[layout.id, year]["seats"]) for year in years]
            extra = [max(0.0, new - old) for new, old in zip(more, seats, strict=True)]
            if not layout.proposals and more != seats:
                axes.plot(years, more, linestyle="none", marker="_", markersize=14, label=layout.title[lang])
            elif layout.proposals and max(extra) > 0:
                label = text("document.chart.proposed", lang)
                axes.bar(
                    years,
                    extra,
                    bottom=seats,
                    width=0.62,
                    color=style.ink["seats_proposed"],
                    edgecolor=style.ink["quiet"],
                    linewidth=0.4,
                    hatch="///",
                    label=label,
                )
        axes.plot(
            years,
            demand,
            color=style.ink["demand"],
            marker="o",
            markersize=4,
            linewidth=1.8,
            label=text("document.chart.demand", lang),
        )
        _dress(axes, years, style=style, font=font, lang=lang)
        return png(figure)


def _dress(
    axes: mpl.axes.Axes, years: list[int], *, style: Style, font: FontProperties, lang: Language
) -> None:
    """Give a chart its quiet frame, whole years and readable numbers."""
    axes.set_xticks(years)
    axes.set_xticklabels([str(year) for year in years])
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _place: whole(value, lang)))
    axes.grid(axis="y", color="#e3e6ea", linewidth=0.7)
    axes.set_axisbelow(True)
    axes.margins(x=0.01)
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    for label in (*axes.get_xticklabels(), *axes.get_yticklabels()):
        label.set(fontproperties=font, size=8, color=style.ink["quiet"])
    axes.tick_params(length=0)
    legend_font = font.copy()
    legend_font.set_size(8)
    axes.legend(
        loc="lower left",
        bbox_to_anchor=(0.0, 1.02),
        ncols=3,
        frameon=False,
        prop=legend_font,
        borderaxespad=0,
    )


def backtest_chart(
    table: pd.DataFrame, stages: Sequence[str], *, style: Style, font: FontProperties, lang: Language
) -> bytes:
    """Return a chart of the error of past forecasts by years ahead: district (left) and schools (right).

    Parameters
    ----------
    table
        Result table ``enrolment_backtest``.
    stages
        Ids of the stages shown.
    style
        Colours.
    font
        Font of the words.
    lang
        Language of the words.

    Returns
    -------
    bytes
        PNG.
    """
    horizons = {stage: sorted(set(table.loc[table["stage"] == stage, "horizon"])) for stage in stages}
    most = max(map(len, horizons.values()), default=1)
    rows = rows_by(table[table["level"] != "place"], "stage", "level", "method", "horizon")
    with mpl.rc_context({"text.parse_math": False}):
        height = _LEGEND_MM + _PANEL_MM * len(stages)
        figure = Figure(figsize=(_CHART_MM[0] / 25.4, height / 25.4))
        panels = figure.subplots(len(stages), len(_ERRORS), squeeze=False)
        figure.subplots_adjust(
            left=0.07,
            right=0.99,
            bottom=9 / height,
            top=1 - (_LEGEND_MM + 5) / height,
            hspace=0.72,
            wspace=0.2,
        )
        for (row, stage), (column, (level, error)) in product(enumerate(stages), enumerate(_ERRORS.items())):
            axes, ahead = panels[row, column], horizons[stage]
            axes.set_xlim(-0.5, most - 0.5)
            for place, (method, ink) in enumerate(_METHODS.items()):
                values = [_figure(rows, (stage, level, method, years), error) for years in ahead]
                places = [at + (place - 1) * _BAR for at in range(len(ahead))]
                label = text(f"document.chart.past_{method}", lang)
                axes.bar(places, values, width=_BAR, color=style.ink[ink], label=label)
            inside = [_figure(rows, (stage, level, "forecast", years), "coverage") for years in ahead]
            title = text(f"document.chart.past_{level}", lang, stage=stage_name(stage, lang))
            words = [_below(*one, lang=lang) for one in zip(ahead, inside, strict=True)]
            _dress_panel(axes, words, title=title, style=style, font=font)
        named = font.copy()
        named.set_size(8)
        handles, labels = panels[0, 0].get_legend_handles_labels()
        figure.legend(handles, labels, loc="upper left", ncols=3, frameon=False, prop=named)
        return png(figure)


def _figure(rows: Mapping[tuple[Any, ...], RowValues], key: tuple[Any, ...], name: str) -> float:
    """Return a figure of the table, nan where it has no such row."""
    return float(rows[key][name]) if key in rows else math.nan


def _below(ahead: int, inside: float, *, lang: Language) -> str:
    """Return what stands below the bars of one horizon."""
    years = text("document.chart.past_ahead", lang, ahead=write_count("years", ahead, lang))
    return f"{years}\n{text('document.chart.past_coverage', lang, share=share(inside, digits=0))}"


def _dress_panel(
    axes: mpl.axes.Axes, words: Sequence[str], *, title: str, style: Style, font: FontProperties
) -> None:
    """Give a panel its title, its words below the bars, and errors in per cent."""
    axes.set_xticks(range(len(words)))
    axes.set_xticklabels(words)
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _place: share(value, digits=0)))
    axes.yaxis.set_major_locator(MaxNLocator(nbins=4, min_n_ticks=2, steps=[1, 2, 5, 10]))
    axes.grid(axis="y", color="#e3e6ea", linewidth=0.7)
    axes.set_axisbelow(True)
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    for label in (*axes.get_xticklabels(), *axes.get_yticklabels()):
        label.set(fontproperties=font, size=7, color=style.ink["quiet"])
    axes.tick_params(length=0)
    axes.set_title(title, fontproperties=font, size=8.5, color=style.ink["text"], loc="left")


def map_caption(stage: str, facts: ReportFacts, lang: Language) -> str:
    """Return the words below the map of a stage, with the review number (审图号) of its base map if given.

    Parameters
    ----------
    stage
        Id of the stage.
    facts
        Gives the target year and the review number.
    lang
        Language of the words.

    Returns
    -------
    str
        The caption, without a number.
    """
    words = text("document.caption.map", lang, stage=stage_name(stage, lang), year=facts.target_year)
    review = facts.review_number
    return words + (text("document.caption.review", lang, number=review) if review else "")


def stage_picture(
    tables: Frames, stage: str, *, facts: ReportFacts, style: Style, font: FontProperties, lang: Language
) -> bytes:
    """Return the map of a stage in the target year with its legend.

    Parameters
    ----------
    tables
        Result tables and layers by name.
    stage
        Id of the stage.
    facts
        Gives the target year.
    style
        Colours.
    font
        Font of the words.
    lang
        Language of the words.

    Returns
    -------
    bytes
        PNG.
    """
    ground = printed_ground(tables)
    layers = stage_layers(tables, stage, facts=facts, style=style)
    view = fit_view(plan_bounds(tables), _MAP, rounded=False)
    with mpl.rc_context({"text.parse_math": False}):
        figure, _paper = blank_page(_PICTURE_MM)
        draw_map(
            map_axes(figure, _MAP, _PICTURE_MM),
            layers,
            ground=ground,
            view=view,
            style=style,
            font=font,
            lang=lang,
            names=False,
        )
        over = map_axes(figure, Box(0, 0, *_PICTURE_MM), _PICTURE_MM)
        over.set(xlim=(0, _PICTURE_MM[0]), ylim=(0, _PICTURE_MM[1]))
        over.axis("off")
        draw_north(over, _MAP.right - 9, _MAP.top - 11, style=style, font=font, lang=lang)
        column = SideColumn(over, _MAP.right + 3, _PICTURE_MM[0] - 0.5, 145.0, style, font, lang)
        has = stage in set(tables["catchments"]["stage"])
        kind = text(f"atlas.zone_{'catchment' if has else 'district'}", lang)
        if len(layers.zones):
            column.words(text("atlas.legend_fill", lang, zone=kind), size=8.5, colour="rule")
            draw_legend(column, scale_symbols(style, lang), columns=1, size=8.5)
        types = [name for name in style.schools if name in set(layers.schools["school_type"])]
        found = finding_symbols(style, lang, shortage=len(layers.zones) > 0)
        lines = line_symbols(lines_present(ground) - {"street"}, style, lang)
        draw_legend(column, [*school_symbols(types, style, lang), *found, *lines], columns=1, size=8.5)
        draw_scale_bar(column, view, longest_mm=30.0, worded=False)
        return png(figure)


def png(figure: Figure) -> bytes:
    """Return a figure as PNG; equal figures give equal bytes.

    Parameters
    ----------
    figure
        The figure.

    Returns
    -------
    bytes
        PNG.
    """
    file = io.BytesIO()
    figure.savefig(file, format="png", dpi=_DPI, metadata={"Software": None})
    return file.getvalue()
