"""Settings of stages that several school systems have in common."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, get_args

from layoutplan.plan.settings import Settings, StageId
from layoutplan.standards import Schooling

_Section = TypeVar("_Section")


def of_systems(settings: _Section, schooling: Schooling) -> _Section:
    """Return settings in which a stage that school systems share means the stage of each.

    Parameters
    ----------
    settings
        Settings of a section; ``None`` for a section with a fatal fault.
    schooling
        Stages of the profile.

    Returns
    -------
    Settings
        The settings themselves where there is only one system. A value for one system's stage stays.
    """
    if not isinstance(settings, Settings) or not schooling.systems:
        return settings
    changed: dict[str, Any] = {}
    for key, field in type(settings).model_fields.items():
        value, kinds = getattr(settings, key), get_args(field.annotation)
        if kinds[:1] != (StageId,):
            continue
        if isinstance(value, Mapping):
            own = {stage: given for name, given in value.items() for stage in schooling.own_of(name)}
            changed[key] = {**own, **{name: given for name, given in value.items() if name in own}}
        elif isinstance(value, tuple):
            changed[key] = tuple(stage for name in value for stage in schooling.own_of(name))
    return settings.model_copy(update=changed)
