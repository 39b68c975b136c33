"""How far off forecasts are in districts they were not tuned on: a table beside the plain forecasts.

    python benchmarks/forecast.py --data ../shared/data --set nyc --set vermont --set ecasd
    python benchmarks/forecast.py --data ../shared/data --learn   # the prior of members, by set
    python benchmarks/forecast.py --cost 300 --cost 3000          # CPU seconds by schools, 25 years

Each set is judged with the prior learnt on the others. Origins have at least three years before them. The
baselines are computed in the same run; ``--check`` holds them against a second computation in plain loops.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd

from layoutplan.enrolment import backtest, forecast_enrolment
from layoutplan.enrolment.forecast import read_inputs
from layoutplan.enrolment.members import MEMBERS, member_forecasts
from layoutplan.enrolment.prior import LEARNT_AT, PRIOR, Prior
from layoutplan.errors import FaultLog, InputError
from layoutplan.standards import load_profile
from layoutplan.standards.rules import Profile, Rule

SETS = ("nyc", "vermont", "vermont-k12", "ecasd")
_NO_BIRTHS = pd.DataFrame({"year": [], "births": []})
_LAST_TARGET = {"nyc": 2019, "ecasd": 2019}  # pupils taught at a distance are not counted from 2020 on
_LEAST_BEFORE = 3  # years before an origin
_SOURCES = {"vermont-k12": "vermont"}
_LAST_GRADE = {"nyc": 5, "vermont": 6}
_WHOLE = 12  # the last grade of all
_FIRST_ORIGIN = {"ecasd": 2002}  # as baseline.py of the set has it


@dataclass(frozen=True)
class District:
    """One district of a set: its tables, and the profile that says which grade is of which age."""

    name: str
    history: pd.DataFrame
    births: pd.DataFrame
    profile: Profile
    last_target: int | None

    @property
    def origins(self) -> list[int]:
        """Years to forecast from: at least three years before them, one after."""
        years = range(int(self.history["year"].min()), int(self.history["year"].max()) + 1)
        last = self.last_target or years[-1]
        return [year for year in years[_LEAST_BEFORE:] if year < last]


def districts_of(name: str, data: Path) -> Iterator[District]:
    """Yield the districts of a set."""
    if name == "ecasd":
        yield _ecasd(data / "forecast_ecasd")
        return
    source = _SOURCES.get(name, name)
    counts = pd.read_csv(data / "forecast_panel" / f"{source}_half.csv")
    last = _LAST_TARGET.get(name)
    counts = counts[counts["year"] <= (last or counts["year"].max())]
    top = _LAST_GRADE.get(name, _WHOLE)
    counts = counts[counts["grade"] <= top]
    stages = (
        {"primary": (0, top)} if top < _WHOLE else {"primary": (0, 6), "junior": (7, 8), "senior": (9, 12)}
    )
    profile = _profile(stages)
    for district, rows in counts.groupby("district"):
        yield District(
            str(district), _table(rows.rename(columns={"pupils": "count"}), stages), _NO_BIRTHS, profile, last
        )


def _ecasd(folder: Path) -> District:
    counts = pd.read_csv(folder / "enrolment_school_grade_year.csv", dtype={"grade": str})
    counts = counts.assign(
        grade=counts["grade"].replace("K", "0").astype(int),
        school_id=counts["school"],
        count=counts["students"],
    )
    stages = {"primary": (0, 5)}
    return District(
        "ecasd", _table(counts, stages), pd.read_csv(folder / "births.csv"), _profile(stages), 2019
    )


def _table(rows: pd.DataFrame, stages: dict[str, tuple[int, int]]) -> pd.DataFrame:
    """Return rows as input table ``enrolment_history``."""
    stage = pd.Series("", index=rows.index)
    for name, (first, last) in stages.items():
        stage[rows["grade"].between(first, last)] = name
    return pd.DataFrame(
        {
            "school_id": rows["school_id"],
            "area_id": None,
            "stage": stage,
            "grade": rows["grade"].astype(int),
            "year": rows["year"].astype(int),
            "pupils": rows["count"].astype(float),
        }
    ).reset_index(drop=True)


def _profile(stages: dict[str, tuple[int, int]]) -> Profile:
    """Return the national profile with stages of these grades, grade 1 being of six-year-olds."""
    national = load_profile("cn-national")
    kept = tuple(rule for rule in national.rules if rule.key != "stage.ages")
    ages = tuple(
        Rule("stage.ages", stage, (5.0 + first, 5.0 + last), "years", "the set", "PLAN", 1900)
        for stage, (first, last) in stages.items()
    )
    return replace(national, rules=(*kept, *ages))


def judge(name: str, data: Path, prior: Prior) -> pd.DataFrame:
    """Return every forecast of a set, ours and the baselines': rows of back-tests, with ``district``."""
    frames = []
    for district in districts_of(name, data):
        first = _FIRST_ORIGIN.get(name, 0)
        origins = [year for year in district.origins if year >= first]
        try:
            tested = backtest(
                district.history,
                district.births,
                profile=district.profile,
                origins=origins,
                last_target=district.last_target,
                prior=prior,
            )
        except InputError:  # no pupils of these grades, or for too few years
            print(f"{district.name}: too short")
            continue
        frames.append(tested.errors.assign(district=district.name))
    return pd.concat(frames, ignore_index=True)


