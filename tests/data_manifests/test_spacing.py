"""Laws of a few of many: no more than asked for, both ends among them, gaps that differ by one at most."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from artasyn.data_manifests.spacing import evenly_spaced


@given(st.integers(0, 500), st.integers(1, 60))
def test_a_few_of_many_are_evenly_spaced(total: int, count: int) -> None:
    chosen = evenly_spaced(total, count)
    assert len(chosen) == min(total, count)
    assert set(chosen.tolist()) <= set(range(total))
    if len(chosen) > 1:
        assert (chosen[0], chosen[-1]) == (0, total - 1)
        assert np.ptp(np.diff(chosen)) <= 1
