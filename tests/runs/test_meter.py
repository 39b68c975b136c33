"""Stages are timed one by one, and the peak of one is not that of another."""

import platform
import sys

import numpy as np
import pytest

from layoutplan.runs.memory import peak_memory_mib
from layoutplan.runs.meter import Meter


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


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="other C libraries give memory back themselves")
def test_a_stage_gives_back_what_it_no_longer_holds():
    """Small pieces fill the heap; every hundredth that stays would keep it all."""
    meter = Meter()
    with meter.stage("pieces"):
        pieces = [np.ones(4_000) for _ in range(10_000)]
        kept = pieces[::100]
        del pieces
    assert len(kept) == 100
    with meter.stage("after"):
        pass
    assert meter.peak_mib["pieces"] - meter.peak_mib["after"] > 200
