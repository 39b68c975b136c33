"""A town at the edge of what a town is runs with every output in both languages, or is refused in words."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings

from layoutplan import InputError, load_plan, run_plan, write_run
from layoutplan.runs import write_index
from tests.examples import examples
from tests.towns.odd_towns import LONG_NAME, MARKUP_NAME, STAGES, OddTown, odd_towns, write_town

LANGUAGES = ("zh", "en")


def run_town(town, folder):
    """Run a town and write it in both languages; return the codes of the faults if it is refused."""
    plan = load_plan(write_town(town, folder))
    try:
        run = run_plan(plan)
        for lang in LANGUAGES:
            spoken = replace(run.plan, general=run.plan.general.model_copy(update={"lang": lang}))
            summary = write_run(replace(run, study=replace(run.study, plan=spoken)), folder / "out" / lang)
            assert set(summary["stages"]) == set(town.stages)
            write_index(folder / "out", lang=lang)
    except InputError as error:
        for fault in error.faults:
            for lang in LANGUAGES:
                assert fault.what(lang)
                assert fault.remedy(lang)
        return {fault.code for fault in error.faults if fault.severity == "error"}
    return set()


RUNNING = {
    "one house, long names, one year": OddTown(
        side_m=1.0, columns=1, schools=1, name=LONG_NAME, horizon=0, closed=True
    ),
}
LATER = {
    "a town 200 m across": OddTown(side_m=200.0, schools=1),
    "nobody lives there": OddTown(
        residents=0.0, children=0.0, siting=False, stages=("kindergarten", "primary"), lang="en"
    ),
    "600 km across": OddTown(side_m=600_000.0, at="one point", streets="none", catchments="none", schools=1),
    "all homes at one point": OddTown(at="one point", rows=3, streets="none", lang="en"),
    "no catchment, names like markup": OddTown(catchments="none", name=MARKUP_NAME, lang="en"),
    "no dwellings, a year of history": OddTown(dwellings=0.0, history=1, siting=False),
    "streets that do not meet": OddTown(streets="apart", siting=False),
    "stages nobody teaches": OddTown(stages=STAGES, school_type="nine_year", children=0.4, closed=True),
}


@pytest.mark.parametrize("name", RUNNING)
def test_a_town_runs(name, tmp_path):
    assert run_town(RUNNING[name], tmp_path) == set()


@pytest.mark.slow
@pytest.mark.parametrize("name", LATER)
def test_an_odd_town_runs_or_is_refused(name, tmp_path):
    run_town(LATER[name], tmp_path)


@pytest.mark.slow
@given(town=odd_towns())
@settings(max_examples=examples(6), suppress_health_check=[HealthCheck.too_slow])
def test_any_town_runs_or_is_refused(town, tmp_path_factory):
    run_town(town, tmp_path_factory.mktemp("town"))
