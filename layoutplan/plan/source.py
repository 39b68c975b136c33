"""What a plan was read from, and the keys that a plan can have."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from layoutplan.plan.layers import Layer
from layoutplan.plan.reading import Draft
from layoutplan.plan.settings import SECTIONS, Settings, TableSettings
from layoutplan.standards.toml_file import KeyPath

FIELDS: Final = {"override": "overrides"}
"""Fields whose names differ from the file's."""


@dataclass(frozen=True)
class PlanSource:
    """What a plan was read from.

    Attributes
    ----------
    layers
        Layers in the order of application.
    draft
        The settings as read from them.
    needs
        Tables the plan must name; ``None``: those that the dictionary requires.
    """

    layers: tuple[Layer, ...]
    draft: Draft
    needs: Collection[str] | None

    def held(self, name: str) -> object:
        """Return a section, or another field of the draft, by its name in the file.

        Parameters
        ----------
        name
            ``demand``, ``tables``, ``override``, ``profile``, …

        Returns
        -------
        object
            The value as read.
        """
        draft = self.draft
        return draft.sections[name] if name in SECTIONS else getattr(draft, FIELDS.get(name, name))


def has_key(path: KeyPath) -> bool:
    """Return whether a plan can have a key: a section, a key of it, or an entry of a table in it.

    Parameters
    ----------
    path
        Path of the key.

    Returns
    -------
    bool
        Whether it can.
    """
    if path[0] == "tables":
        model: type[Settings] | None = TableSettings
        path = path[1:]
    else:
        model = SECTIONS.get(str(path[0]))
    if model is None or len(path) == 1:
        return model is not None
    name = str(path[1])
    known = model.model_fields.get(name)
    return known is not None and (len(path) == 2 or isinstance(known.get_default(), dict))  # noqa: PLR2004
