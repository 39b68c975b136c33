"""Generators of the pages in ``docs/``: data dictionary, plan keys, faults, rules."""
