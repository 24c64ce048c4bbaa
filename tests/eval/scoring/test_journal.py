"""Laws of a scoring on disk: damaged blocks are made again, contents of another digest are measured anew."""

import shutil
from pathlib import Path

import numpy as np
import pytest

from artasyn.data_manifests.errors import BusyError, DamageError, WorkerError
from artasyn.data_manifests.outputs import report_folder
from artasyn.data_manifests.ownership import owned
from artasyn.eval.compare import compare
from artasyn.eval.pages.report_page import begin_report
from artasyn.eval.score import ScoreConfig, score
from artasyn.eval.scoring.journal import Journal
from tests.eval.scorings import QUICK


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    """Return a journal of two blocks."""
    whole = Journal(folder=tmp_path / "journal", images=70)
    for block in range(whole.blocks):
        whole.write(block, [{"scores": np.arange(2.0) + k} for k in whole.members(block)])
    return whole


def test_any_flipped_bit_makes_a_block_missing(journal: Journal) -> None:
    path = journal.folder / "000001.npz"
    whole = path.read_bytes()
    assert journal.missing() == []
    for place in np.random.default_rng(0).integers(len(whole), size=40):
        damaged = bytearray(whole)
        damaged[place] ^= 1 << int(place % 8)
        path.write_bytes(damaged)
        assert journal.missing() == [1]
        with pytest.raises(DamageError, match="measures it again"):
            list(journal.read("scores"))
    for part in (b"", whole[:20], whole[:-1]):
        path.write_bytes(part)
        assert journal.missing() == [1]
    path.write_bytes(whole)
    assert journal.gather("scores")[:, 0].tolist() == list(range(70))


def test_a_damaged_scoring_is_made_again_with_the_same_bytes(
    toy_run: Path, evaluation_store: str, tmp_path: Path
) -> None:
    score(toy_run, evaluation_store, out=tmp_path / "a", config=QUICK)
    (block,) = (tmp_path / "a").rglob("*.npz")
    whole, report = block.read_bytes(), (tmp_path / "a" / "report.json").read_bytes()
    block.write_bytes(whole[:1000] + bytes([whole[1000] ^ 4]) + whole[1001:])
    score(toy_run, evaluation_store, out=tmp_path / "a", config=QUICK)
    assert block.read_bytes() == whole
    assert (tmp_path / "a" / "report.json").read_bytes() == report


def test_a_second_question_is_answered_beside_the_first(
    toy_run: Path, other_run: Path, evaluation_store: str, tmp_path: Path
) -> None:
    first = score(toy_run, evaluation_store, out=tmp_path / "r", config=QUICK)
    kept = (tmp_path / "r" / "report.json").read_bytes()
    second = score(other_run, evaluation_store, out=tmp_path / "r", config=QUICK)
    assert (first.folder.name, second.folder.name) == ("r", "r-2")
    assert (tmp_path / "r" / "report.json").read_bytes() == kept
    again = score(other_run, evaluation_store, out=tmp_path / "r", config=QUICK)
    assert again.folder.name == "r-2"
    assert score(other_run, evaluation_store, out=tmp_path / "r", config=QUICK, force=True).folder.name == "r"


def test_another_content_of_the_same_id_is_measured_anew(
    toy_run: Path, new_evaluation_store: object, tmp_path: Path
) -> None:
    assert callable(new_evaluation_store)
    one = score(toy_run, new_evaluation_store(tmp_path / "a"), out=tmp_path / "r", config=QUICK)
    two = score(toy_run, new_evaluation_store(tmp_path / "b", first=3000), out=tmp_path / "r", config=QUICK)
    assert one.version.id == two.version.id
    assert two.folder != one.folder
    assert not np.array_equal(one.table.scores, two.table.scores)
    forced = score(toy_run, str(tmp_path / "a"), out=two.folder, config=QUICK, force=True)
    np.testing.assert_array_equal(forced.table.scores, one.table.scores)


def test_a_report_folder_has_one_owner(toy_run: Path, evaluation_store: str, tmp_path: Path) -> None:
    with owned(tmp_path / "r"), pytest.raises(BusyError, match=r"is in use by process \d+"):
        score(toy_run, evaluation_store, out=tmp_path / "r", config=QUICK)


def test_pages_are_written_while_the_folder_is_owned(
    toy_run: Path, other_run: Path, evaluation_store: str, tmp_path: Path
) -> None:
    refused = []

    def finish(_: object) -> None:
        with pytest.raises(BusyError, match="is in use by"), owned(tmp_path / "r"):
            pass
        refused.append(True)

    score(toy_run, evaluation_store, out=tmp_path / "r", config=QUICK, page=lambda *_: finish)
    shutil.rmtree(tmp_path / "r")
    runs = [toy_run, other_run]
    compare(runs, evaluation_store, out=tmp_path / "r", config=QUICK, finish=finish)
    assert len(refused) == 2


def test_a_report_that_was_put_there_meanwhile_stays(
    toy_run: Path, other_run: Path, evaluation_store: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    score(other_run, evaluation_store, out=tmp_path / "r", config=QUICK)
    kept = (tmp_path / "r" / "report.json").read_bytes()
    found = iter([tmp_path / "r"])  # as it was before the other began
    monkeypatch.setattr(
        "artasyn.eval.score.report_folder", lambda *at, **how: next(found, None) or report_folder(*at, **how)
    )
    with pytest.raises(BusyError, match="has just put its report there"):
        score(toy_run, evaluation_store, out=tmp_path / "r", config=QUICK)
    assert (tmp_path / "r" / "report.json").read_bytes() == kept


def _die(*_: object) -> int:
    import os

    os._exit(9)


def test_a_dead_worker_is_a_sentence(
    toy_run: Path, evaluation_store: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = ScoreConfig(resamples=100, workers=2)
    for work in ("pages.examples._draw", "scoring.measure._measure_block"):
        monkeypatch.setattr(f"artasyn.eval.{work}", _die)
        with pytest.raises(WorkerError, match=r"a worker process ended.*the same command goes on"):
            score(toy_run, evaluation_store, out=tmp_path / work, config=config, page=begin_report)
