"""Every example in a docstring of the rule book gives what it says."""

import doctest
import pkgutil
from importlib import import_module

import pytest

import layoutplan.rules
from layoutplan.rules import rule_specs
from layoutplan.rules.book import measure_of

MODULES = [info.name for info in pkgutil.walk_packages(layoutplan.rules.__path__, "layoutplan.rules.")]


@pytest.mark.parametrize("name", MODULES)
def test_examples(name):
    failed, _ = doctest.testmod(import_module(name))
    assert failed == 0


def test_every_measure_has_an_example():
    assert {spec.measure for spec in rule_specs() if ">>> " not in (measure_of(spec).__doc__ or "")} == set()
