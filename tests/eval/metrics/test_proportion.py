"""Wilson's interval against another's and against chance."""

import pytest
from scipy.stats import binom, binomtest

from artasyn.eval.metrics.proportion import wilson


@pytest.mark.parametrize(("hits", "n"), [(0, 9), (1, 20), (15, 302), (44, 44)])
def test_the_interval_is_that_of_scipy(hits: int, n: int) -> None:
    expected = binomtest(hits, n).proportion_ci(method="wilson")
    assert wilson(hits / n, n) == pytest.approx((expected.low, expected.high), abs=1e-6)


@pytest.mark.parametrize("share", [0.05, 0.3, 0.5])
def test_it_covers_the_true_share_in_some_95_of_100_studies(share: float) -> None:
    n = 100
    inside = [low <= share <= high for low, high in (wilson(k / n, n) for k in range(n + 1))]
    assert 0.92 < sum(binom.pmf(k, n, share) for k in range(n + 1) if inside[k]) < 0.985
