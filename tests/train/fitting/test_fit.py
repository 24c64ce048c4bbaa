"""Laws of a training as a whole: golden losses, restarts, shares of a step, what a run folder holds."""

import csv
import json
import platform
import shutil
import socket
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

from artasyn.data_manifests.config import preset_names
from artasyn.data_manifests.errors import ConfigError, RunError
from artasyn.train.config import TrainConfig, load_config
from artasyn.train.fitting.fit import plan_fit, run_fit
from artasyn.train.fitting.trainer import Progress
from artasyn.train.runs.checkpoint import read_checkpoint, write_checkpoint
from artasyn.train.runs.run import open_run
from artasyn.train.runs.run_folder import RunFolder
from artasyn.train.runs.run_log import read_log
from artasyn.train.runs.seal import seal_run
from artasyn.train.runtime.distributed import join_processes
from artasyn.train.scoring.anomaly_map import anomaly_maps

ASSETS = Path(__file__).parent / "assets"
Small = Callable[..., TrainConfig]


def train(
    config: TrainConfig,
    store: str,
    run: Path,
    *,
    resume: bool = False,
    watch: Callable[[Progress], None] = lambda _: None,
) -> Path:
    plan = plan_fit(config, [store], run, processes=join_processes("cpu"), workers=0, resume=resume)
    run_fit(plan, watch=watch)
    return run


def curve(run: Path) -> list[dict[str, float]]:
    """Return the log without the columns that tell the time."""
    times = {"seconds", "images_per_second", "share_waiting"}
    return [{k: v for k, v in row.items() if k not in times} for row in read_log(run / "log.csv")]


def weights(run: Path) -> dict[str, torch.Tensor]:
    return read_checkpoint(run / "checkpoints" / "last.safetensors")[0]


def assert_same_run(a: Path, b: Path) -> None:
    assert curve(a) == curve(b)
    first, second = weights(a), weights(b)
    assert first.keys() == second.keys()
    assert [name for name in first if not torch.equal(first[name], second[name])] == []
    known = [read_checkpoint(run / "image_score.safetensors")[0] for run in (a, b)]
    assert all(torch.equal(value, known[1][name]) for name, value in known[0].items())


