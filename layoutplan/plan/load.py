"""Read ``plan.toml`` into a frozen :class:`Plan`: all faults at once, and the origin of each value."""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from layoutplan.errors import FaultLog, InputError
from layoutplan.plan.layers import Layer, merge
from layoutplan.plan.plan import Plan, plan_from
from layoutplan.plan.plan_faults import PlanFaults
from layoutplan.plan.reading import Draft, read_draft
from layoutplan.plan.scenarios import (
    LAYERED,
    SCENARIO_WORDS,
    Scenario,
    check_bases,
    layers_of,
    read_scenarios,
)
from layoutplan.plan.settings import SECTIONS, PlanSettings
from layoutplan.plan.source import PlanSource
from layoutplan.standards import load_profile
from layoutplan.standards.toml_file import read_toml
from layoutplan.texts import Language


def as_plan(plan: Plan | str | os.PathLike[str]) -> Plan:
    """Return a plan as it is, or read it from its file.

    Parameters
    ----------
    plan
        A plan, or the path of its TOML file.

    Returns
    -------
    Plan
        The plan itself, not a scenario of it, if a path is given.

    Raises
    ------
    InputError
        With every fault of the file.
    TypeError
        For anything else.
    """
    if isinstance(plan, Plan):
        return plan
    if isinstance(plan, (str, os.PathLike)):
        return load_plan(Path(plan))
    raise TypeError(f"a Plan or the path of its file is wanted, not {type(plan).__name__}")


def load_plan(
    path: str | Path,
    *,
    scenario: str | None = None,
    needs: Collection[str] | None = None,
    lang: Language | None = None,
) -> Plan:
    """Read a plan with all its scenarios, and check it.

    Parameters
    ----------
    path
        The TOML file.
    scenario
        Name of a scenario, ``None`` for the plan itself.
    needs
        Tables the plan must name; by default those of a whole city.
    lang
        Language of the results, instead of the plan's.

    Returns
    -------
    Plan
        Frozen; the profile it names is loaded and the overrides are applied. The tables themselves are
        checked when the city is read.

    Raises
    ------
    InputError
        With every fault of the file, those of the other scenarios included.
    """
    path = Path(path)
    log = FaultLog()
    source = read_toml(path, log=log)
    if source is None:
        raise InputError(tuple(log))
    complaints = PlanFaults(source=source, file=path.name, log=log)
    scenarios = read_scenarios(source.data, complaints)
    _check_sections(source.data, scenarios, complaints=complaints)
    check_bases(scenarios, complaints)
    base = Layer(None, (), {name: source.data[name] for name in source.data if name in LAYERED})
    layers = {name: layers_of(name, base, scenarios=scenarios) for name in (None, *scenarios)}
    if lang is not None:
        layers = {name: (*own, _spoken(lang, order=len(own))) for name, own in layers.items()}
    drafts = {
        name: read_draft(layers[name], path.parent, complaints=complaints, needs=needs) for name in layers
    }
    if scenario is not None and not scenarios:
        complaints.add("plan_scenario_none", ("scenarios",), name=scenario)
    elif scenario is not None and scenario not in scenarios:
        complaints.unknown("plan_scenario_unknown", ("scenarios", scenario), scenarios)
    log.raise_if_errors()
    chosen = scenarios.get(scenario or "")
    return plan_from(
        PlanSource(layers[scenario], drafts[scenario], needs),
        path,
        scenario=scenario,
        scenario_names=tuple(scenarios),
        texts=("", "") if chosen is None else (chosen.title, chosen.description),
        notes=log.notes,
    )


def _spoken(lang: Language, *, order: int) -> Layer:
    return Layer(None, (), {"plan": {"lang": lang}}, order=order, label="argument lang")


def default_plan(
    profile: str, *, stages: tuple[str, ...], base_year: int, horizon_year: int, lang: Language = "zh"
) -> Plan:
    """Return a plan of defaults without a file, for examples and tests that construct their own city.

    Change settings with :meth:`Plan.vary`.

    Parameters
    ----------
    profile
        Id of a profile of the package.
    stages
        Planned stages, youngest first.
    base_year, horizon_year
        First and last school year; the horizon is also the target year.
    lang
        Language of results.

    Returns
    -------
    Plan
        Without tables, scenarios and overrides.

    Raises
    ------
    InputError
        If there is no such profile.
    """
    general = {
        "profile": profile,
        "base_year": base_year,
        "horizon_year": horizon_year,
        "target_year": horizon_year,
        "stages": list(stages),
        "lang": lang,
    }
    sections: dict[str, Any] = {name: model() for name, model in SECTIONS.items() if name != "plan"}
    sections["plan"] = PlanSettings.model_validate(general)
    layers = (Layer(None, (), {"plan": general}),)
    draft = Draft(sections, {}, (), merge(layers)[1], load_profile(profile), stages)
    return plan_from(
        PlanSource(layers, draft, ()),
        Path("plan.toml"),
        scenario=None,
        scenario_names=(),
        texts=("", ""),
        notes=(),
    )


def _check_sections(
    data: Mapping[str, Any], scenarios: Mapping[str, Scenario], *, complaints: PlanFaults
) -> None:
    """Record unknown sections in the plan and in its scenarios."""
    known: tuple[str, ...] = (*LAYERED, "scenarios")
    for name in data:
        if name not in known:
            complaints.unknown("plan_unknown_section", (name,), known)
    for scenario in scenarios.values():
        for name in scenario.layer.data:
            if name not in LAYERED:
                path = (*scenario.layer.prefix, name)
                complaints.unknown("plan_unknown_section", path, (*LAYERED, *SCENARIO_WORDS))
