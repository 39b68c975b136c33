"""Native code is handed sound arrays only: whatever else reaches a solver raises before it is called."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from layoutplan.errors import DefectError
from layoutplan.solve import ProgramBuilder, assign_pupils, solve_program
from layoutplan.solve.max_flow import bottlenecks, max_flow
from layoutplan.solve.sifting import sift
from layoutplan.solve.transport import solve_transport
from tests.solve.test_flow import problems
from tests.solve.transports import transport, transports

SOUND = {
    "origin": np.array([0, 0, 1]),
    "destination": np.array([0, 1, 1]),
    "metres": np.array([900.0, 300.0, 500.0]),
    "pupils": np.array([10.0, 5.0]),
    "seats": np.array([6.0, 6.0]),
}
SPOILT = st.sampled_from([-1.0, -1e-9, np.nan, np.inf, -np.inf])
POSITIONS = st.sampled_from([-1, 99, 2**62, 0.5, np.nan, np.inf, 1e300])


def flow_alone(*, metres, **arrays):
    """Place the most pupils; how far they walk does not matter."""
    assert metres is not None
    return max_flow(**arrays)


@pytest.mark.parametrize("call", [assign_pupils, flow_alone])
@given(problem=problems(whole=True), data=st.data())
def test_one_spoilt_number_anywhere_is_refused(call, problem, data):
    read = [name for name, values in problem.items() if len(values)]
    name = data.draw(
        st.sampled_from([name for name in read if not (name == "metres" and call is flow_alone)])
    )
    place = data.draw(st.integers(0, len(problem[name]) - 1))
    spoilt = problem[name].astype(float)
    spoilt[place] = data.draw(POSITIONS if name in ("origin", "destination") else SPOILT)
    call(**problem)
    with pytest.raises(DefectError):
        call(**{**problem, name: spoilt})


@pytest.mark.parametrize("call", [assign_pupils, flow_alone])
@pytest.mark.parametrize("name", ["origin", "destination", "pupils", "seats"])
def test_arrays_of_another_shape_are_refused(call, name):
    for other in (SOUND[name][None, :], np.float64(1.0)):
        with pytest.raises(DefectError, match="flat"):
            call(**{**SOUND, name: other})
    if name in ("origin", "destination"):
        with pytest.raises(DefectError, match="flat"):
            call(**{**SOUND, name: SOUND[name][:-1]})


@pytest.mark.parametrize(("name", "factor"), [("pupils", 1e18), ("metres", 1e16), ("pupils", 1e308)])
@pytest.mark.filterwarnings("ignore:overflow")
def test_sums_beyond_64_bits_are_refused(name, factor):
    with pytest.raises(DefectError, match=r"64 bits|not finite"):
        assign_pupils(**{**SOUND, name: SOUND[name] * factor})


@pytest.mark.parametrize("share", [[0.5], [0.5, -0.1], [0.5, 1.1], [0.5, np.nan]])
def test_shares_are_shares(share):
    given = {name: values for name, values in SOUND.items() if name != "metres"}
    with pytest.raises(DefectError, match="shares"):
        bottlenecks(**given, share=np.array(share))


@given(transports(), st.data())
def test_a_spoilt_transport_problem_is_refused(problem, data):
    fields = [name for name in ("tail", "head", "cost", "pupils", "seats") if len(getattr(problem, name))]
    name = data.draw(st.sampled_from(fields))
    values = getattr(problem, name).copy()
    values[data.draw(st.integers(0, len(values) - 1))] = data.draw(st.sampled_from([-1, -(2**63), 2**62]))
    spoilt = replace(problem, **{name: values})
    prices = np.zeros(len(problem.seats), dtype=np.int64)
    with pytest.raises(DefectError):
        solve_transport(spoilt)
    with pytest.raises(DefectError):
        sift(spoilt, prices)
    assert (solve_transport(problem) >= 0).all()


def test_arcs_must_be_grouped_and_losses_fit():
    sound = transport(arcs=[(0, 0), (1, 0)], cost=[1, 2], pupils=[1, 1], seats=[1])
    with pytest.raises(DefectError, match="grouped"):
        solve_transport(replace(sound, tail=sound.tail[::-1]))
    with pytest.raises(DefectError, match="loss"):
        solve_transport(replace(sound, loss=2**62))
    with pytest.raises(DefectError, match="prices"):
        sift(sound, np.array([1, 2]))
    with pytest.raises(DefectError, match="price"):
        sift(sound, np.array([2**62]))


def program():
    builder = ProgramBuilder()
    columns = builder.columns(2, upper=1.0, integer=True)
    builder.entries(builder.rows(1, upper=1.0), columns, 1.0)
    return builder.program("maximise", [(columns, [2.0, 3.0])])


@pytest.mark.parametrize(
    "spoilt",
    [
        {"objective": np.array([np.nan, 1.0])},
        {"objective": np.array([np.inf, 1.0])},
        {"offset": np.nan},
        {"lower": np.array([np.nan, 0.0])},
        {"lower": np.array([2.0, 0.0])},
        {"lower": np.array([0.0])},
        {"upper": np.array([-np.inf, 1.0])},
        {"row_upper": np.array([np.nan])},
        {"row_lower": np.array([2.0])},
        {"entry_value": np.array([np.inf, 1.0])},
        {"entry_value": np.array([1.0])},
        {"entry_row": np.array([0, 1])},
        {"entry_column": np.array([0, 2])},
        {"entry_column": np.array([-1, 0])},
        {"entry_column": np.array([1, 1])},
        {"integer": np.array([True])},
    ],
    ids=str,
)
def test_a_spoilt_program_is_refused(spoilt):
    with pytest.raises(DefectError):
        solve_program(replace(program(), **spoilt), time_limit_s=5)


@pytest.mark.parametrize(
    "limits", [{"time_limit_s": np.nan}, {"time_limit_s": 1e308}, {"time_limit_s": 5, "relative_gap": -0.1}]
)
def test_limits_without_sense_are_refused(limits):
    with pytest.raises(DefectError, match="out of range"):
        solve_program(program(), **limits)


def test_the_sound_program_is_solved():
    assert solve_program(program(), time_limit_s=5).objective == 3.0
