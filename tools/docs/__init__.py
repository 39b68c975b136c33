"""Generators of the pages of ``docs/``: data dictionary, plan keys, faults, rules."""
