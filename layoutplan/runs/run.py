"""Run one scenario of a plan: all stages, and the layouts that they evaluate."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from layoutplan.balance import Evaluator
from layoutplan.plan import Plan, as_plan
from layoutplan.runs.map_view import MapView
from layoutplan.runs.meter import Advanced, Meter, StageStarted
from layoutplan.runs.record import RunRecord
from layoutplan.runs.rule_store import RuleStore
from layoutplan.runs.stage_store import StageReuser, StageStore
from layoutplan.runs.stage_values import LazyValues
from layoutplan.runs.stages import RUN_STAGES
from layoutplan.runs.study_stages import compute
from layoutplan.second_process import LARGE_UNITS, SecondProcess
from layoutplan.travel import WalkMatrixStore


class Run(RunRecord):
    """The results of one scenario of a plan.

    Attributes
    ----------
    study
        Plan, city, demand, walks and all resolved settings.
    evaluations
        Every layout of the run by its id, evaluated by the same code, today's first.
    outlook, hotspots, flags, ledger, unsafe_walks
        Of today's layout.
    proposal
        The result of siting; ``None`` if the plan disables it. Its layout is one of ``evaluations``.
    redraws
        Catchments redrawn; empty unless the plan asks for it. Their layouts are among ``evaluations``.
    service_areas
        Result table, including the proposed schools.
    layout_sources
        The layout files read.
    rule_results, rule_tables
        Results of the rule book, and the tables behind them (:func:`~layoutplan.rules.record_tables`).
    seconds, peak_mib
        Time, and peak memory in MiB, by stage.
    reuse
        Of each stage, whether the result of an earlier run was used, and if not what has changed since;
        empty without a store of results.
    written
        Record of the files written of equal runs; ``None`` without a store of results.
    """

    def map(self, *, height: int = 640) -> MapView:
        """Return the offline map of the run, which a notebook shows in a frame.

        Parameters
        ----------
        height
            Height of the frame, CSS pixels.

        Returns
        -------
        MapView
            The same page as ``map.html`` of a run folder; ``save`` writes it to a file.
        """
        from layoutplan.outputs.map import render_map  # noqa: PLC0415  a run computes without drawing
        from layoutplan.runs.map_inputs import map_frames, map_meta  # noqa: PLC0415
        from layoutplan.runs.results import result_frames  # noqa: PLC0415

        layers = map_frames(self, result_frames(self))
        page = render_map(layers, meta=map_meta(self), lang=self.study.lang)
        return MapView(page, title=self.city.name, height=height)

    def compare(self, *others: Run) -> pd.DataFrame:
        """Compare the headline figures of runs in their target years.

        Parameters
        ----------
        others
            Runs of other scenarios, variations or years.

        Returns
        -------
        DataFrame
            As :func:`~layoutplan.runs.compare_runs` returns for stored runs: one row per stage, layout and
            figure, one column per run, named by its scenario; with one other run also ``change``, the other
            less this one. A figure that a run does not have is null.
        """
        from layoutplan.runs.compare import compare_in_memory  # noqa: PLC0415  loads the stored runs' reader

        return compare_in_memory((self, *others))


def run_plan(
    plan: Plan | str | os.PathLike[str],
    *,
    previous_ledger: pd.DataFrame | None = None,
    layout_files: Sequence[Path] = (),
    started: StageStarted | None = None,
    advanced: Advanced | None = None,
    store: WalkMatrixStore | None = None,
    results: StageStore | None = None,
) -> Run:
    """Run every stage of one scenario, in the order of :data:`~layoutplan.runs.stages.RUN_STAGES`.

    Parameters
    ----------
    plan
        A loaded plan, whose ``scenario`` says which; or the path of its file.
    previous_ledger
        The ledger of an earlier year, possibly edited by the office: its cases are continued. Without it
        cases of earlier years are derived from the classes of those years, where the table has them.
    layout_files
        Layout files of the planner (:mod:`layoutplan.layouts.edit`), evaluated like today's and the
        proposed layout.
    started
        Called with the name of each stage when it starts, for a progress bar.
    advanced
        Called within long stages with the number of steps done and their total.
    store
        Cache of walking distances between runs; it does not affect the results.

    Returns
    -------
    Run
        With time and peak memory by stage.

    Raises
    ------
    InputError
        With every fault of the plan's tables.
    """
    meter, second_process = Meter(started, advanced), SecondProcess("layoutplan.balance")
    values = LazyValues(
        {
            "plan": as_plan(plan),
            "previous_ledger": previous_ledger,
            "layout_files": tuple(layout_files),
            "store": store,
        }
    )
    reuser = None if results is None else StageReuser(results, values)
    values["kept_measures"] = None if reuser is None else RuleStore(reuser)
    try:
        for stage in compute(RUN_STAGES, values, meter, reuser=reuser):
            # Two processes place the pupils of a large city; the second starts while streets are read.
            if stage.name == "demand" and len(values["city"].units) >= LARGE_UNITS:
                second_process.start()
            elif stage.name == "study":
                values["evaluator"] = Evaluator(
                    values["study"], advanced=meter.advance, second_process=second_process
                )
            elif stage.name == "layouts":
                values["evaluator"].close()
                del values["placed"]  # large for a large city
    finally:
        second_process.stop()
    names = (
        *("study", "evaluations", "outlook", "flags", "ledger", "unsafe_walks", "hotspots", "proposal"),
        *("service_areas", "layout_sources", "rule_results", "rule_tables"),
    )
    return Run(
        **{name: values[name] for name in names},
        redraws=values["redraws"] or (),
        seconds=meter.seconds,
        peak_mib=meter.peak_mib,
        reuse={} if reuser is None else reuser.report,
        written=None if reuser is None else reuser.written(),
    )
