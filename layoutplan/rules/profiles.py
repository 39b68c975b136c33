"""The same city judged under several profiles (新旧标准对照)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pandas as pd

from layoutplan.dictionary import empty_frame, result_table
from layoutplan.rules.book import rule_specs
from layoutplan.rules.evaluate import evaluate_rules
from layoutplan.rules.flags import flag_schools
from layoutplan.rules.rule_inputs import MeasuredRule, RuleInputs
from layoutplan.rules.rule_spec import RuleSpec
from layoutplan.rules.scorecard import make_scorecard
from layoutplan.standards import Profile
from layoutplan.watched import RULE_INPUT, ReadPlace, unrecorded

_KEY = ["rule", "stage"]


def compare_profiles(
    inputs: RuleInputs,
    profiles: Sequence[Profile],
    *,
    results: pd.DataFrame | None = None,
    rules: Sequence[RuleSpec] | None = None,
) -> pd.DataFrame:
    """Judge the city under its own profile and under others, line by line of the scorecard.

    The facts are the same; thresholds, and the measures that depend on them (flags of schools and classes,
    indicators attained), are those of each profile in the year judged. ``profile.as_of(2012)`` is a profile
    as it stood in a year. Seats, demand and walks are the run's: the class sizes or radii of another profile
    do not change them.

    Parameters
    ----------
    inputs
        Study and stage results of the run.
    profiles
        The profiles to compare with; without any the table is empty.
    results
        Result table ``rule_results`` of the run, if already computed.
    rules
        The rules to compare; the whole rule book unless given. Rules without a threshold in any profile are
        skipped.

    Returns
    -------
    DataFrame
        Result table ``profile_comparison``: by rule and stage in the order of the book, the run's own profile
        first; only rules judged under one of the profiles at least. ``differs`` marks a status that is not
        the own profile's.

    Examples
    --------
    A nine-year school of 2,520 pupils: the cap of 2,500 is a rule of 2017.

    >>> from layoutplan.rules import rule_spec
    >>> from layoutplan.rules.worked_examples import worked_example
    >>> from layoutplan.standards import load_profile
    >>> case = worked_example(schools={"school_id": ["A"], "school_type": ["nine_year"],
    ...     "enrolment_primary": [1620], "enrolment_junior": [900]})
    >>> table = compare_profiles(case, [load_profile("cn-national").as_of(2012)],
    ...                          rules=[rule_spec("size.school_cap")])
    >>> table[["profile", "status", "differs"]].values.tolist()
    [['cn-zhengzhou-gaoxin-2020', 'missed', False], ['cn-national@2012', 'elsewhere', True]]
    """
    table = result_table("profile_comparison")
    blank = empty_frame(table)
    if not profiles:
        return blank
    specs = [spec for spec in rules or rule_specs() if spec.threshold]
    own = evaluate_rules(inputs, rules=specs) if results is None else results
    cards = [_lines(own[own["rule"].isin([spec.id for spec in specs])], inputs.profile)]
    cards += [_lines(evaluate_rules(_under(inputs, profile), rules=specs), profile) for profile in profiles]
    lines = pd.concat(cards, ignore_index=True)
    judged = lines.groupby(_KEY, dropna=False)["status"].transform(
        lambda status: status.isin(["met", "missed"]).any()
    )
    lines = lines[judged.astype(bool)]
    first = lines.groupby(_KEY, dropna=False, sort=False)["status"].transform("first")
    order = {spec.id: place for place, spec in enumerate(rule_specs())}
    lines = lines.assign(differs=lines["status"] != first, _place=lines["rule"].map(order))
    lines["_stage"] = lines["stage"].map({one: place for place, one in enumerate(inputs.city.stages)})
    lines = lines.sort_values(["_place", "_stage"], kind="stable", ignore_index=True)
    return lines.reindex(columns=list(table.column_names)).astype(blank.dtypes)


def _under(inputs: RuleInputs, profile: Profile) -> RuleInputs:
    """Return the inputs with another profile, and the flags under it; measures are kept where equal."""
    with unrecorded():  # a copy reads every field
        plan = replace(inputs.study.plan, profile=profile)
        study = replace(inputs.study, plan=plan)
    flags = flag_schools(study)
    with unrecorded():
        under = replace(inputs, study=study, flags=flags)
        same = {name for name, one in inputs.measures.items() if _reads_equal(one, inputs, under)}
    under.measures.update({name: inputs.measures[name] for name in same})
    return under


def _reads_equal(measure: MeasuredRule, inputs: RuleInputs, under: RuleInputs) -> bool:
    """Return whether a measure reads under another profile what it reads under the run's own."""
    return all(_is_equal(place, inputs, under) for place in measure.places)


def _is_equal(place: ReadPlace, inputs: RuleInputs, under: RuleInputs) -> bool:
    own, other, (kind, *names) = inputs.profile, under.profile, place
    if kind == RULE_INPUT:
        return names != ["flags"] or inputs.flags.equals(under.flags)
    if kind not in ("rule", "stages", "profile") or names[0] != own.id:
        return True
    if kind == "profile":
        return bool(getattr(own, names[1]) == getattr(other, names[1]))
    here, there = own.at(int(names[1])), other.at(int(names[1]))
    if kind == "stages":
        return here.stages == there.stages
    return here.find(names[2], names[3]) == there.find(names[2], names[3])


def _lines(results: pd.DataFrame, profile: Profile) -> pd.DataFrame:
    card = make_scorecard(results)
    return card.assign(profile=profile.id, profile_name=profile.name_zh, profile_name_en=profile.name_en)
