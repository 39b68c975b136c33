"""Packages whose public names are imported when they are first used.

A package lists its names once, as imports under ``if TYPE_CHECKING:``, where type checkers and editors read
them; :func:`lazy_package` reads the same lines when the package is imported.
"""

from __future__ import annotations

import ast
import sys
from importlib import import_module
from types import ModuleType
from typing import Any


def lazy_package(name: str) -> None:
    """Import the public names of a package when they are first used.

    A name may be that of its module too (``layoutplan.balance.evaluate``): on the package it is always the
    object, never the module.

    Parameters
    ----------
    name
        The package's ``__name__``. Its source imports every public name under ``if TYPE_CHECKING:`` and
        lists them in ``__all__``.
    """
    package = sys.modules[name]
    package.__dict__["_homes"] = _homes(package)
    package.__class__ = _LazyPackage


class _LazyPackage(ModuleType):
    """A package that knows the module of each public name."""

    _homes: dict[str, str]

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401  any public object
        home = self._homes.get(name)
        if home is None:
            raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}")
        value = getattr(import_module(home), name)
        self.__dict__[name] = value
        return value

    def __setattr__(self, name: str, value: object) -> None:
        # Python binds an imported submodule to its name here; a public object of that name is kept.
        if not (name in self._homes and isinstance(value, ModuleType)):
            super().__setattr__(name, value)

    def __reduce__(self) -> tuple[object, ...]:
        # A module is pickled by name, one of our class too: notebooks send functions that use it to workers.
        return import_module, (self.__name__,)

    def __dir__(self) -> list[str]:
        return sorted({*self.__dict__["__all__"], *(name for name in self.__dict__ if name.startswith("__"))})


def _homes(package: ModuleType) -> dict[str, str]:
    """Return the module of each name that a package imports under ``if TYPE_CHECKING:``."""
    spec = package.__spec__
    source = spec.loader.get_source(package.__name__) if spec and spec.loader else None  # type: ignore[attr-defined]
    if source is None:
        raise ImportError(f"the source of {package.__name__} is missing", name=package.__name__)
    return {
        alias.name: node.module
        for block in ast.parse(source).body
        if isinstance(block, ast.If) and isinstance(block.test, ast.Name) and block.test.id == "TYPE_CHECKING"
        for node in block.body
        if isinstance(node, ast.ImportFrom) and node.module
        for alias in node.names
    }