@pytest.fixture(scope="module")
def finished(
    toy_store: str, tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Path:
    """Return a run of eight steps."""
    torch.set_num_threads(1)
    small = request.getfixturevalue("small")
    return train(small(), toy_store, tmp_path_factory.mktemp("runs") / "run")


class Stop(Exception):
    """Leaves a training as an interruption would, between two steps."""


def stop_at(step: int) -> Callable[[Progress], None]:
    def watch(progress: Progress) -> None:
        if progress.step >= step:
            raise Stop

    return watch


@pytest.mark.parametrize("name", ["compact", "paper"])
def test_golden_losses(name: str, toy_store: str, tmp_path: Path, small: Small) -> None:
    """Five steps in float32 on one thread; written by the values this test shows when it fails.

    Tolerance: 0.1 % of each value. Other processors and torch releases round differently, and rounding grows from
    step to step; on the machine that wrote them the values repeat exactly.
    """
    tables = {
        "compact": {},
        "paper": {
            "network": {
                "name": "paper",
                "heads": ["reconstruction"],
                "shrink": 4,
                "correction": False,
                "paper": {"width": 4, "multipliers": [1, 2], "blocks": 1, "attention": [2]},
            },
            "data": {"studies": 2, "variants": 3, "normal_share": 1.0, "keep_together": True},
            "loss": {"features": 1.0, "region": 1.0, "overlap": 0.0, "pixels": 0.0, "lungs": 0.0},
            "score": {"aeration": 0.0},
        },
    }[name]
    loop = {"log_every": 1, "validate_every": 5, "checkpoint_every": 5, "pictures": 0}
    run = train(
        small(**tables, loop=loop, schedule={"steps": 5, "warm_up": 0.0}), toy_store, tmp_path / "run"
    )
    losses = [row["loss"] for row in curve(run)]
    golden = json.loads((ASSETS / "golden_losses.json").read_text())[name]
    np.testing.assert_allclose(losses, golden, rtol=1e-3)


def test_training_lowers_the_loss_and_finds_the_discs(toy_store: str, tmp_path: Path, small: Small) -> None:
    config = small(
        schedule={"steps": 60}, loop={"log_every": 20, "validate_every": 60, "checkpoint_every": 60, "pictures": 1},
        data={"studies": 8}, optim={"learning_rate": 0.005, "ema": 0.9}, thresholds={"false_positives": 0.0},
    )  # fmt: skip
    run = train(config, toy_store, tmp_path / "run")
    rows = curve(run)
    assert rows[-1]["loss"] < 0.6 * rows[0]["loss"]
    assert open_run(run).thresholds.held_out_dice > 0.6


def test_a_resumed_run_equals_an_undisturbed_one(
    finished: Path, toy_store: str, tmp_path: Path, small: Small
) -> None:
    for step in (2, 6):
        with pytest.raises(Stop):
            train(small(), toy_store, tmp_path / "run", resume=True, watch=stop_at(step))
    train(small(), toy_store, tmp_path / "run", resume=True)
    assert_same_run(finished, tmp_path / "run")


def test_resuming_keeps_the_precision_of_the_first_start_and_times_nothing(
    finished: Path, toy_store: str, small: Small, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("artasyn.train.runtime.precision.bfloat16_gain", lambda: pytest.fail("was timed"))
    config = small(compute={"precision": "auto"})
    processes = join_processes("cpu")
    plan = plan_fit(config, (toy_store,), finished, processes=processes, workers=0, resume=True)
    assert plan.config.compute.precision == "float32"


def test_resuming_a_finished_run_changes_nothing(finished: Path, toy_store: str, small: Small) -> None:
    before = weights(finished)
    frozen = (finished / "thresholds.json").read_bytes()
    train(small(), toy_store, finished, resume=True)
    assert all(torch.equal(before[name], value) for name, value in weights(finished).items())
    assert (finished / "thresholds.json").read_bytes() == frozen


def test_accumulated_parts_add_up_to_the_step(
    finished: Path, toy_store: str, tmp_path: Path, small: Small
) -> None:
    run = train(small(optim={"accumulate": 2}), toy_store, tmp_path / "run")
    whole, parts = curve(finished), curve(run)
    np.testing.assert_allclose([r["loss"] for r in parts], [r["loss"] for r in whole], rtol=1e-4)


def test_the_seed_decides(finished: Path, toy_store: str, tmp_path: Path, small: Small) -> None:
    run = train(small(seed=1), toy_store, tmp_path / "run")
    assert curve(run)[0]["loss"] != curve(finished)[0]["loss"]


def test_the_folder_says_everything_and_nothing_of_the_machine(
    finished: Path, toy_store: str, small: Small
) -> None:
    for name in ("config.json", "environment.json", "store.json", "thresholds.json", "training_images.csv"):
        text = (finished / name).read_text()
        for private in (str(Path(toy_store).parent), str(Path.home()), socket.gethostname(), platform.node()):
            assert private not in text
    assert not [p for p in finished.rglob("*") if socket.gethostname() in p.name]
    with (finished / "training_images.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [row["pixels_sha256"] for row in rows] == [f"{study:064x}" for study in range(12)]
    assert sorted(p.name for p in (finished / "pictures").iterdir()) == [
        "step-00000004.png",
        "step-00000008.png",
    ]
    assert small() == open_run(finished).config


def test_numbered_checkpoints_are_kept_as_many_as_asked(toy_store: str, tmp_path: Path, small: Small) -> None:
    run = train(small(loop={"keep": 2, "pictures": 0}), toy_store, tmp_path / "run")
    names = sorted(p.name for p in (run / "checkpoints").iterdir() if p.suffix == ".safetensors")
    assert names == [
        "best.safetensors",
        "last.safetensors",
        "step-00000006.safetensors",
        "step-00000008.safetensors",
    ]


def test_training_stops_early_when_nothing_improves(toy_store: str, tmp_path: Path, small: Small) -> None:
    loop = {"validate_every": 2, "patience": 2, "pictures": 0}
    config = small(optim={"learning_rate": 1e-12}, schedule={"steps": 100}, loop=loop)
    told: list[Progress] = []
    run = train(config, toy_store, tmp_path / "run", watch=told.append)
    assert curve(run)[-1]["step"] < 100
    assert (told[-1].share < 1, told[-1].best_step, told[-1].step) == (True, 2, curve(run)[-1]["step"])


def test_a_loss_that_is_not_finite_stops_and_names_the_images(
    toy_store: str, tmp_path: Path, small: Small, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "artasyn.train.objective.objective.focal",
        lambda logits, *_, **__: logits.sum(dim=(1, 2, 3)) * torch.nan,
    )
    with pytest.raises(RunError, match=r"loss or gradient is not finite at step 0, which changed no weight"):
        train(small(), toy_store, tmp_path / "run")
    dump = json.loads((tmp_path / "run" / "not_finite-00000000-0.json").read_text())
    assert dump["losses"]["pixels"] == "nan"
    assert {image["image_id"] for image in dump["images"]} <= {f"chest-{study}.png" for study in range(12)}
    assert len(dump["images"]) == 4


def test_maps_and_images_have_one_size(finished: Path) -> None:
    run = open_run(finished)
    maps = anomaly_maps(run.network, torch.rand(2, 1, run.size, run.size), run.config.score)
    assert maps.shape == (2, run.size, run.size)
    assert maps.dtype == torch.float32
    assert 0 <= maps.min() <= maps.max() <= 1
    assert not run.network.training


def test_a_network_of_ones_own_is_trained_and_opened(toy_store: str, tmp_path: Path, small: Small) -> None:
    network = {
        "name": "torch.nn:Conv2d", "heads": ["segmentation"], "shrink": 2,
        "arguments": {"in_channels": 1, "out_channels": 1, "kernel_size": [3, 3], "padding": 1},
    }  # fmt: skip
    config = small(
        network=network,
        loss={"global_mse": 0.0, "local_mse": 0.0, "lungs": 0.0},
        schedule={"steps": 2},
        score={"head": 0.0, "distance": 0.0, "aeration": 0.0},
    )
    run = open_run(train(config, toy_store, tmp_path / "run"))
    assert isinstance(run.network.core, torch.nn.Conv2d)
    assert anomaly_maps(run.network, torch.rand(1, 1, 64, 64), run.config.score).shape == (1, 64, 64)


def test_a_run_that_does_not_know_what_is_normal_is_refused(finished: Path, tmp_path: Path) -> None:
    run = Path(shutil.copytree(finished, tmp_path / "run"))
    write_checkpoint(run / "image_score.safetensors", {"mean": torch.zeros(3)}, {})
    seal_run(RunFolder(run))
    with pytest.raises(RunError, match="does not hold what the image score needs"):
        open_run(run)
    (run / "image_score.safetensors").unlink()
    with pytest.raises(RunError, match=r"image_score.safetensors"):
        open_run(run)


def test_a_run_of_a_release_that_scored_otherwise_is_refused(finished: Path, tmp_path: Path) -> None:
    run = Path(shutil.copytree(finished, tmp_path / "run"))
    config = json.loads((run / "config.json").read_text())
    del config["score"]["aeration"]
    (run / "config.json").write_text(json.dumps(config))
    with pytest.raises(
        RunError, match=r"another release: config.json does not say score.aeration .train again"
    ):
        open_run(run)


def test_a_run_is_never_overwritten(finished: Path, toy_store: str, tmp_path: Path, small: Small) -> None:
    with pytest.raises(RunError, match=r"holds a run already .choose another folder.*`fit --resume`"):
        train(small(), toy_store, finished)
    (tmp_path / "letter.txt").write_text("mine")
    for resume in (False, True):
        with pytest.raises(RunError, match="exists and holds no run"):
            train(small(), toy_store, tmp_path, resume=resume)
    with pytest.raises(RunError, match=r"letter\.txt: is a file"):
        train(small(), toy_store, tmp_path / "letter.txt")


def test_a_start_stopped_before_its_first_step_is_resumed(
    toy_store: str, tmp_path: Path, small: Small
) -> None:
    folder = RunFolder(tmp_path / "run")
    folder.create()
    folder.environment.write_text("[]")
    train(small(schedule={"steps": 2}), toy_store, folder.path, resume=True)
    assert open_run(folder.path).size == 64


@pytest.mark.parametrize(
    ("how", "reason"),
    [
        (
            {"network": {"compact": {"fold": 16, "widths": (8, 16, 32), "pretrained": False}}},
            "32 px, not a multiple of 64",
        ),
        ({"data": {"weights": (1.0, 2.0)}}, "gives 2 shares for 1 stores"),
        (
            {"data": {"studies": 6}, "optim": {"accumulate": 4}},
            "must be a multiple of processes x accumulated",
        ),
    ],
)
def test_a_recipe_that_does_not_fit_leaves_no_folder(
    toy_store: str, tmp_path: Path, small: Small, how: dict[str, object], reason: str
) -> None:
    with pytest.raises(ConfigError, match=reason):
        train(small(**how), toy_store, tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_cuda_where_there_is_none_is_refused_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(ConfigError, match=r"no CUDA device here .use --device cpu"):
        join_processes("cuda")


def test_the_last_steps_are_logged_whatever_their_number(
    toy_store: str, tmp_path: Path, small: Small
) -> None:
    run = train(small(schedule={"steps": 5}), toy_store, tmp_path / "run")  # a line every second step
    rows = read_log(run / "log.csv")
    assert [row["step"] for row in rows] == [2, 4, 5]
    assert "held_out_dice" in rows[-1]
    assert "loss" in rows[-1]
    train(small(schedule={"steps": 5}), toy_store, run, resume=True)
    assert read_log(run / "log.csv") == rows


def test_resuming_with_another_configuration_is_refused(finished: Path, toy_store: str, small: Small) -> None:
    with pytest.raises(RunError, match=r"another configuration: optim.learning_rate: 0.002 -> 0.5"):
        train(small(optim={"learning_rate": 0.5}), toy_store, finished, resume=True)


def test_resuming_on_another_store_is_refused(
    finished: Path, tmp_path: Path, small: Small, new_store: Callable[..., str]
) -> None:
    with pytest.raises(RunError, match="was trained on version f00d, not 0dd"):
        train(small(), new_store(tmp_path / "store", version="0dd"), finished, resume=True)
    with pytest.raises(RunError, match=r"was trained on other contents of version f00d: digests differ"):
        train(small(), new_store(tmp_path / "other", splits=("val", "val"), first=9), finished, resume=True)


def test_incomplete_and_foreign_runs_are_refused(
    finished: Path, toy_store: str, tmp_path: Path, small: Small
) -> None:
    with pytest.raises(RunError, match="is not a folder"):
        open_run(tmp_path / "nothing")
    with pytest.raises(Stop):
        train(small(), toy_store, tmp_path / "half", watch=stop_at(2))
    with pytest.raises(RunError, match=r"has no thresholds.json .*once it has finished"):
        open_run(tmp_path / "half")
    config = json.loads((finished / "config.json").read_text())
    config["network"]["compact"]["widths"] = [8, 32]
    (tmp_path / "half" / "thresholds.json").write_bytes((finished / "thresholds.json").read_bytes())
    (tmp_path / "half" / "checkpoints" / "best.safetensors").write_bytes(
        (finished / "checkpoints" / "best.safetensors").read_bytes()
    )
    with pytest.raises(RunError, match=r"has no digests.json: it is not finished"):
        open_run(tmp_path / "half")
    (tmp_path / "half" / "config.json").write_text(json.dumps(config))
    shutil.copy(finished / "image_score.safetensors", tmp_path / "half")
    seal_run(RunFolder(tmp_path / "half"))
    with pytest.raises(RunError, match=r"the checkpoint belongs to another network configuration"):
        open_run(tmp_path / "half")


@pytest.mark.parametrize("name", preset_names("artasyn.train"))
def test_presets_are_sound(name: str) -> None:
    config = load_config(name)
    assert config.network.name == {"default": "compact", "gpu": "compact", "paper": "paper"}[name]


def test_the_default_preset_says_what_the_code_defaults_to() -> None:
    assert load_config("default") == TrainConfig()


def test_unknown_presets_and_keys_are_named(small: Small) -> None:
    with pytest.raises(ConfigError, match=r"is neither a preset nor a TOML file .known: default, gpu, paper"):
        load_config("best")
    with pytest.raises(ConfigError, match="unknown key `learning`"):
        small(optim={"learning": 1.0})
    with pytest.raises(ConfigError, match="compares with the normal image"):
        small(loss={"features": 1.0})
    with pytest.raises(ConfigError, match="needs the head `segmentation`"):
        small(network={"heads": ["reconstruction"]})


@pytest.mark.skipif(
    not Path("/proc/self/statm").exists(), reason="reads the memory of the process from /proc"
)
def test_memory_stays_constant(toy_store: str, tmp_path: Path, small: Small) -> None:
    resident: list[int] = []

    def watch(progress: Progress) -> None:
        del progress
        resident.append(int(Path("/proc/self/statm").read_text().split()[1]) * 4096)

    loop = {"log_every": 10, "validate_every": 40, "checkpoint_every": 40, "pictures": 1}
    train(small(schedule={"steps": 240}, loop=loop), toy_store, tmp_path / "run", watch=watch)
    assert max(resident[16:]) - max(resident[:8]) < 8 * 2**20
