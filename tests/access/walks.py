"""Walks from homes to schools, from a dense matrix or drawn by Hypothesis."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from hypothesis import settings
from hypothesis import strategies as st

from layoutplan.travel.matrix import WalkMatrix, compress
from tests.examples import examples

laws = settings(max_examples=examples(60))


def pairs_of(metres: np.ndarray, *, limit_m: float = np.inf) -> WalkMatrix:
    """Return the pairs of a dense matrix; infinite entries and those beyond the limit are not stored."""
    row, column = np.nonzero(np.isfinite(metres) & (metres <= limit_m))
    indptr, indices, short = compress(row, column, metres[row, column], rows=len(metres))
    return WalkMatrix(
        origins=pd.Index([f"u{k}" for k in range(metres.shape[0])]),
        destinations=pd.Index([f"s{k}" for k in range(metres.shape[1])]),
        indptr=indptr,
        indices=indices,
        metres=short,
        limit_m=limit_m,
        method="straight",
    )


@dataclass(frozen=True)
class Scene:
    """Homes, schools and the walks between them."""

    metres: np.ndarray
    pupils: np.ndarray
    seats: np.ndarray

    @property
    def pairs(self) -> WalkMatrix:
        """The walks as pairs."""
        return pairs_of(self.metres)


@st.composite
def scenes(draw: st.DrawFn) -> Scene:
    """Draw up to six homes and four schools; some out of reach, some empty."""
    homes, schools = draw(st.integers(1, 6)), draw(st.integers(0, 4))
    walk = st.one_of(st.just(np.inf), st.integers(0, 1200).map(float))
    amount = st.one_of(st.just(0.0), st.floats(0.5, 500))
    return Scene(
        metres=np.array(draw(st.lists(walk, min_size=homes * schools, max_size=homes * schools))).reshape(
            homes, schools
        ),
        pupils=np.array(draw(st.lists(amount, min_size=homes, max_size=homes))),
        seats=np.array(draw(st.lists(amount, min_size=schools, max_size=schools))),
    )
