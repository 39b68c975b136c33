"""Layout (布局方案): seats by school, stage and year, the catchments they serve, and walks to schools."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import pandas as pd

from layoutplan.cards import Card, Carded, Outlined
from layoutplan.layouts.seats import Seats
from layoutplan.texts import Language, Said, number, text
from layoutplan.travel.matrix import WalkMatrix

TODAY = "today"
"""Id of today's layout: the city's schools with the projects that the plan counts, and its catchments."""

PROPOSED = "proposed"
"""Id of the planned layout: today's with the measures of the siting plan."""


@dataclass(frozen=True, repr=False)
class Zoning(Outlined):
    """Catchments of all stages (划片): which catchment contains each unit, and which schools serve it.

    Attributes
    ----------
    catchments
        Polygons, index ``catchment_id``, with ``stage``, ``name`` and ``district_id``; the city's CRS.
    unit_catchments
        Index ``unit_id``, one column per stage: the ``catchment_id`` of every unit, null where there is none.
    catchment_schools
        Columns ``catchment_id``, ``stage``, ``school_id``: one row per catchment and school that serves it.
    """

    catchments: gpd.GeoDataFrame
    unit_catchments: pd.DataFrame
    catchment_schools: pd.DataFrame

    def of_stage(self, stage: str) -> gpd.GeoDataFrame:
        """Return the catchments of one stage.

        Parameters
        ----------
        stage
            Stage id.

        Returns
        -------
        GeoDataFrame
            The rows of ``catchments`` of the stage.
        """
        return self.catchments[self.catchments["stage"] == stage]

    def held(self, stage: str) -> pd.Series:
        """Return the catchment of every unit in one stage.

        Parameters
        ----------
        stage
            Stage id.

        Returns
        -------
        Series
            ``catchment_id``, index ``unit_id``; null for units without a catchment, all null for a stage
            without catchments.
        """
        if stage in self.unit_catchments:
            return self.unit_catchments[stage]
        return pd.Series(None, index=self.unit_catchments.index, dtype=object)

    def links(self, stage: str) -> pd.DataFrame:
        """Return the rows of ``catchment_schools`` of one stage.

        Parameters
        ----------
        stage
            Stage id.

        Returns
        -------
        DataFrame
            Columns ``catchment_id``, ``stage``, ``school_id``.
        """
        return self.catchment_schools[self.catchment_schools["stage"] == stage]


@dataclass(frozen=True, repr=False)
class Layout(Carded):
    """One way to provide school places: today's layout, a proposal, redrawn catchments, or a planner's edit.

    Attributes
    ----------
    id
        Short name, unique within a run; it stands in the column ``layout`` of result tables.
    title
        Display title in both languages.
    seats
        Seats of every school, stage and year.
    zoning
        Catchments, and the schools that serve them.
    walks
        Walking distances, metres, from the city's units to ``seats.schools``, both in their order.
    lang
        Language of what it shows in a notebook.
    """

    id: str
    title: Said
    seats: Seats
    zoning: Zoning
    walks: WalkMatrix
    lang: Language = "zh"

    def _card(self) -> Card:
        lang, years = self.lang, self.seats.years
        totals = {stage: self.seats.counted(stage).sum() for stage in self.seats.seats}
        counted = number(int(self.seats.counting().any(axis=1).sum()), lang)
        said = (
            text(
                "cards.pupils",
                lang,
                stage=text(f"stages.{stage}", lang),
                number=number(total[years[-1]], lang),
            )
            for stage, total in totals.items()
        )
        return Card(
            "Layout",
            self.title[lang],
            (
                text("cards.schools", lang, number=counted),
                f"{text('cards.seats_in', lang, year=years[-1])}: {', '.join(said)}",
            ),
            (
                text("cards.seats_in", lang, year="").strip(),
                *(str(year) for year in years),
                text("cards.catchments", lang),
            ),
            tuple(
                (
                    text(f"stages.{stage}", lang),
                    *(number(total[year], lang) for year in years),
                    number(len(self.zoning.of_stage(stage)), lang),
                )
                for stage, total in totals.items()
            ),
        )
