"""Laws of progress: plain lines now and then without a terminal, a bar with one, nothing where nobody looks."""

import io
import sys

import pytest

from artasyn.data_manifests.progress import ProgressBar


def test_without_a_terminal_a_plain_line_is_written_each_minute(capsys: pytest.CaptureFixture[str]) -> None:
    now = 0.0
    with ProgressBar("images", clock=lambda: now) as progress:
        for done in range(1, 1301):
            now = 0.1 * done
            progress(done, 1300)
    assert capsys.readouterr().err == "images: 600 of 1,300\nimages: 1,200 of 1,300\n"


def test_a_share_is_told_in_percent_with_its_note(capsys: pytest.CaptureFixture[str]) -> None:
    now = 0.0
    with ProgressBar("training", clock=lambda: now) as progress:
        now = 61.0
        progress(0.25, 1, "loss 0.5")
    assert capsys.readouterr().err == "training: 25 %  loss 0.5\n"


def test_who_is_not_visible_writes_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    now = 0.0
    with ProgressBar("images", visible=False, clock=lambda: now) as progress:
        now = 61.0
        progress(1, 2)
    assert capsys.readouterr().err == ""


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_terminal_gets_a_bar(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stderr", Terminal())
    with ProgressBar("images") as progress:
        progress(3, 4, "2 rejected")
    assert "3 of 4" in sys.stderr.getvalue()  # type: ignore[attr-defined]


def test_other_work_gets_a_bar_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stderr", Terminal())
    with ProgressBar("training") as progress:
        progress(1.0, 1)
        progress.begin("finishing")
        progress(3, 4, "images")
    drawn = sys.stderr.getvalue()  # type: ignore[attr-defined]
    assert "3 of 4" in drawn[drawn.index("finishing") :]
    assert "training" not in drawn[drawn.index("finishing") :]
