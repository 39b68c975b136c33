"""A case just inside and just outside the threshold of every judged rule, with the figures by hand."""

from tests.rules.thresholds import (
    catchments,
    classes,
    demand,
    equity,
    groups,
    kindergartens,
    land,
    projects,
    schools,
)
from tests.rules.thresholds.towns import Town

TOWNS: tuple[Town, ...] = (
    *classes.TOWNS,
    *schools.TOWNS,
    *catchments.TOWNS,
    *demand.TOWNS,
    *equity.TOWNS,
    *groups.TOWNS,
    *kindergartens.TOWNS,
    *land.TOWNS,
    *projects.TOWNS,
)
