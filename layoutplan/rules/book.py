"""The rule book: one TOML file per section under ``rules/book``, read into :class:`RuleSpec`."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from functools import cache, partial, update_wrapper
from importlib import import_module, resources
from types import MappingProxyType
from typing import Any

import pandas as pd

from layoutplan.dictionary.schema import Words
from layoutplan.rules.rule_inputs import RuleInputs
from layoutplan.rules.rule_spec import RuleSpec

MeasureFunction = Callable[[RuleInputs], pd.DataFrame]
"""A measure: reads a run and returns rows as :func:`layoutplan.rules.measured.measured` makes them."""


@cache
def rule_specs() -> tuple[RuleSpec, ...]:
    """Return every rule, in the order of the sections and within each as written."""
    return tuple(_spec(entry, section=data["section"]) for data in _files() for entry in data.get("rule", []))


@cache
def sections() -> Mapping[str, Words]:
    """Return what each section is called, by its letter."""
    return MappingProxyType({data["section"]: Words(**data["title"]) for data in _files()})


@cache
def _files() -> tuple[dict[str, Any], ...]:
    """Return what the files say, in the order of their names."""
    folder = resources.files("layoutplan.rules") / "book"
    files = sorted((file for file in folder.iterdir() if file.name.endswith(".toml")), key=lambda f: f.name)
    return tuple(tomllib.loads(file.read_text(encoding="utf-8")) for file in files)


def rule_spec(rule_id: str) -> RuleSpec:
    """Return one rule of the rule book.

    Parameters
    ----------
    rule_id
        Id of the rule, such as ``size.school_cap``.

    Returns
    -------
    RuleSpec
        The rule.

    Raises
    ------
    KeyError
        If the rule book has no rule of that id.
    """
    return {spec.id: spec for spec in rule_specs()}[rule_id]


def measure_of(spec: RuleSpec) -> MeasureFunction:
    """Return the function that measures a rule, with the rule's ``subject`` bound where it has one.

    Parameters
    ----------
    spec
        The rule; its ``measure`` is ``module:function`` under :mod:`layoutplan.rules.measures`.

    Returns
    -------
    MeasureFunction
        A function of :class:`~layoutplan.rules.rule_inputs.RuleInputs` alone.
    """
    module, _, function = spec.measure.partition(":")
    found: Callable[..., pd.DataFrame] = getattr(
        import_module(f"layoutplan.rules.measures.{module}"), function
    )
    return update_wrapper(partial(found, subject=spec.subject), found) if spec.subject else found


def _spec(entry: dict[str, Any], *, section: str) -> RuleSpec:
    words = dict(entry)
    for name in ("rows", "stages", "needs", "shows"):
        if name in words:
            words[name] = tuple(words[name])
    return RuleSpec(**{**words, "title": Words(**entry["title"]), "section": section})
