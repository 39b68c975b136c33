"""Declaration of the stages of a run, in order, with the values that each reads and gives.

Runner, progress bar, manifest and documentation read :data:`RUN_STAGES`; a stage is declared as
:mod:`layoutplan.runs.study_stages` describes, which holds those that make the study.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

import geopandas as gpd
import pandas as pd

from layoutplan.access import Access, measure_access, service_area_table
from layoutplan.balance import Balance, Evaluator
from layoutplan.balance.reuse import PlacedStages
from layoutplan.city import Source
from layoutplan.city.readers import fingerprint
from layoutplan.errors import FaultLog, InputError
from layoutplan.hotspots import Hotspots, find_hotspots
from layoutplan.layouts import (
    Layout,
    LayoutEdit,
    apply_edit,
    read_edit,
    read_edits,
)
from layoutplan.outlook import Outlook, estimate_outlook
from layoutplan.plan import Plan
from layoutplan.rules import (
    RuleInputs,
    SafeWalks,
    compare_profiles,
    earlier_ledger,
    evaluate_rules,
    find_unsafe_walks,
    flag_schools,
    has_history,
    record_tables,
    update_ledger,
)
from layoutplan.rules.rule_inputs import KeptMeasures
from layoutplan.runs.evaluation import Evaluation
from layoutplan.runs.refusals import refuse_layouts
from layoutplan.runs.run_stage import RunStage
from layoutplan.runs.study_stages import STUDY_STAGES
from layoutplan.runs.zoned_plan import plan_as_zoned
from layoutplan.siting import Proposal
from layoutplan.study import Study
from layoutplan.watched import unrecorded
from layoutplan.zoning import Redraw, redraw, with_outlines, zoning_options


def _edits(study: Study, layout_files: Sequence[Path]) -> tuple[tuple[Layout, ...], tuple[Source, ...]]:
    log, layouts = FaultLog(), []
    edits = read_edits(layout_files, study.city)
    refuse_layouts(study, edits, log)
    for edit in edits:
        try:
            layouts.append(_applied(edit, study))
        except InputError as error:
            log.extend(error.faults)
    log.raise_if_errors()
    own = zoning_options(study)
    sources = (
        Source("layouts", edit.file, fingerprint(path), len(edit.measures) + len(edit.moves))
        for edit, path in zip(edits, layout_files, strict=True)
    )
    return (*layouts, *own), tuple(sources)


def _applied(edit: LayoutEdit, study: Study) -> Layout:
    layout = apply_edit(edit, study.today, city=study.city, plan=study.plan, walking=study.walking)
    return with_outlines(study, layout)


def _balance(study: Study, evaluator: Evaluator) -> tuple[Balance, PlacedStages]:
    return evaluator.evaluate(study.today), evaluator.placed_today


def _review(
    study: Study, previous_ledger: pd.DataFrame | None
) -> tuple[SafeWalks, pd.DataFrame, pd.DataFrame, bool]:
    unsafe_walks, flags = find_unsafe_walks(study), flag_schools(study)
    earlier = previous_ledger
    if earlier is None:
        earlier = earlier_ledger(study.city, study.profile, lang=study.lang)
    ledger = update_ledger(flags, study.profile, year=study.base_year, previous=earlier, lang=study.lang)
    return unsafe_walks, flags, ledger, has_history(earlier, year=study.base_year)


def _hotspots(study: Study, today: Balance) -> Hotspots:
    return find_hotspots(study, today)


def _siting(study: Study, today: Balance, hotspots: Hotspots, outlook: Outlook) -> Proposal:
    return plan_as_zoned(study, today, hotspots, outlook)


def _zoning(study: Study, proposal: Proposal | None) -> tuple[Redraw, ...]:
    asked = study.plan.zoning.layouts
    layouts = [study.today] if "today" in asked else []
    if "proposed" in asked and proposal is not None:
        layouts.append(proposal.layout)
    return tuple(redraw(study, layout) for layout in layouts)


def _other_layouts(
    proposal: Proposal | None,
    redraws: tuple[Redraw, ...] | None,
    edits: tuple[Layout, ...],
    placed: PlacedStages,
    evaluator: Evaluator,
) -> tuple[tuple[Layout, Balance], ...]:
    evaluator.placed_today = placed
    redrawn = [one.layout for one in redraws or ()]
    others = [*([proposal.layout] if proposal else []), *redrawn, *edits]
    return tuple((layout, evaluator.evaluate(layout)) for layout in others)


def _access(study: Study, today: Balance) -> Access:
    return measure_access(study, today)


def _evaluations(
    study: Study,
    today: Balance,
    access: Access,
    others: tuple[tuple[Layout, Balance], ...],
    proposal: Proposal | None,
) -> tuple[Mapping[str, Evaluation], gpd.GeoDataFrame]:
    found = {study.today.id: Evaluation(study.today, today, access)}
    for layout, balance in others:
        measured = measure_access(study, balance, layout, years=(study.target_year,))
        found[layout.id] = Evaluation(layout, balance, measured)
    areas = service_area_table(study, proposal.layout if proposal else None)
    return MappingProxyType(found), areas


def _rules(  # noqa: PLR0917  called by name
    study: Study,
    evaluations: Mapping[str, Evaluation],
    flags: pd.DataFrame,
    ledger: pd.DataFrame,
    ledger_goes_back: bool,  # noqa: FBT001  a value read by name
    hotspots: Hotspots,
    outlook: Outlook,
    proposal: Proposal | None,
    kept_measures: KeptMeasures | None,
) -> tuple[pd.DataFrame, dict[str, pd.DataFrame]]:
    today = evaluations[study.today.id]
    inputs = RuleInputs(
        study=study,
        balance=today.balance,
        access=today.access,
        flags=flags,
        ledger=ledger,
        ledger_goes_back=ledger_goes_back,
        hotspots=hotspots,
        outlook=outlook,
        proposal=proposal,
        proposed=evaluations[proposal.layout.id].balance if proposal else None,
        kept=kept_measures,
    )
    results = evaluate_rules(inputs)
    with unrecorded():  # a copy reads every field
        with_results = replace(inputs, results=results)
    tables = {
        **record_tables(with_results),
        "profile_comparison": compare_profiles(inputs, study.plan.compared, results=results),
    }
    return results, tables


def read_layout(path: str | Path, study: Study) -> Layout:
    """Read a planner's layout file and apply it to today's layout.

    Parameters
    ----------
    path
        TOML file (:mod:`layoutplan.layouts.edit`).
    study
        The study of the city.

    Returns
    -------
    Layout
        The successor of today's layout.

    Raises
    ------
    InputError
        With every fault of the file, and the rule and amount of everything that cannot be applied.
    """
    return _applied(read_edit(Path(path), study.city), study)


def _siting_enabled(plan: Plan) -> bool:
    return plan.siting.enabled


def _zoning_enabled(plan: Plan) -> bool:
    return plan.zoning.enabled


RUN_STAGES = (
    *STUDY_STAGES,
    RunStage("edits", ("edits", "layout_sources"), _edits),
    RunStage("balance", ("today", "placed"), _balance),
    RunStage("outlook", ("outlook",), estimate_outlook),
    RunStage("review", ("unsafe_walks", "flags", "ledger", "ledger_goes_back"), _review),
    RunStage("hotspots", ("hotspots",), _hotspots),
    RunStage("siting", ("proposal",), _siting, wanted=_siting_enabled),
    RunStage("zoning", ("redraws",), _zoning, wanted=_zoning_enabled),
    RunStage("layouts", ("others",), _other_layouts),
    RunStage("access", ("access",), _access),
    RunStage("evaluations", ("evaluations", "service_areas"), _evaluations),
    RunStage("rules", ("rule_results", "rule_tables"), _rules),
)
"""All stages, in the order of a run."""


def stage_names(plan: Plan) -> tuple[str, ...]:
    """Return the names of the stages that a plan requires, in order.

    Parameters
    ----------
    plan
        The plan.

    Returns
    -------
    tuple of str
        Names of :data:`RUN_STAGES`.
    """
    return tuple(stage.name for stage in RUN_STAGES if stage.wanted(plan))
