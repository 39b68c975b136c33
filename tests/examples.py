"""How many examples a law is tried on: some in ``make test``, many in ``make test-all``."""

import os

import hypothesis

THOROUGH = os.environ.get("LAYOUTPLAN_TESTS") == "thorough"
"""Whether laws are tried on many examples."""

_SHARE = 2.0 if THOROUGH else 0.4
_DEFAULT = 100


def examples(count):
    """Return how many examples to try of a law that is well tried by ``count``."""
    return max(2, round(count * _SHARE))


def register_profiles():
    """Make the settings that hold for every law. No deadline: it would judge the machine.

    In CI the same examples are tried every time, so that a failure can be repeated; elsewhere new ones are.
    """
    hypothesis.settings.register_profile(
        "laws", max_examples=examples(_DEFAULT), deadline=None, derandomize=bool(os.environ.get("CI"))
    )
    hypothesis.settings.load_profile("laws")
