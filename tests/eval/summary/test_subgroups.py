"""Laws of the parts of a store."""

from artasyn.eval.summary.subgroups import _quarters


def test_quarters_of_a_column_keep_their_numbers_apart() -> None:
    years = [str(1995 + k) for k in range(26)]
    assert _quarters(years)[0] == "1995 to 2001"
    dates = [str(20190101 + k) for k in range(25)]
    assert len(set(_quarters(dates))) == 4
    fine = [f"{1 + k * 1e-7:.7f}" for k in range(24)]
    assert len(set(_quarters(fine))) == 4
    notes = ["0"] * 16 + [f"free text {k}" for k in range(28)]
    assert _quarters(notes) == notes
