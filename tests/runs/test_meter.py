"""Stages are timed one by one, and the peak of one is not that of another."""

import sys

import numpy as np
import pytest

from layoutplan.runs.meter import Meter, peak_memory_mib


def test_listeners_are_told_in_order():
    told = []
    meter = Meter(told.append, lambda done, steps: told.append((done, steps)))
    with meter.stage("one"):
        meter.advance(1, 2)
    with meter.stage("two"):
        pass
    assert told == ["one", (1, 2), "two"]
    assert list(meter.seconds) == ["one", "two"]
    assert all(seconds >= 0 for seconds in meter.seconds.values())


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux forgets an earlier peak")
def test_each_stage_has_a_peak_of_its_own():
    meter = Meter()
    with meter.stage("large"):
        held = np.ones(40_000_000)
    del held
    with meter.stage("small"):
        pass
    assert meter.peak_mib["large"] - meter.peak_mib["small"] > 200


def test_the_peak_is_told_where_the_system_tells_it():
    assert (peak_memory_mib() is None) == (sys.platform == "win32")
