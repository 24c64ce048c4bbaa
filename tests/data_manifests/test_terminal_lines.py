"""Lines are broken for a terminal alone, at spaces, and lose no word."""

import os
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from artasyn.data_manifests.terminal_lines import fit_terminal

LINE = "   counts  60 normal, 0 abnormal, 0 unlabelled, 0 with mask, 0 with lung mask, patients not known"


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
    monkeypatch.setattr("shutil.get_terminal_size", lambda *_, **__: os.terminal_size((60, 24)))


def test_what_goes_into_a_file_stays_as_it_is() -> None:
    assert fit_terminal(LINE) == LINE


@pytest.mark.usefixtures("terminal")
def test_text_goes_on_below_text() -> None:
    first, second = fit_terminal(LINE).split("\n")
    assert first.startswith("   counts  60 normal")
    assert second.startswith(" " * 11 + "0 with")


@pytest.mark.usefixtures("terminal")
@pytest.mark.parametrize("before", range(50, 62))
def test_no_number_is_parted_from_its_unit(before: int) -> None:
    assert not any(
        line.lstrip().startswith("%") for line in fit_terminal(f"{'x' * before} 5.0 % marked").split("\n")
    )


@pytest.mark.usefixtures("terminal")
def test_long_paths_stay_whole() -> None:
    path = "/data/" + "a" * 80 + "/b-c.png"
    assert f"{path}:" in fit_terminal(f"Error: {path}: does not exist (check the path)").split()


@given(st.lists(st.text(st.characters(codec="ascii", categories=["L", "N", "P"]), min_size=1, max_size=30)))
def test_no_word_is_lost(words: list[str]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
        patch.setattr("shutil.get_terminal_size", lambda *_, **__: os.terminal_size((60, 24)))
        assert fit_terminal(" ".join(words)).split() == words
