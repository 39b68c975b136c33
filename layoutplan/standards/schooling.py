"""Schooling (学制): the stages of a place, their grades, and the types of school that teach them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from layoutplan.cards import Outlined
from layoutplan.texts import give_name

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True)
class Stage:
    """A stage of schooling (学段); its names are texts ``stages.<id>``, its ages a dated rule.

    Attributes
    ----------
    id
        Id; columns such as ``seats_<id>`` bear it.
    compulsory
        Whether attendance is compulsory.
    grades
        Labels of the grades, youngest first, one a year of age; empty where they are mere numbers.
    name_en, name_zh
        Names of a stage that the package does not know; empty for one that it does.
    system, of
        Of a stage of one school system: the system, and the stage that the systems have in common; else
        empty.
    """

    id: str
    compulsory: bool = False
    grades: tuple[str, ...] = ()
    name_en: str = ""
    name_zh: str = ""
    system: str = ""
    of: str = ""


@dataclass(frozen=True, slots=True)
class System:
    """A school system (办学系统): schools, catchments and pupils apart from those of other systems.

    Attributes
    ----------
    id
        Id, a value of column ``system``.
    name_en, name_zh
        Names, which come before those of a stage: ``Catholic`` elementary.
    """

    id: str
    name_en: str
    name_zh: str

    def own(self, name: str) -> str:
        """Return the id of the system's own stage or school type.

        Parameters
        ----------
        name
            Id of a stage or school type that the systems have in common.
        """
        return f"{self.id}_{name}"


@dataclass(frozen=True, slots=True)
class SchoolType:
    """A type of school (学校类型); its names are texts ``stages.type.<id>``.

    Attributes
    ----------
    id
        Id, a value of column ``school_type``.
    stages
        Stages that every school of the type teaches.
    holds
        Stages of which some schools of the type have classes (nursery classes of a primary school).
    name_en, name_zh
        As of :class:`Stage`.
    """

    id: str
    stages: tuple[str, ...] = ()
    holds: tuple[str, ...] = ()
    name_en: str = ""
    name_zh: str = ""


@dataclass(frozen=True, repr=False)
class Schooling(Outlined):
    """Stages and school types of a profile.

    Attributes
    ----------
    stages
        Stages, youngest first.
    types
        School types, in the order in which choices show them.
    systems
        School systems; empty where all schools are of one.
    common
        With systems: the stages and types that they have in common, else ``None``.
    """

    stages: tuple[Stage, ...]
    types: tuple[SchoolType, ...]
    systems: tuple[System, ...] = ()
    common: Schooling | None = None

    def __post_init__(self) -> None:
        """Give the names of its own stages and types to the texts, in whatever process it is made."""
        named: tuple[tuple[str, tuple[Stage | SchoolType | System, ...]], ...] = (
            ("stages", self.stages),
            ("stages.type", self.types),
            ("systems", self.systems),
        )
        for subject, things in named:
            for thing in things:
                if thing.name_en and thing.name_zh:
                    give_name(f"{subject}.{thing.id}", {"en": thing.name_en, "zh": thing.name_zh})

    def grade_numbers(self) -> dict[str, int]:
        """Return the number of each grade that a label names, as tables of pupils by grade count it.

        A stage with numbers among its labels counts down from them (Ontario: JK −1, SK 0, then 1); one
        without goes on from the stage before it, the first from 1 (Scotland: P1 1 … S1 8). Stages without
        labels have none.

        Examples
        --------
        >>> from layoutplan.standards import load_profile
        >>> load_profile("us").schooling.grade_numbers()
        {'K': 0}
        """
        found: dict[str, int] = {}
        following = 1
        for stage in self.stages:
            plain = [place for place, label in enumerate(stage.grades) if label.isdigit()]
            first = int(stage.grades[plain[0]]) - plain[0] if plain else following
            found |= {label: first + place for place, label in enumerate(stage.grades) if not label.isdigit()}
            following = first + len(stage.grades)
        return found

    def __reduce__(self) -> tuple[object, ...]:
        """Pickle the parts only, so that another process is given the names too."""
        return type(self), (self.stages, self.types, self.systems, self.common)

    @property
    def ids(self) -> tuple[str, ...]:
        """Ids of the stages, youngest first."""
        return tuple(stage.id for stage in self.stages)

    @property
    def type_ids(self) -> tuple[str, ...]:
        """Ids of the school types."""
        return tuple(kind.id for kind in self.types)

    @property
    def members(self) -> tuple[str, ...]:
        """Ids of stages and school types, each once: whatever a rule may be for."""
        shared = () if self.common is None else (*self.common.members, *(one.id for one in self.systems))
        return tuple(dict.fromkeys((*self.type_ids, *self.ids, *shared)))

    @property
    def compulsory(self) -> tuple[str, ...]:
        """Ids of the compulsory stages, youngest first."""
        return tuple(stage.id for stage in self.stages if stage.compulsory)

    @property
    def first_compulsory(self) -> tuple[str, ...]:
        """Ids of the stages in which compulsory schooling begins: the first of each school system."""
        return tuple(stage for stage in self.compulsory if stage in self.from_home)

    @property
    def from_home(self) -> tuple[str, ...]:
        """Ids of the stages whose first grade is entered from home: those above no compulsory stage."""
        before: dict[str, Stage] = {}
        found = []
        for stage in self.stages:
            below = before.get(stage.system)
            if below is None or not below.compulsory:
                found.append(stage.id)
            before[stage.system] = stage
        return tuple(found)

    @property
    def as_given(self) -> Schooling:
        """Stages and types as tables with a column ``system`` name them: those that the systems share."""
        return self if self.common is None else replace(self.common, systems=self.systems)

    def own_of(self, name: str) -> tuple[str, ...]:
        """Return the stages or types that an id means: with systems, those of each; else the id itself.

        Parameters
        ----------
        name
            Id of a stage or school type, one that systems have in common, or a system (all its stages).

        Examples
        --------
        >>> from layoutplan.standards import load_profile
        >>> load_profile("ca-ontario").schooling.own_of("elementary")
        ('elementary',)
        """
        if self.common is None:
            return (name,)
        of_system = tuple(stage.id for stage in self.stages if stage.system == name)
        own = tuple(one for one in (system.own(name) for system in self.systems) if one in self._own)
        return of_system or own or (name,)

    def stages_shared(self, stages: Iterable[str]) -> dict[str, str]:
        """Return the stages whose children a column of table ``units`` counts, each with that column's stage.

        The children of a stage that several systems share are counted once, by the first of them.

        Parameters
        ----------
        stages
            Ids of stages.
        """
        shared = {stage: self.stage(stage).of or stage for stage in stages}
        first = {common: stage for stage, common in reversed(shared.items())}
        return {stage: common for stage, common in shared.items() if first[common] == stage}

    @property
    def _own(self) -> frozenset[str]:
        return frozenset((*self.ids, *self.type_ids))

    def stage(self, stage: str) -> Stage:
        """Return a stage.

        Parameters
        ----------
        stage
            Its id; ``KeyError`` for an unknown one.
        """
        for one in self.stages:
            if one.id == stage:
                return one
        raise KeyError(f"no stage {stage}")

    def taught_by(self, school_type: object) -> tuple[str, ...]:
        """Return the stages that a school type teaches, youngest first; none for an unknown type.

        Parameters
        ----------
        school_type
            Id of a school type, or anything else.

        Examples
        --------
        >>> from layoutplan.standards import load_profile
        >>> load_profile("cn-national").schooling.taught_by("nine_year")
        ('primary', 'junior')
        """
        return next((kind.stages for kind in self.types if kind.id == school_type), ())

    def held_by(self, school_type: object) -> tuple[str, ...]:
        """Return the stages of which a school of a type may have classes besides those it teaches.

        Parameters
        ----------
        school_type
            Id of a school type, or anything else.
        """
        return next((kind.holds for kind in self.types if kind.id == school_type), ())

    def types_of(self, *stages: str) -> tuple[str, ...]:
        """Return the school types that teach at least one of the stages.

        Parameters
        ----------
        stages
            Ids of stages.
        """
        return tuple(kind.id for kind in self.types if {*kind.stages} & {*stages})

    def type_for(self, stages: Iterable[str]) -> str | None:
        """Return the school type that teaches exactly these stages; ``None`` if there is none.

        Parameters
        ----------
        stages
            Ids of stages, in any order.
        """
        wanted = {*stages}
        return next((kind.id for kind in self.types if {*kind.stages} == wanted), None)

    def are_taught(self, school_types: pd.Series, *stages: str) -> pd.Series[bool]:
        """Return which schools teach at least one of the stages by their type.

        Parameters
        ----------
        school_types
            Type of each school.
        stages
            Ids of stages.
        """
        return school_types.isin(self.types_of(*stages))