def summary(errors: pd.DataFrame) -> pd.DataFrame:
    """Return a row for each stage and horizon: errors in percent, ratios to the better baseline, coverage."""
    rows = []
    errors = errors.assign(
        off=(errors["pupils"] - errors["actual"]).abs(), signed=errors["pupils"] - errors["actual"]
    )
    errors["inside"] = (errors["p10"] <= errors["actual"]) & (errors["actual"] <= errors["p90"])
    for (stage, horizon), part in errors.groupby(["stage", "horizon"], sort=False):
        row: dict[str, object] = {"stage": stage, "h": horizon}
        whole = part[part["level"] == "district"]
        share = (whole["off"] / whole["actual"]).groupby(whole["method"]).mean()
        better = min(share["last_value"], share["three_year_mean"])
        by = whole.assign(share=whole["off"] / whole["actual"]).pivot_table(
            index="district", columns="method", values="share"
        )
        ours = whole[whole["method"] == "forecast"]
        schools = part[part["level"] == "place"]
        totals = schools.groupby("method")[["off", "actual"]].sum()
        weighted = totals["off"] / totals["actual"]
        of_schools = schools[schools["method"] == "forecast"]
        relative = by["forecast"] / by[["last_value", "three_year_mean"]].min(axis=1)
        row |= {
            "n": len(ours),
            "last": 100 * share["last_value"],
            "cohort": 100 * share["three_year_mean"],
            "ours": 100 * share["forecast"],
            "ratio": share["forecast"] / better,
            "wins": float((relative < 1).mean()),
            "q25": relative.quantile(0.25),
            "q75": relative.quantile(0.75),
            "bias": 100 * ours["signed"].sum() / ours["actual"].sum(),
            "cover": float(ours["inside"].mean()),
            "s.last": 100 * weighted["last_value"],
            "s.cohort": 100 * weighted["three_year_mean"],
            "s.ours": 100 * weighted["forecast"],
            "s.ratio": weighted["forecast"] / min(weighted["last_value"], weighted["three_year_mean"]),
            "s.cover": float(of_schools["inside"].mean()),
        }
        rows.append(row)
    return pd.DataFrame(rows).sort_values(["stage", "h"])


