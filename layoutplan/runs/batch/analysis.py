"""Analysis of many scenarios: which drivers move a figure, what is efficient, which choice is robust."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
import pandas as pd

from layoutplan.errors import FaultLog
from layoutplan.plan import Plan, as_plan
from layoutplan.runs.batch.batch import Batch, batch
from layoutplan.runs.batch.variations import Variation

SettingRange = tuple[float, float]
"""Smallest and largest value of a setting."""

_AS_PLANNED: Final = "as-planned"


def driver_swings(
    plan: Plan | str | os.PathLike[str],
    ranges: Mapping[str, SettingRange],
    *,
    figure: str = "unserved",
    output: str | os.PathLike[str] | None = None,
    workers: int | None = None,
) -> pd.DataFrame:
    """Change one setting at a time to its smallest and largest value, and return what each does to a figure.

    Parameters
    ----------
    plan
        A plan, or the path of its file.
    ranges
        Smallest and largest value by key of the plan.
    figure
        A figure of the whole plan in the target year (:meth:`~layoutplan.Batch.totals`), in the layout that
        is best by it.
    output, workers
        As for :func:`~layoutplan.batch`.

    Returns
    -------
    DataFrame
        ``setting``, ``low``, ``high``, ``as_planned`` (the figure), ``at_low``, ``at_high``, ``swing`` (the
        largest less the smallest of the three); the largest swing first. This is the table of a tornado
        chart. Interactions of settings do not show in it; see :func:`sobol_indices`.

    Raises
    ------
    InputError
        As :func:`~layoutplan.batch`; if a range is none.
    """
    _check_ranges(ranges)
    every = [Variation(_AS_PLANNED, {})]
    for at, (key, (low, high)) in enumerate(ranges.items()):
        every += [Variation(f"low-{at}", {key: low}), Variation(f"high-{at}", {key: high})]
    found = figure_of(batch(plan, every, output=output, workers=workers), figure)
    planned = found[_AS_PLANNED]
    rows = [
        {
            "setting": key,
            "low": low,
            "high": high,
            "as_planned": planned,
            "at_low": found[f"low-{at}"],
            "at_high": found[f"high-{at}"],
        }
        for at, (key, (low, high)) in enumerate(ranges.items())
    ]
    table = pd.DataFrame(rows)
    values = table[["as_planned", "at_low", "at_high"]]
    table["swing"] = values.max(axis=1) - values.min(axis=1)
    return table.sort_values("swing", ascending=False, kind="stable", ignore_index=True)


def sobol_indices(
    plan: Plan | str | os.PathLike[str],
    ranges: Mapping[str, SettingRange],
    *,
    samples: int = 128,
    figure: str = "unserved",
    output: str | os.PathLike[str] | None = None,
    workers: int | None = None,
) -> pd.DataFrame:
    """Return the share of the variance of a figure that each setting explains, over all settings at once.

    Every setting is spread evenly over its range, independently of the others. Estimators of Saltelli et al.
    (2010, https://doi.org/10.1016/j.cpc.2009.09.018) by SALib, which the extra ``analysis`` installs.

    Parameters
    ----------
    plan, ranges, figure, output, workers
        As for :func:`driver_swings`.
    samples
        Base samples, a power of two; ``samples × (settings + 2)`` scenarios are run. The seed of the plan is
        that of the samples. Few samples may be far off: the width of the interval says how far.

    Returns
    -------
    DataFrame
        ``setting``; ``first`` (share of the variance by the setting alone) and ``total`` (with all
        interactions), each with ``…_within``, half the width of its 95 % interval. Zero where the figure
        does not vary.

    Raises
    ------
    InputError
        As :func:`driver_swings`; without SALib.
    """
    _check_ranges(ranges)
    try:
        from SALib.analyze import sobol as indices  # noqa: PLC0415  optional
        from SALib.sample import sobol as sampling  # noqa: PLC0415  optional
    except ImportError:
        log = FaultLog()
        log.add("batch_no_salib")
        log.raise_if_errors()
        raise
    base = as_plan(plan)
    problem = {
        "num_vars": len(ranges),
        "names": list(ranges),
        "bounds": [list(map(float, one)) for one in ranges.values()],
    }
    points = sampling.sample(problem, samples, calc_second_order=False, seed=base.general.seed % 2**32)
    every = [
        Variation(f"s{at:05d}", dict(zip(ranges, map(float, point), strict=True)))
        for at, point in enumerate(points)
    ]
    found = figure_of(batch(base, every, output=output, workers=workers), figure)
    values = np.array([found[one.name] for one in every])
    table = pd.DataFrame({"setting": list(ranges)})
    if np.ptp(values) == 0:
        return table.assign(first=0.0, first_within=0.0, total=0.0, total_within=0.0)
    said = indices.analyze(problem, values, calc_second_order=False, seed=base.general.seed % 2**32)
    return table.assign(
        first=said["S1"], first_within=said["S1_conf"], total=said["ST"], total_within=said["ST_conf"]
    )


def pareto(found: Batch, *, cost: str = "proposals_cost", figure: str = "unserved") -> pd.DataFrame:
    """Return the scenarios of which none is better in both cost and a figure.

    Parameters
    ----------
    found
        A batch.
    cost, figure
        Figures of the whole plan in the target year; less is better. A layout without a cost costs nothing.

    Returns
    -------
    DataFrame
        ``plan``, ``scenario``, ``layout``, ``cost``, ``figure``, ``efficient``; the cheapest first.
    """
    totals = found.totals()
    spent = totals[cost].fillna(0.0) if cost in totals else pd.Series(0.0, index=totals.index)
    table = totals[["plan", "scenario", "layout"]].assign(cost=spent, figure=totals[figure])
    table = table.dropna(subset=["figure"])
    mine = table[["cost", "figure"]].to_numpy(dtype=float)
    no_worse = np.all(mine[None, :, :] <= mine[:, None, :], axis=2)
    better = np.any(mine[None, :, :] < mine[:, None, :], axis=2)
    table["efficient"] = ~np.any(no_worse & better, axis=1)
    return table.sort_values(["cost", "figure"], kind="stable", ignore_index=True)


def robust_choice(found: Batch, choice: Sequence[str], *, figure: str = "unserved") -> pd.DataFrame:
    """Compare choices over futures by their regret: how much worse each is than the best in that future.

    Parameters
    ----------
    found
        A batch of a grid: the settings in ``choice`` are decided, all others that differ make the future.
    choice
        Keys of the plan.
    figure
        A figure of the whole plan in the target year, in the layout that is best by it; less is better.

    Returns
    -------
    DataFrame
        One row per choice: its settings, ``worst`` and ``mean`` of the figure, ``most_regret`` and
        ``mean_regret`` over the futures, and ``robust`` for the smallest ``most_regret`` (Savage's
        criterion; of equal ones the smallest mean), which comes first.

    Raises
    ------
    InputError
        If no setting of a name differs in the batch, or a future lacks one of the choices.
    """
    scenarios = found.scenarios
    settings = [name for name in scenarios.columns if "." in name or name.startswith("override ")]
    log = FaultLog()
    for name in choice:
        if name not in settings:
            log.add("batch_no_choice", name=name, known=", ".join(settings) or "-")
    log.raise_if_errors()
    future = [name for name in settings if name not in choice]
    value = figure_of(found, figure)
    table = scenarios.assign(value=scenarios["scenario"].map(value)).dropna(subset=["value"])
    keys = [table[name] for name in future] if future else [pd.Series("", index=table.index)]
    regret = table["value"] - table.groupby(keys)["value"].transform("min")
    sizes = table.groupby(keys)["value"].size()
    if len(set(sizes)) > 1:
        log.add("batch_not_every_choice", figure=figure)
        log.raise_if_errors()
    grouped = table.assign(regret=regret).groupby(list(choice), sort=False)
    said = grouped.agg(
        worst=("value", "max"),
        mean=("value", "mean"),
        most_regret=("regret", "max"),
        mean_regret=("regret", "mean"),
    ).reset_index()
    said = said.sort_values(["most_regret", "mean"], kind="stable", ignore_index=True)
    return said.assign(robust=said.index == 0)


def figure_of(found: Batch, figure: str) -> dict[str, float]:
    """Return a figure of each scenario of a batch of one plan, in the layout that is best by it.

    Parameters
    ----------
    found
        The batch.
    figure
        Name of a figure of the whole plan.

    Returns
    -------
    dict
        Smallest value by scenario; nan for a scenario that failed.

    Raises
    ------
    InputError
        If there is no such figure.
    """
    totals = found.totals()
    if figure not in totals:
        log = FaultLog()
        log.add("batch_no_figure", name=figure, known=", ".join(map(str, totals.columns[3:])))
        log.raise_if_errors()
    least = totals.groupby("scenario")[figure].min()
    return {str(name): float(least.get(name, np.nan)) for name in found.scenarios["scenario"]}


def _check_ranges(ranges: Mapping[str, SettingRange]) -> None:
    log = FaultLog()
    for key, bounds in ranges.items():
        if len(bounds) != 2 or not bounds[0] < bounds[1]:  # noqa: PLR2004  smallest and largest
            log.add("batch_no_range", name=key)
    if not ranges:
        log.add("batch_empty")
    log.raise_if_errors()
