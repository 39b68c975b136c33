"""Facts of a run for titles, methods and small print of the printed pages."""

from __future__ import annotations

from importlib import metadata
from typing import TYPE_CHECKING

from layoutplan.outputs.facts import ReportFacts
from layoutplan.plan.describe import as_toml
from layoutplan.runs.manifest import run_id
from layoutplan.texts import LANGUAGES

if TYPE_CHECKING:
    from layoutplan.runs.record import RunRecord
    from layoutplan.standards import Rule

_RULES = (
    "class_size.standard", "class_size.cap", "class_size.oversized", "class_size.severely_oversized",
    "school_size.cap", "school_size.small", "walking.service_radius", "walking.reach",
    "demand.participation", "cost.per_seat", "land.per_seat",
)  # fmt: skip
_ASSUMPTIONS = ("demand", "supply", "travel", "access", "hotspots", "siting")


def report_facts(run: RunRecord) -> ReportFacts:
    """Return the facts that report and atlas state about a run.

    Parameters
    ----------
    run
        The run.

    Returns
    -------
    ReportFacts
        The facts.
    """
    plan, city = run.plan, run.city
    standards = plan.profile.at(city.base_year)
    return ReportFacts(
        names={lang: plan.general.title(lang) or city.name for lang in LANGUAGES},
        profiles={"zh": plan.profile.name_zh, "en": plan.profile.name_en},
        scenario=plan.scenario or "base",
        scenario_title=plan.title,
        stages=city.stages,
        years=city.years,
        base_year=city.base_year,
        target_year=plan.general.target,
        currency=plan.profile.currency,
        crs=city.crs.name,
        walking=run.study.today.walks.method,
        reach_m=run.study.reach_m,
        service_radius_m={stage: standards.service_radius_m(stage) for stage in city.stages},
        rules=_rules(run),
        assumptions=_assumptions(run),
        sources=run.sources,
        notes=run.notes,
        run_id=run_id(run),
        review_number=plan.general.review_number,
        map_review=plan.profile.is_of("cn"),
        version=metadata.version("layoutplan"),
    )


def _rules(run: RunRecord) -> tuple[Rule, ...]:
    """Return the rules in force for planned stages that the report shows, in its order."""
    standards = run.plan.profile.at(run.city.base_year)
    places = dict.fromkeys((rule.key, rule.of) for rule in standards.rules)
    found = (
        standards.find(key, of)
        for wanted in _RULES
        for key, of in places
        if key == wanted and (not of or of in run.city.stages or of in run.city.schooling.type_ids)
    )
    return tuple(dict.fromkeys(rule for rule in found if rule is not None))


def _assumptions(run: RunRecord) -> tuple[tuple[str, str], ...]:
    """Return every setting that the plan or scenario set, with its value."""
    plan = run.plan
    return tuple(
        (f"{section}.{name}", as_toml(getattr(getattr(plan, section), name)))
        for section in _ASSUMPTIONS
        for name in type(getattr(plan, section)).model_fields
        if plan.origin(f"{section}.{name}") != "default"
    )
