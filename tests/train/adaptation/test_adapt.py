"""Laws of an adaptation: no label is read, it repeats, it says what it has seen, and it leaves all or nothing."""

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from click.testing import CliRunner

from artasyn.data_manifests.errors import ConfigError, RunError, StoreError
from artasyn.data_manifests.store.version import open_version
from artasyn.train.adaptation.adapt import adapt
from artasyn.train.adaptation.plan import plan_adapt
from artasyn.train.adaptation.pseudo_labels import PseudoLabelledImages, pseudo_label_images
from artasyn.train.adaptation.self_training import AdaptConfig, adaptation_recipe, mixed_batches
from artasyn.train.cli import main
from artasyn.train.config import TrainConfig
from artasyn.train.data.dataset import Batch
from artasyn.train.data.stores import open_training_stores
from artasyn.train.fitting.fit import plan_fit, run_fit
from artasyn.train.fitting.trainer import Progress
from artasyn.train.runs.checkpoint import read_checkpoint
from artasyn.train.runs.compare_runs import compare_runs
from artasyn.train.runs.plot_curves import plot_curves
from artasyn.train.runs.run import open_run
from artasyn.train.runs.run_folder import RunFolder
from artasyn.train.runs.run_log import read_log
from artasyn.train.runs.seal import seal_run
from artasyn.train.runtime.distributed import Processes, join_processes
from artasyn.train.scoring.image_score import score_images

NewStore = Callable[..., str]


def trained(config: TrainConfig, store: str, run: Path) -> Path:
    plan = plan_fit(config, [store], run, processes=join_processes("cpu"), workers=0, resume=False)
    run_fit(plan, watch=lambda _: None)
    return run


