"""Every row of benchmarks/faults.py holds, one try each; the table itself tries more."""

from pathlib import Path

import pytest

from benchmarks.drills.attacks import DRILLS
from benchmarks.faults import drill

LONG = ("build: a worker", "build: coordinator", "build: two", "run:", "score:", "predict:", "soak:")
"""Rows that start processes or train."""


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=pytest.mark.slow if name.startswith(LONG) else ()) for name in DRILLS]
)
def test_every_attack_of_the_table_is_held(name: str, tmp_path: Path) -> None:
    tries, faults = drill(name, tmp_path, scale=0)
    assert tries or name == "build: disk full"  # mounting a disk needs root
    assert faults == []


def test_a_promise_that_is_broken_shows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without its check a journal entry that was changed is committed."""
    monkeypatch.setattr("artasyn.data_manifests.store.draft.digest", lambda _: "same")
    _, faults = drill("build: one bit of a journal entry", tmp_path, scale=0.1)
    assert faults
