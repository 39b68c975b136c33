"""A pair of tiny towns, one inside and one outside the thresholds of some rules."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from layoutplan.rules import evaluate_rules, rule_spec
from layoutplan.rules.rule_inputs import RuleInputs
from layoutplan.rules.worked_examples import ExampleRows, worked_example

Tables = Mapping[str, ExampleRows]
GAOXIN = "cn-zhengzhou-gaoxin-2020"


@dataclass(frozen=True)
class Sides:
    """The figures of one rule: value inside, value outside, need outside (``None``: the rule states none).

    ``stage`` and ``area`` choose the row where there are several; the whole city unless given.
    """

    inside: float
    outside: float
    need: float | None = None
    stage: str | None = None
    area: str = "city"


@dataclass(frozen=True)
class Town:
    """Tables of both towns (``both``), of one of them, and the figures of the rules they show.

    ``also`` names rules whose results are looked at, and not asserted. ``change`` turns the inputs of each
    town into those of the case; its second argument says which side.
    """

    inside: Tables
    outside: Tables
    rules: Mapping[str, Sides]
    both: Tables = field(default_factory=dict)
    profile: str = GAOXIN
    year: int = 2025
    target: int | None = None
    stages: tuple[str, ...] = ("primary",)
    also: tuple[str, ...] = ()
    change: Callable[[RuleInputs, bool], RuleInputs] | None = None

    def case(self, *, outside: bool) -> RuleInputs:
        """Return the inputs of the town on one side."""
        own = self.outside if outside else self.inside
        tables = {name: {**self.both.get(name, {}), **own.get(name, {})} for name in {*self.both, *own}}
        case = worked_example(
            base_year=self.year,
            target_year=self.target or self.year,
            profile=self.profile,
            stages=self.stages,
            **tables,
        )
        return self.change(case, outside) if self.change else case

    def judged(self, *, outside: bool) -> pd.DataFrame:
        """Return the rows of its rules on one side, by rule: the latest year of the area and stage chosen."""
        case = self.case(outside=outside)
        table = evaluate_rules(case, rules=[rule_spec(rule) for rule in (*self.rules, *self.also)])
        found = {}
        for rule, sides in self.rules.items():
            own = table[(table["rule"] == rule) & (table["area_id"] == sides.area)]
            own = own if sides.stage is None else own[own["stage"] == sides.stage]
            found[rule] = own.sort_values("year").iloc[-1] if len(own) else pd.Series({"status": "no row"})
        return pd.DataFrame(found).T


def rows(count: int, ids: str = "school_id", **columns: Any) -> dict[str, list[Any]]:
    """Return a table of like rows with ids; a list is taken as it is."""
    return {ids: [f"R{rank}" for rank in range(count)]} | {
        name: value if isinstance(value, list) else [value] * count for name, value in columns.items()
    }


def some(count: int, of: int, yes: Any, no: Any) -> list[Any]:
    """Return ``count`` times yes, then no."""
    return [yes] * count + [no] * (of - count)
