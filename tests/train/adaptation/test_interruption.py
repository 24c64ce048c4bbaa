"""Laws of an interrupted adaptation: it leaves all or nothing and ends as if undisturbed."""

import json
from pathlib import Path

import pytest

from tests.train.adaptation.adaptations import adapted, log_of, same_weights
from tests.train.trainings import Stop, stop_at


def test_stopped_it_leaves_nothing_and_the_same_command_starts_again(
    run: Path, clinic: str, toy_store: str, tmp_path: Path
) -> None:
    with pytest.raises(Stop):
        adapted(run, clinic, toy_store, tmp_path / "out", watch=stop_at(0))
    assert not (tmp_path / "out").exists()
    again = adapted(run, clinic, toy_store, tmp_path / "out")
    assert same_weights(again, adapted(run, clinic, toy_store, tmp_path / "undisturbed"))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out", "undisturbed"]


def test_stopped_it_goes_on_from_its_checkpoint_and_ends_as_undisturbed(
    run: Path, clinic: str, toy_store: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("artasyn.train.adaptation.self_training.CHECKPOINT_EVERY", 20)
    with pytest.raises(Stop):
        adapted(run, clinic, toy_store, tmp_path / "out", steps=60, watch=stop_at(40))
    seen: list[int] = []
    out = adapted(
        run, clinic, toy_store, tmp_path / "out", steps=60, watch=lambda done: seen.append(done.step)
    )
    assert min(seen) == 60, "only the steps after the checkpoint are taken again"
    calm = adapted(run, clinic, toy_store, tmp_path / "calm", steps=60)
    assert same_weights(out, calm)
    assert log_of(out) == log_of(calm)
    assert (out / "thresholds.json").read_bytes() == (calm / "thresholds.json").read_bytes()
    assert len(json.loads((out / "environment.json").read_text())) == 2, "both starts are told"
    assert not list(out.glob("checkpoints/last*"))


def test_another_adaptation_into_the_same_folder_begins_anew(
    run: Path, clinic: str, toy_store: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("artasyn.train.adaptation.self_training.CHECKPOINT_EVERY", 20)
    with pytest.raises(Stop):
        adapted(run, clinic, toy_store, tmp_path / "out", steps=60, watch=stop_at(40))
    out = adapted(run, clinic, toy_store, tmp_path / "out", steps=21)
    assert same_weights(out, adapted(run, clinic, toy_store, tmp_path / "calm", steps=21))