def learn(name: str, data: Path) -> pd.DataFrame:
    """Return the mean absolute log error of each member over that of all, by horizon, in a set."""
    rows = []
    for district in districts_of(name, data):
        log = FaultLog()
        known, births = read_inputs(
            district.history, district.births, district.profile, origin=district.last_target, log=log
        )
        for at in range(_LEAST_BEFORE, len(known.years) - 1):
            past = known.until(known.years[at])
            if not np.nan_to_num(past.totals[:, -1]).sum() > 0:
                continue
            found = member_forecasts(past, births.until(past.origin), horizon=max(LEARNT_AT))
            for stage in known.stages:
                grades = known.stage_rows(stage)
                for step in LEARNT_AT:
                    came = known.totals[grades, at + step].sum() if at + step < len(known.years) else 0.0
                    hoped = {member: found[member][grades, step - 1].sum() for member in MEMBERS}
                    if came > 0 and min(hoped.values()) > 0:
                        rows.append(
                            {"h": step}
                            | {member: abs(np.log(came / value)) for member, value in hoped.items()}
                        )
    means = pd.DataFrame(rows).groupby("h")[list(MEMBERS)].mean()
    return means.div(means.mean(axis=1), axis=0)


def prior_without(name: str, data: Path, learnt: dict[str, pd.DataFrame]) -> Prior:
    """Return the prior learnt on the sets of other places than this one."""
    family = _SOURCES.get(name, name)
    others = [one for one in SETS if _SOURCES.get(one, one) != family]
    for one in others:
        if one not in learnt:
            learnt[one] = learn(one, data)
    every = pd.concat([learnt[one] for one in others]).groupby("h").mean().reindex(list(LEARNT_AT)).ffill()
    return Prior({member: tuple(every[member].round(3)) for member in MEMBERS})


def cost(schools: int, *, years: int = 25) -> float:
    """Return the CPU seconds of a forecast of so many schools of six grades, ten years ahead."""
    random = np.random.default_rng(schools)
    sizes = random.gamma(4.0, 20.0, schools)
    counts = np.round(sizes[:, None, None] * random.normal(1.0, 0.05, (schools, 6, years)))
    place, grade, year = np.meshgrid(*(np.arange(size) for size in counts.shape), indexing="ij")
    table = pd.DataFrame(
        {
            "school_id": np.char.add("S", place.ravel().astype(str)),
            "area_id": None,
            "stage": "primary",
            "grade": grade.ravel() + 1,
            "year": 2000 + year.ravel(),
            "pupils": counts.ravel(),
        }
    )
    begun = time.process_time()
    forecast_enrolment(table, _NO_BIRTHS, profile=load_profile("cn-national"), horizon=10)
    return time.process_time() - begun


def main() -> None:
    """Print the tables asked for."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, help="folder with forecast_panel and forecast_ecasd")
    parser.add_argument("--set", dest="sets", action="append", choices=SETS, help="which sets to judge")
    parser.add_argument("--own-prior", action="store_true", help="judge with the prior of the package")
    parser.add_argument("--learn", action="store_true", help="print the prior each set teaches")
    parser.add_argument("--save", type=Path, help="write every forecast to this CSV")
    parser.add_argument("--cost", type=int, action="append", help="time so many schools")
    asked = parser.parse_args()
    for schools in asked.cost or ():
        print(f"{schools:6d} schools, 25 years: {cost(schools):.2f} CPU seconds")
    learnt: dict[str, pd.DataFrame] = {}
    if asked.learn:
        learnt = {name: learn(name, asked.data) for name in SETS}
        for name, found in learnt.items():
            print(f"\n{name}\n{found.round(3).to_string()}")
        print(f"\nmean\n{pd.concat(learnt.values()).groupby('h').mean().round(2).T.to_string()}")
    kept = []
    for name in asked.sets or ():
        prior = PRIOR if asked.own_prior else prior_without(name, asked.data, learnt)
        begun = time.process_time()
        errors = judge(name, asked.data, prior)
        kept.append(errors.assign(set=name))
        print(f"\n{name}: errors in percent; {time.process_time() - begun:.0f} CPU seconds")
        print(summary(errors).round(2).to_string(index=False))
    if asked.save and kept:
        pd.concat(kept, ignore_index=True).to_csv(asked.save, index=False)


if __name__ == "__main__":
    main()