@pytest.fixture(scope="module")
def run(toy_store: str, tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Path:
    """Return a run of sixty steps: long enough to mark something."""
    torch.set_num_threads(1)
    config: TrainConfig = request.getfixturevalue("small")(schedule={"steps": 60})
    return trained(config, toy_store, tmp_path_factory.mktemp("runs") / "run")


@pytest.fixture(scope="module")
def clinic(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> str:
    """Return a store of unlabelled images, with opacities."""
    new_store: NewStore = request.getfixturevalue("new_store")
    return new_store(tmp_path_factory.mktemp("clinic") / "clinic", studies=20, kind="evaluation", first=100)


def adapted(
    run: Path,
    clinic: str,
    store: str,
    out: Path,
    *,
    steps: int = 40,
    watch: Callable[[Progress], None] = lambda _: None,
) -> Path:
    config = AdaptConfig(steps=steps)
    plan = plan_adapt(run, clinic, [store], out, config=config, processes=join_processes("cpu"))
    adapt(plan, watch=watch)
    return out


def weights(run: Path) -> dict[str, torch.Tensor]:
    return read_checkpoint(RunFolder(run).checkpoint("best"))[0]


def same_weights(a: Path, b: Path) -> bool:
    first, second = weights(a), weights(b)
    return first.keys() == second.keys() and all(torch.equal(v, second[k]) for k, v in first.items())


def test_it_repeats_bit_for_bit_and_learns(run: Path, clinic: str, toy_store: str, tmp_path: Path) -> None:
    first, second = (adapted(run, clinic, toy_store, tmp_path / name) for name in "ab")
    assert same_weights(first, second)
    assert (first / "thresholds.json").read_bytes() == (second / "thresholds.json").read_bytes()
    assert not same_weights(first, run)
    rows = read_log(first / "log.csv")
    assert [row["step"] for row in rows] == [20, 40]
    assert rows[-1]["pseudo_labels"] < rows[0]["pseudo_labels"], "it comes to agree with its pseudo-labels"
    assert rows[-1]["held_out_dice"] > 0, "it says how it does on synthetic images"


def test_dropout_repeats_too(
    clinic: str, toy_store: str, small: Callable[..., TrainConfig], tmp_path: Path
) -> None:
    paper = {"width": 4, "multipliers": [1, 2], "blocks": 1, "attention": [2], "dropout": 0.5}
    heads = ["reconstruction", "segmentation", "lungs"]
    config = small(
        network={"name": "paper", "heads": heads, "shrink": 4, "paper": paper}, schedule={"steps": 2}
    )
    run = trained(config, toy_store, tmp_path / "run")
    first = adapted(run, clinic, toy_store, tmp_path / "a", steps=3)
    torch.rand(1)  # whatever was drawn before
    assert same_weights(first, adapted(run, clinic, toy_store, tmp_path / "b", steps=3))


def test_no_label_and_no_mask_is_read(
    run: Path, clinic: str, toy_store: str, new_store: NewStore, tmp_path: Path
) -> None:
    """The same images, every other channel and column of the table changed."""
    other = new_store(tmp_path / "clinic", studies=20, kind="evaluation", first=100, truth=False)
    mine, theirs = open_version(clinic), open_version(other)
    row = int(mine.rows(status="ok")[0])
    assert not np.array_equal(mine.read(row, channels=("mask",)), theirs.read(row, channels=("mask",)))
    first = adapted(run, clinic, toy_store, tmp_path / "a", steps=20)
    assert same_weights(first, adapted(run, other, toy_store, tmp_path / "b", steps=20))


def test_marks_are_those_of_the_frozen_threshold(run: Path, clinic: str) -> None:
    opened, version = open_run(run), open_version(clinic)
    rows = version.rows(status="ok")
    marked = pseudo_label_images(opened, "clinic", version, rows, device=torch.device("cpu"))
    batch = marked.batch(np.array([3, 0, 3]))
    assert batch.pixels.shape == (3, 4, 64, 64)
    assert batch.pixels.dtype == torch.uint8
    assert torch.equal(batch.pixels[0], batch.pixels[2])
    assert torch.equal(batch.pixels[:, 0], batch.pixels[:, 1])
    for k, place in enumerate((3, 0)):
        image = version.read(int(rows[place]), channels=("image",))
        grey = torch.from_numpy(image[None]).float() / 255
        maps, _ = score_images(opened.network, opened.scorer, grey, opened.config.score)
        assert torch.equal(batch.pixels[k, 2].bool(), maps[0] >= opened.thresholds.pixel)
        assert np.array_equal(batch.pixels[k, 0].numpy(), image[0])
    assert marked.batch(np.arange(len(rows))).pixels[:, 2].any(), "something is marked"


def test_the_folder_says_what_was_seen(run: Path, clinic: str, toy_store: str, tmp_path: Path) -> None:
    out = adapted(run, clinic, toy_store, tmp_path / "out", steps=5)
    before, after, version = open_run(run), open_run(out), open_version(clinic)
    assert [record.get("unlabelled", False) for record in after.stores] == [False, True]
    assert after.stores[1]["id"] == version.id
    assert after.stores[1]["name"] == "clinic"
    assert after.config == before.config
    assert after.size == before.size
    seen = set(after.training_images["pixels_sha256"])
    assert seen == {*before.training_images["pixels_sha256"], *map(str, version.table["pixels_sha256"])}
    said = json.loads((out / "adaptation.json").read_text())
    digest = json.loads((run / "digests.json").read_text())["checkpoints/best.safetensors"]["sha256"]
    assert said.pop("weights") == digest
    known = {"ema": 0.995, "images": 39, "learning_rate": 3e-4, "run": "run", "split": "", "steps": 5}
    assert said == known
    assert str(tmp_path) not in "".join(path.read_text() for path in out.glob("*.json"))


def test_a_split_alone_is_learnt_from_and_noted(
    run: Path, clinic: str, toy_store: str, tmp_path: Path
) -> None:
    splits = ["adapt", str(run), clinic, toy_store, str(tmp_path / "out"), "--steps", "2", "--split"]
    assert CliRunner().invoke(main, [*splits, "train"]).exit_code == 0
    seen = set(open_run(tmp_path / "out").training_images["pixels_sha256"])
    version = open_version(clinic)
    assert {str(d) for d in version.table["pixels_sha256"][version.rows(split="train")]} <= seen
    assert not {str(d) for d in version.table["pixels_sha256"][version.rows(split="val")]} & seen
    none = CliRunner().invoke(main, [*splits, "tset"])
    assert "no usable image in split `tset`" in none.output


def test_marks_of_any_width_come_back(clinic: str) -> None:
    marks = np.random.default_rng(0).random((2, 9, 9)) < 0.5
    version = open_version(clinic)
    odd = SimpleNamespace(shape=SimpleNamespace(size=9), read=lambda *_, **__: np.zeros((1, 9, 9), np.uint8))
    batch = PseudoLabelledImages("odd", odd, version.rows()[:2], np.packbits(marks, axis=-1)).batch(
        np.arange(2)
    )  # type: ignore[arg-type]
    np.testing.assert_array_equal(batch.pixels[:, 2].numpy() > 0, marks)


def test_its_curves_are_drawn(run: Path, clinic: str, toy_store: str, tmp_path: Path) -> None:
    out = adapted(run, clinic, toy_store, tmp_path / "out", steps=5)
    plot_curves(out, tmp_path / "curves.png")
    assert (tmp_path / "curves.png").stat().st_size > 10_000
    assert "clinic (f00d, unlabelled)" in compare_runs([out])[0]["store"]


def test_a_second_round_goes_on_from_the_first(
    run: Path, clinic: str, toy_store: str, tmp_path: Path
) -> None:
    first = adapted(run, clinic, toy_store, tmp_path / "first", steps=5)
    second = open_run(adapted(first, clinic, toy_store, tmp_path / "second", steps=5))
    assert [record["name"] for record in second.stores] == ["store", "clinic", "clinic"]


class Stop(Exception):
    """Leaves an adaptation as an interruption would."""


def test_stopped_it_leaves_nothing_and_the_same_command_starts_again(
    run: Path, clinic: str, toy_store: str, tmp_path: Path
) -> None:
    def stop(_: Progress) -> None:
        raise Stop

    with pytest.raises(Stop):
        adapted(run, clinic, toy_store, tmp_path / "out", watch=stop)
    assert not (tmp_path / "out").exists()
    again = adapted(run, clinic, toy_store, tmp_path / "out")
    assert same_weights(again, adapted(run, clinic, toy_store, tmp_path / "undisturbed"))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out", "undisturbed"]


def stopping_at(step: int) -> Callable[[Progress], None]:
    def watch(done: Progress) -> None:
        if done.step == step:
            raise Stop

    return watch


def log_of(run: Path) -> list[tuple[float, ...]]:
    return [
        tuple(row.get(name, -1.0) for name in ("step", "loss", "pseudo_labels", "gradient"))
        for row in read_log(run / "log.csv")
    ]


def test_stopped_it_goes_on_from_its_checkpoint_and_ends_as_undisturbed(
    run: Path, clinic: str, toy_store: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("artasyn.train.adaptation.self_training.CHECKPOINT_EVERY", 20)
    with pytest.raises(Stop):
        adapted(run, clinic, toy_store, tmp_path / "out", steps=60, watch=stopping_at(40))
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
        adapted(run, clinic, toy_store, tmp_path / "out", steps=60, watch=stopping_at(40))
    out = adapted(run, clinic, toy_store, tmp_path / "out", steps=21)
    assert same_weights(out, adapted(run, clinic, toy_store, tmp_path / "calm", steps=21))


def test_several_processes_share_each_step(run: Path, clinic: str, toy_store: str) -> None:
    """Two processes see together the images that one sees, and every part says how many the step has."""
    opened, version = open_run(run), open_version(clinic)
    recipe = adaptation_recipe(opened.config, AdaptConfig(steps=4), torch.device("cpu"))
    masks = np.zeros((len(version.rows()), 64, 8), np.uint8)
    images = PseudoLabelledImages(clinic, version, version.rows(), masks)
    stores = open_training_stores([toy_store])

    def parts(rank: int, world: int) -> list[Batch]:
        processes = Processes(rank=rank, world=world, device=torch.device("cpu"))
        batches = mixed_batches(stores, images, recipe=recipe, processes=processes)
        return [batches[index] for index in range(6)]

    whole, halves = parts(0, 1), (parts(0, 2), parts(1, 2))
    assert [part.pseudo_labelled for part in whole] == [True, False] * 3
    for k, part in enumerate(whole):
        assert part.items == halves[0][k].items + halves[1][k].items
        assert torch.equal(part.pixels, torch.cat([half[k].pixels for half in halves]))
        assert (
            part.total
            == halves[0][k].total
            == len(whole[k // 2 * 2].items) + len(whole[k // 2 * 2 + 1].items)
        )


@pytest.mark.slow
def test_two_processes_adapt_as_one(run: Path, clinic: str, toy_store: str, tmp_path: Path) -> None:
    """Tolerance: sums are added in another order."""
    torchrun = ("-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2", "-m", "artasyn.train")
    line = ("adapt", run, clinic, toy_store, tmp_path / "two", "--steps", "20", "--threads", "1")
    done = subprocess.run([sys.executable, *map(str, (*torchrun, *line))], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("held-out synthetic Dice") == 1
    one = adapted(run, clinic, toy_store, tmp_path / "one", steps=20)
    for mine, theirs in zip(log_of(one), log_of(tmp_path / "two"), strict=True):
        np.testing.assert_allclose(theirs, mine, rtol=0.02)


def test_a_float16_run_is_adapted_on_a_processor_in_float32(small: Callable[..., TrainConfig]) -> None:
    for trained_in, adapted_in in (("float16", "float32"), ("bfloat16", "bfloat16"), ("float32", "float32")):
        config = small(compute={"precision": trained_in})
        recipe = adaptation_recipe(config, AdaptConfig(), torch.device("cpu"))
        assert recipe.compute.precision == adapted_in


def test_what_cannot_be_adapted_is_refused(
    run: Path, clinic: str, toy_store: str, new_store: NewStore, tmp_path: Path
) -> None:
    with pytest.raises(StoreError, match=r"of kind `synthetic`.*ingest"):
        adapted(run, toy_store, toy_store, tmp_path / "out")
    absent = new_store(tmp_path / "absent", kind="evaluation", status="absent")
    with pytest.raises(StoreError, match="no usable image"):
        adapted(run, absent, toy_store, tmp_path / "out")
    other = new_store(tmp_path / "other", version="beef")
    with pytest.raises(RunError, match=r"trained on other stores.*store"):
        adapted(run, clinic, other, tmp_path / "out")
    with pytest.raises(RunError, match="holds a run already"):
        adapted(run, clinic, toy_store, run)
    with pytest.raises(ConfigError, match="steps"):
        AdaptConfig(steps=0)
    assert not (tmp_path / "out").exists()


def test_a_run_that_cannot_learn_marks_is_refused(
    run: Path, clinic: str, toy_store: str, small: Callable[..., TrainConfig], tmp_path: Path
) -> None:
    unmarked = shutil.copytree(run, tmp_path / "unmarked")
    config = json.loads((unmarked / "config.json").read_text())
    config["loss"]["pixels"] = 0.0
    (unmarked / "config.json").write_text(json.dumps(config))
    seal_run(RunFolder(unmarked))
    with pytest.raises(RunError, match=r"unmarked.*loss\.pixels = 0.*preset default"):
        adapted(unmarked, clinic, toy_store, tmp_path / "out")
    headless = small(
        schedule={"steps": 2},
        network={"heads": ["reconstruction"]},
        loss={"overlap": 0.0, "pixels": 0.0, "lungs": 0.0},
        score={"aeration": 0.0},
    )
    trained(headless, toy_store, tmp_path / "headless")
    with pytest.raises(RunError, match=r"headless.*no head `segmentation`"):
        adapted(tmp_path / "headless", clinic, toy_store, tmp_path / "out")


def test_images_of_another_size_are_refused(run: Path, clinic: str, toy_store: str, tmp_path: Path) -> None:
    larger = tmp_path / "run"
    shutil.copytree(run, larger)
    records = json.loads((larger / "store.json").read_text())
    (larger / "store.json").write_text(json.dumps([records[0] | {"size": 96}]))
    seal_run(RunFolder(larger))
    with pytest.raises(StoreError, match=r"64 px, the run takes 96 px.*--size 96"):
        adapted(larger, clinic, toy_store, tmp_path / "out")


def test_the_command_adapts(run: Path, clinic: str, toy_store: str, tmp_path: Path) -> None:
    line = ["adapt", str(run), clinic, toy_store, str(tmp_path / "out"), "--steps", "5", "--threads", "1"]
    done = CliRunner().invoke(main, line)
    assert done.exit_code == 0, done.output
    assert "39 unlabelled images, 5 steps" in done.output
    assert "held-out synthetic Dice" in done.output
    assert open_run(tmp_path / "out").thresholds.pixel > 0
