"""Scenarios: named changes to the plan itself or to another scenario."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from layoutplan.plan.layers import Layer, chain
from layoutplan.plan.plan_faults import PlanFaults
from layoutplan.plan.settings import SECTIONS
from layoutplan.standards.toml_file import KeyPath

LAYERED: Final = (*SECTIONS, "tables", "override")
"""Sections that the plan and its scenarios may have."""

SCENARIO_WORDS: Final = ("title", "description", "base")
"""Keys of a scenario in addition to its sections."""

_NAME: Final = re.compile(r"[\w-]+")
_LONGEST: Final = 200  # bytes: file systems allow 255, and folders derived from the name are longer
_TAKEN: Final = "base"  # name of the run folder of the plan without a scenario


@dataclass(frozen=True)
class Scenario:
    """One scenario as written: its texts, its base scenario (``None`` for the plan), and its changes."""

    name: str
    title: str
    description: str
    base: str | None
    layer: Layer


def read_scenarios(data: Mapping[str, Any], complaints: PlanFaults) -> dict[str, Scenario]:
    """Return the scenarios of a plan file, and record faults in their names and texts.

    Parameters
    ----------
    data
        The parsed document.
    complaints
        Receives the faults.

    Returns
    -------
    dict of str to Scenario
        By name, in the order of the file.
    """
    written = data.get("scenarios", {})
    if not isinstance(written, dict):
        complaints.add("plan_type_table", ("scenarios",), value=str(written))
        return {}
    scenarios = {}
    for name, content in written.items():
        path = ("scenarios", name)
        check_name(name, path, complaints)
        if not isinstance(content, dict):
            complaints.add("plan_type_table", path, value=str(content))
            continue
        for word in SCENARIO_WORDS:
            if not isinstance(content.get(word, ""), str):
                complaints.add("plan_type_text", (*path, word), value=str(content[word]))
        changes = {key: value for key, value in content.items() if key not in SCENARIO_WORDS}
        scenarios[name] = Scenario(
            name=name,
            title=str(content.get("title", "")),
            description=str(content.get("description", "")),
            base=str(content["base"]) if "base" in content else None,
            layer=Layer(scenario=name, prefix=path, data=changes),
        )
    return scenarios


def check_name(name: str, path: KeyPath, complaints: PlanFaults) -> None:
    """Record whether the run folder of a scenario cannot bear its name.

    Parameters
    ----------
    name
        Name of the scenario.
    path
        Path of the scenario in the file.
    complaints
        Receives at most one fault.
    """
    if not _NAME.fullmatch(name) or name == _TAKEN:
        complaints.add("plan_scenario_name", path, name=name)
    elif (length := len(name.encode())) > _LONGEST:
        complaints.add("plan_scenario_name_long", path, length=length, most=_LONGEST)


def check_bases(scenarios: Mapping[str, Scenario], complaints: PlanFaults) -> None:
    """Record bases that do not exist, and cycles of bases.

    Parameters
    ----------
    scenarios
        Scenarios by name.
    complaints
        Receives the faults; each cycle once.
    """
    bases = _bases(scenarios)
    rings: set[frozenset[str]] = set()
    for name, base in bases.items():
        links = chain(name, bases)
        if base is not None and base not in scenarios:
            place = ("scenarios", name, base)
            complaints.unknown("plan_scenario_base_unknown", place, scenarios, scenario=name)
        elif links[0] in links[1:] and frozenset(links) not in rings:
            rings.add(frozenset(links))
            complaints.add("plan_scenario_cycle", ("scenarios", name, "base"), chain=" → ".join(links))


def _bases(scenarios: Mapping[str, Scenario]) -> dict[str, str | None]:
    return {name: scenario.base for name, scenario in scenarios.items()}


def layers_of(name: str | None, base: Layer, *, scenarios: Mapping[str, Scenario]) -> tuple[Layer, ...]:
    """Return the layers of a scenario in the order of application.

    Parameters
    ----------
    name
        Name of the scenario, ``None`` for the plan itself.
    base
        Layer of the plan itself.
    scenarios
        Scenarios by name.

    Returns
    -------
    tuple of Layer
        ``base`` first. If the bases are faulty (see :func:`check_bases`), only the scenario's own layer
        follows.
    """
    if name is None:
        return (base,)
    links = chain(name, _bases(scenarios))
    if len(set(links)) < len(links) or not all(link in scenarios for link in links):
        links = (name,)
    above = (scenarios[link].layer for link in links)
    return (base, *(replace(layer, order=order) for order, layer in enumerate(above, start=1)))
