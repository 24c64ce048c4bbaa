"""Spearman's correlation: a case done in the head, scipy on repeated data, and what must not change it."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import spearmanr

from artasyn.eval.metrics.rank_correlation import spearman


def once(x: list[float], y: list[float]) -> float:
    return float(spearman(np.array(x), np.array(y), weights=np.ones((1, len(x))))[0])


def test_a_case_done_in_the_head() -> None:
    """Ranks 1 2 3 4 against 1 2 4 3: 1 - 6 (0 + 0 + 1 + 1) / (4 x 15) = 0.8."""
    assert once([1, 2, 3, 4], [10, 20, 40, 30]) == pytest.approx(0.8)
    assert once([1, 2, 3], [5, 6, 7]) == pytest.approx(1.0)
    assert once([1, 2, 3], [7, 6, 5]) == pytest.approx(-1.0)


values = st.lists(st.integers(0, 6), min_size=4, max_size=12)


@settings(deadline=None)
@given(values)
def test_weights_are_repeats_as_scipy_counts_them(x: list[int]) -> None:
    rng = np.random.default_rng(len(x) + sum(x))
    y = rng.integers(0, 5, len(x)).astype(float)
    weights = rng.integers(0, 4, (5, len(x))).astype(float)
    found = spearman(np.array(x, float), y, weights=weights)
    for row, value in zip(weights.astype(int), found, strict=True):
        a, b = np.repeat(np.array(x, float), row), np.repeat(y, row)
        if len(set(a)) < 2 or len(set(b)) < 2:
            assert np.isnan(value)
        else:
            assert value == pytest.approx(spearmanr(a, b).statistic, abs=1e-12)


def test_any_rising_scale_and_any_order_of_images_give_the_same() -> None:
    rng = np.random.default_rng(0)
    x, y, weights = rng.normal(size=30), rng.normal(size=30), rng.integers(0, 3, (4, 30)).astype(float)
    found = spearman(x, y, weights=weights)
    order = rng.permutation(30)
    assert spearman(np.exp(x), y**3, weights=weights) == pytest.approx(found)
    assert spearman(x[order], y[order], weights=weights[:, order]) == pytest.approx(found)
    assert spearman(y, x, weights=weights) == pytest.approx(found)
    assert spearman(x, -y, weights=weights) == pytest.approx(-found)
