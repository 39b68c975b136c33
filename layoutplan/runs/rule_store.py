"""Measures of the rule book kept between runs, each by the content of what it read.

A threshold, a budget or another layout changes few of the rules; the others are taken from earlier runs. They
are in one file for each profile: they are small, and most of them are needed together.
"""

from __future__ import annotations

import pickle
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from layoutplan.rules import RuleInputs
from layoutplan.rules.rule_inputs import MeasuredRule
from layoutplan.runs.identity import digest, identity_of, program
from layoutplan.watched import RULE_INPUT, ReadPlace, unrecorded

if TYPE_CHECKING:
    from layoutplan.runs.stage_store import StageReuser

_MOST_VARIANTS: Final = 4
"""How many measures of a rule are kept, the latest first."""
_OWN: Final = "own"
_COMPARED: Final[ReadPlace] = ("plan", "compared")

_Read = tuple[tuple[ReadPlace, str], ...]
_Variant = tuple[_Read, bytes]
"""What was read, with its identity, and the measure."""


class RuleStore:
    """Takes measures of earlier runs and keeps those of this one (``KeptMeasures`` of the rule book).

    Parameters
    ----------
    reuser
        Of the run; it has the store, and the identities of the run's values.
    """

    def __init__(self, reuser: StageReuser) -> None:
        self._reuser = reuser
        self._identities: dict[ReadPlace, str | None] = {}

    def take(self, inputs: RuleInputs) -> dict[str, MeasuredRule]:
        """Return the measures of earlier runs that hold for these inputs.

        Parameters
        ----------
        inputs
            Inputs of the rule book, under the profile of the plan or one that is compared.

        Returns
        -------
        dict
            By rule.
        """
        with unrecorded():
            found = {}
            for rule, variants in self._known(inputs).items():
                held = [data for read, data in variants if self._holds(read, inputs)]
                if held:
                    found[rule] = pickle.loads(held[0])  # noqa: S301  signed by this user
            return found

    def keep(self, inputs: RuleInputs, measures: Mapping[str, MeasuredRule]) -> None:
        """Keep measures for later runs, with the latest of earlier ones.

        Parameters
        ----------
        inputs, measures
            The inputs, and what was measured of them by rule.
        """
        with unrecorded():
            known = self._known(inputs)
            for rule, one in measures.items():
                read = self._read(one, inputs)
                if read is not None:
                    others = [variant for variant in known.get(rule, []) if variant[0] != read]
                    known[rule] = [(read, pickle.dumps(one)), *others][:_MOST_VARIANTS]
            self._reuser.store.files.put(self._name(inputs), pickle.dumps(known))

    def _known(self, inputs: RuleInputs) -> dict[str, list[_Variant]]:
        data = self._reuser.store.files.get(self._name(inputs))
        return {} if data is None else pickle.loads(data)  # noqa: S301  signed by this user

    def _name(self, inputs: RuleInputs) -> str:
        """Return the name of the file; measures under several profiles are kept apart."""
        of = repr(_OWN if self._is_own(inputs) else (inputs.profile.id, inputs.profile.rules))
        return f"rule_measures-{digest(f'{program()} {of}')}.value"

    def _is_own(self, inputs: RuleInputs) -> bool:
        own: object = self._reuser.values["plan"].profile
        return inputs.profile is own

    def _read(self, measure: MeasuredRule, inputs: RuleInputs) -> _Read | None:
        """Return what a measure read, with identities; ``None`` if something has none."""
        places = measure.places if self._is_own(inputs) else (*measure.places, _COMPARED)
        read = []
        for place in places:
            identity = self._identity(place, inputs)
            if identity is None:
                return None
            read.append((place, identity))
        return tuple(read)

    def _holds(self, read: _Read, inputs: RuleInputs) -> bool:
        return all(self._identity(place, inputs) == one for place, one in read)

    def _identity(self, place: ReadPlace, inputs: RuleInputs) -> str | None:
        if place[0] == RULE_INPUT:
            return self._reuser.identity_of_content(getattr(inputs, place[1]))
        if place not in self._identities:
            plan: Any = self._reuser.values["plan"]
            self._identities[place] = identity_of(place, plan, self._reuser.identities)
        return self._identities[place]
