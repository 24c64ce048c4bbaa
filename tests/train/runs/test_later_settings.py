"""Laws of settings that came later: a run without them is opened as computed, and none may be forgotten."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from artasyn.data_manifests.config import config_to_dict
from artasyn.train.config import TrainConfig
from artasyn.train.fitting.fit import plan_fit, run_fit
from artasyn.train.runs.later_settings import OFF, add_later_settings
from artasyn.train.runs.run import open_run
from artasyn.train.runs.run_folder import RunFolder
from artasyn.train.runs.seal import seal_run
from artasyn.train.runtime.distributed import join_processes


def without(said: dict[str, object], name: str) -> dict[str, object]:
    first, _, rest = name.partition(".")
    left = dict(said)
    if rest:
        left[first] = without(said[first], rest)  # type: ignore[arg-type]
    else:
        del left[first]
    return left


@pytest.mark.parametrize("name", OFF)
def test_what_an_older_run_does_not_say_is_off(name: str) -> None:
    whole = config_to_dict(TrainConfig())
    assert add_later_settings(whole) == whole
    found = add_later_settings(without(whole, name))
    for key in name.split("."):
        found = found[key]
    assert found == OFF[name]
    assert add_later_settings(without(whole, name)).keys() == whole.keys()


def test_what_a_run_says_stays_and_no_table_is_made_up() -> None:
    said = {"network": {"compact": {"tune": 0.5}}}
    assert add_later_settings(said)["network"]["compact"]["tune"] == 0.5
    assert add_later_settings({"network": {}}) == {"network": {}}
    assert add_later_settings([1]) == [1]


def test_an_older_run_is_opened_and_trained_on(
    toy_store: str, tmp_path: Path, small: Callable[..., TrainConfig]
) -> None:
    off: dict[str, dict[str, object]] = {"augment": {}, "score": {}}
    for name, value in OFF.items():
        table, _, key = name.partition(".")
        if table in off:
            off[table][key] = value

    def plan(steps: int, run: Path, *, resume: bool) -> None:
        config = small(schedule={"steps": steps}, loop={"pictures": 0}, **off)
        told = plan_fit(config, [toy_store], run, processes=join_processes("cpu"), workers=0, resume=resume)
        run_fit(told, watch=lambda _: None)

    plan(2, tmp_path / "new", resume=False)
    old = Path(shutil.copytree(tmp_path / "new", tmp_path / "old"))
    said = json.loads((old / "config.json").read_text())
    for name in OFF:
        said = without(said, name)
    (old / "config.json").write_text(json.dumps(said))
    seal_run(RunFolder(old))
    assert open_run(old).config == open_run(tmp_path / "new").config
    for run in ("new", "old"):
        plan(4, tmp_path / run, resume=True)
    first, second = (open_run(tmp_path / run).network.state_dict() for run in ("new", "old"))
    assert all(torch.equal(value, second[name]) for name, value in first.items())
