"""Laws of a build: the same bytes whatever the workers, order and crashes; nothing lost, nothing silent."""

import importlib
import json
import re
import shutil
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

import dask
import numpy as np
import pytest
import zarr
from click.testing import CliRunner
from distributed import KilledWorker
from PIL import Image

from artasyn.data_manifests.errors import CorpusError, StoreError
from artasyn.data_manifests.store.blobs import FolderBlobs
from artasyn.data_manifests.store.references import remove_draft
from artasyn.data_manifests.store.verify import damaged_files
from artasyn.data_manifests.store.version import Version, open_version
from artasyn.synth.build.dask_executor import connect, on_cluster, program, run_alone, run_on_worker
from artasyn.synth.build.plan import Plan, make_plan
from artasyn.synth.build.selection import Selection
from artasyn.synth.build.shards import Executor, ShardTask, build_shards, run_here, shard_tasks
from artasyn.synth.cli import main
from artasyn.synth.config import SynthConfig, load_config
from artasyn.synth.opacities import OpacityRecord, render_opacity
from artasyn.synth.sources.source import open_source

SIZE = 64


@pytest.fixture(autouse=True)
def small_shards(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "artasyn.data_manifests.store.contract.SHARD_PIXELS", 6 * SIZE * SIZE
    )  # two studies a shard


def plan_of(spec: str = "phantom:5", *, seed: int = 0, config: SynthConfig | None = None) -> Plan:
    config = replace(config or load_config("default"), size=SIZE)
    return make_plan(Selection(corpus=spec), kind="synthetic", config=config, seed=seed)


def built(plan: Plan, store: Path, *, executor: Executor = run_here) -> Version:
    draft = plan.draft(FolderBlobs(str(store)))
    for _ in build_shards(plan, draft, executor=executor):
        pass
    draft.commit({"kind": plan.kind})
    return open_version(f"{store}@{plan.version_id}")


def backwards(tasks: Iterable[ShardTask]) -> Iterator[Counter[str]]:
    yield from run_here(reversed(list(tasks)))


def test_one_digest_whatever_the_order_workers_and_interruptions(tmp_path: Path) -> None:
    plan = plan_of()
    digests = {built(plan, tmp_path / "here").attributes["digest"]}
    digests.add(built(plan, tmp_path / "backwards", executor=backwards).attributes["digest"])
    for _ in build_shards(plan, plan.draft(FolderBlobs(str(tmp_path / "stopped")))):
        break  # stopped after the first shard
    digests.add(built(plan, tmp_path / "stopped").attributes["digest"])
    with connect(workers=2) as client:
        digests.add(built(plan, tmp_path / "dask", executor=on_cluster(client)).attributes["digest"])
    assert len(digests) == 1


def test_another_seed_or_config_is_another_version() -> None:
    other = replace(load_config("default"), holdout=0.5)
    ids = {plan_of().version_id, plan_of(seed=1).version_id, plan_of(config=other).version_id}
    assert len(ids) == 3
    assert plan_of().version_id in ids


@pytest.mark.parametrize("preset", ["default", "paper"])
def test_samples_keep_the_contract_and_records_replay(tmp_path: Path, preset: str) -> None:
    version = built(plan_of(config=load_config(preset)), tmp_path)
    rows = version.rows(status="ok")
    assert len(rows) >= 5
    for row in rows:
        image, altered, alpha, mask, outline, lungs, reference = version.read(row)
        assert mask.any()
        assert set(np.unique(mask)) <= {0, 1}
        assert not reference.any()
        np.testing.assert_array_equal(altered[alpha == 0], image[alpha == 0])
        assert (altered >= image).all()
        record = OpacityRecord.from_dict(json.loads(str(version.table["record"][row])))
        again = render_opacity(record, image, lungs)
        np.testing.assert_array_equal(
            np.stack([again.altered, again.alpha, again.mask, again.outline]),
            [altered, alpha, mask, outline],
        )


def test_every_study_owns_its_slots_and_every_gap_has_a_reason(tmp_path: Path) -> None:
    config = load_config("default")
    config = replace(config, opacities=replace(config.opacities, variants=(0.4, 0.3, 0.3)))
    version = built(plan_of("phantom:7", config=config), tmp_path)
    table = version.table
    assert set(table["status"].tolist()) == {"ok", "absent"}
    np.testing.assert_array_equal(table["study"], np.repeat(np.arange(7), 3))
    np.testing.assert_array_equal(table["variant"], np.tile([0, 1, 2], 7))
    assert all(str(reason) for reason in table["reason"][table["status"] != "ok"])
    assert not any(str(reason) for reason in table["reason"][table["status"] == "ok"])


def build_command(folder: Path) -> list[str]:
    """Return the arguments that build from `folder`/films into `folder`/store in this process."""
    places = [str(folder / "films"), str(folder / "store")]
    return ["build", *places, "--size", str(SIZE), "--workers", "0"]


def write_films(folder: Path) -> None:
    """Write three phantoms and what else lies about in real folders."""
    folder.mkdir(parents=True)
    source = open_source("phantom:3")
    for radiograph in source.radiographs[:3]:
        name = radiograph.image_id.rpartition("/")[2]
        Image.fromarray(source.read_image(radiograph)).save(folder / f"{name}.png")
    (folder / "broken.png").write_bytes((folder / f"{name}.png").read_bytes()[:400])
    Image.new("L", (SIZE, SIZE), 128).save(folder / "blank.png")
    (folder / "empty.jpg").write_bytes(b"")


def test_bad_images_are_left_out_by_name_and_the_build_goes_on(tmp_path: Path) -> None:
    write_films(tmp_path / "films")
    command = build_command(tmp_path)
    result = CliRunner().invoke(main, [*command, "--tag", "first"])
    assert result.exit_code == 0, result.output
    shown = CliRunner().invoke(main, ["info", f"{tmp_path / 'store'}@first"]).output
    for name in ("broken.png", "blank.png", "empty.jpg"):
        assert name in shown
    version = open_version(f"{tmp_path / 'store'}@first")
    assert len(set(version.table["study"][version.rows(status="ok")].tolist())) == 3
    again = CliRunner().invoke(main, command)
    assert "exists already" in again.output


def test_a_build_of_nothing_useful_fails_with_the_reason(tmp_path: Path) -> None:
    (tmp_path / "films").mkdir()
    picture = Image.new("L", (SIZE, SIZE), 128)
    picture.putpixel((9, 9), 200)
    picture.save(tmp_path / "films" / "blank.png")
    command = build_command(tmp_path)
    result = CliRunner().invoke(main, command)
    assert result.exit_code == 1
    assert "no_lung" in result.output


def test_the_plan_tells_what_is_left_aside_and_the_limit_counts_radiographs(tmp_path: Path) -> None:
    write_films(tmp_path / "films" / "normal")
    write_films(tmp_path / "films" / "covid")
    lines = "image,label,split\n" + "".join(
        f"{name},{label},{split}\n"
        for name, label, split in (
            ("a_missing.png", "normal", "Train"),
            ("covid/phantom_000000.png", "covid", "Train"),
            ("normal/phantom_000000.png", "normal", "Train"),
            ("normal/phantom_000001.png", "normal", "Test"),
            ("normal/phantom_000002.png", "normal", "Train"),
        )
    )
    (tmp_path / "films" / "index.csv").write_text(lines)
    index, store = str(tmp_path / "films" / "index.csv"), str(tmp_path / "store")
    said = CliRunner().invoke(main, ["build", index, store, "--dry-run", "--size", str(SIZE)]).output
    assert "2 radiographs, and 1 entries that cannot be used" in said
    assert "unusable  1 missing, such as a_missing.png: there is no file" in said
    assert "1 abnormal, 1 of split test" in said
    plan = make_plan(
        Selection(corpus=index, limit=1),
        kind="synthetic",
        config=replace(load_config("default"), size=SIZE),
        seed=0,
    )
    assert [entry.image_id for entry in plan.entries] == ["a_missing.png", "normal/phantom_000000.png"]
    told = "1 abnormal, 1 beyond the limit, 1 of split test"
    command = ["build", index, store, "--limit", "1", "--size", str(SIZE), "--workers", "0"]
    assert f"aside  {told}" in CliRunner().invoke(main, command).output
    assert f"aside  {told}: not chosen" in CliRunner().invoke(main, ["info", store]).output


def test_a_mistake_in_the_settings_stops_the_build(tmp_path: Path) -> None:
    for text, message in (
        ("[opacities.kinds]\nefusion = 0.1", "no kind of opacity is called 'efusion'"),
        ('[opacities.brush]\nfile = "tip.png"', "cannot be read as a brush tip"),
    ):
        (tmp_path / "mine.toml").write_text(text)
        command = ["build", "phantom:2", str(tmp_path / "store"), "--preset", str(tmp_path / "mine.toml")]
        result = CliRunner().invoke(main, command)
        assert result.exit_code == 1
        assert message in result.output
    assert not (tmp_path / "store").exists()


def test_a_brush_is_found_from_where_the_command_runs_and_missed_in_words_elsewhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    tip = np.random.default_rng(0).integers(0, 255, (40, 60), np.uint8)
    tip[[0, -1]] = tip[:, [0, -1]] = 0
    Image.fromarray(tip).save("tip.png")
    Path("mine.toml").write_text('[opacities.brush]\nfile = "tip.png"\n[opacities.kinds]\nbrush = 1.0\n')
    store = str(tmp_path / "store")
    command = ["build", "phantom:2", store, "--preset", "mine.toml", "--size", str(SIZE), "--workers", "0"]
    assert CliRunner().invoke(main, command).exit_code == 0
    next((tmp_path / "store").glob("*/samples/c/0/0/0/0")).unlink()
    monkeypatch.chdir("/")
    elsewhere = CliRunner().invoke(main, ["verify", store, "--repair"])
    assert "tip.png: cannot be read as a brush tip" in elsewhere.output
    monkeypatch.chdir(tmp_path)
    assert CliRunner().invoke(main, ["verify", store, "--repair"]).exit_code == 0


def test_negatives_are_left_out_of_a_build_by_name(tmp_path: Path) -> None:
    write_films(tmp_path / "films")
    for path in sorted((tmp_path / "films").glob("phantom*.png")):
        Image.fromarray(255 - np.array(Image.open(path))).save(path.with_stem("x" + path.stem))
    version = built(plan_of(str(tmp_path / "films")), tmp_path / "store")
    ids, reasons = map(list, (version.table["image_id"], version.table["reason"]))
    negatives = {
        str(i) for i, reason in zip(ids, reasons, strict=True) if str(reason).startswith("negative: ")
    }
    assert negatives == {f"xphantom_00000{k}.png" for k in range(3)}


def test_equal_images_are_held_out_together_or_not_at_all(tmp_path: Path) -> None:
    write_films(tmp_path / "films")
    for k in range(30):
        shutil.copy(tmp_path / "films" / "phantom_000000.png", tmp_path / "films" / f"copy_{k}.png")
    version = built(plan_of(str(tmp_path / "films")), tmp_path / "store")
    copies = [str(name).startswith("copy") for name in version.table["image_id"]]
    assert len(set(version.table["split"][copies].tolist())) == 1


def test_a_table_that_moved_with_its_images_is_found_for_the_repair(tmp_path: Path) -> None:
    write_films(tmp_path / "one" / "films")
    (tmp_path / "one" / "films" / "index.csv").write_text("image,label\nphantom_000000.png,normal\n")
    store = str(tmp_path / "store")
    command = [
        "build",
        str(tmp_path / "one" / "films" / "index.csv"),
        store,
        "--size",
        str(SIZE),
        "--workers",
        "0",
    ]
    assert CliRunner().invoke(main, command).exit_code == 0
    (tmp_path / "one").rename(tmp_path / "two")
    next((tmp_path / "store").glob("*/samples/c/0/0/0/0")).unlink()
    moved = ["verify", store, "--repair", "--root", str(tmp_path / "two" / "films")]
    mended = CliRunner().invoke(main, moved)
    assert mended.exit_code == 0, mended.output


def test_masks_of_other_proportions_and_rejected_images_keep_what_is_known(tmp_path: Path) -> None:
    write_films(tmp_path / "films" / "covid")
    (tmp_path / "films" / "normal").mkdir()
    (tmp_path / "films" / "masks").mkdir()
    Image.new("L", (100, 40), 255).save(tmp_path / "films" / "masks" / "phantom_000000.png")
    config = replace(load_config("default"), size=SIZE)
    plan = make_plan(Selection(corpus=str(tmp_path / "films")), kind="evaluation", config=config, seed=0)
    version = built(plan, tmp_path / "store")
    row = list(version.table["image_id"]).index("covid/phantom_000000.png")
    assert str(version.table["reason"][row]).startswith("bad_mask: ")
    broken = list(version.table["image_id"]).index("covid/broken.png")
    assert version.table["status"][broken] == "rejected"
    assert version.table["label"][broken] == version.table["label"][row]


def test_a_dry_run_writes_nothing(tmp_path: Path) -> None:
    result = CliRunner().invoke(main, ["build", "phantom:4", str(tmp_path / "store"), "--dry-run"])
    assert result.exit_code == 0
    assert "4 radiographs" in result.output
    assert re.search(
        r"cost  about [\d.]+ MB and 0:00:\d\d .* estimated from 4 of the radiographs", result.output
    )
    assert not (tmp_path / "store").exists()


def test_evaluation_versions_hold_masks_labels_and_lungs(tmp_path: Path) -> None:
    config = replace(load_config("default"), size=SIZE)
    plan = make_plan(Selection(corpus="phantom:4"), kind="evaluation", config=config, seed=0)
    version = built(plan, tmp_path)
    assert list(version.table["label"]) == ["normal", "abnormal"] * 2
    for row in range(len(version)):
        image, altered, alpha, mask, *_, reference = version.read(row)
        np.testing.assert_array_equal(image, altered)
        assert not alpha.any()
        assert mask.any() == (version.table["label"][row] == "abnormal")
        assert set(np.unique(reference)) == {0, 1, 2}


def test_a_shard_whose_images_were_all_left_out_reads_as_zeros(tmp_path: Path) -> None:
    write_films(tmp_path / "films")
    version = built(plan_of(str(tmp_path / "films")), tmp_path / "store")
    assert {str(s) for s in version.table["status"][:6]} == {"rejected"}  # blank.png and broken.png
    samples = zarr.open_group(tmp_path / "store" / version.id, mode="r")["samples"]
    for row in range(len(version)):
        np.testing.assert_array_equal(version.read(row), samples[row])
        assert version.read(row).any() == (version.table["status"][row] == "ok")


def test_verify_names_the_damaged_shard(tmp_path: Path) -> None:
    version = built(plan_of(), tmp_path)
    assert list(damaged_files(version)) == []
    path = tmp_path / version.id / "samples" / "c" / "1" / "0" / "0" / "0"
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    assert [key for key, _ in damaged_files(version)] == ["samples/c/1/0/0/0"]
    result = CliRunner().invoke(main, ["verify", str(tmp_path)])
    assert result.exit_code == 1
    assert "samples/c/1/0/0/0" in result.output


def test_a_tag_never_moves(tmp_path: Path) -> None:
    command = ["build", "phantom:2", str(tmp_path), "--size", str(SIZE), "--workers", "0", "--tag", "mine"]
    assert CliRunner().invoke(main, command).exit_code == 0
    assert CliRunner().invoke(main, command).exit_code == 0
    moved = CliRunner().invoke(main, [*command, "--seed", "1"])
    assert moved.exit_code == 1
    assert "already names version" in moved.output


def test_a_taken_tag_is_refused_before_the_build(tmp_path: Path) -> None:
    command = ["build", "phantom:2", str(tmp_path), "--size", str(SIZE), "--workers", "0", "--tag", "mine"]
    assert CliRunner().invoke(main, command).exit_code == 0
    assert CliRunner().invoke(main, [*command, "--seed", "1"]).exit_code == 1
    assert len(CliRunner().invoke(main, ["versions", str(tmp_path)]).output.splitlines()) == 1


def test_unfinished_builds_are_listed_and_removed_by_name(tmp_path: Path) -> None:
    plan = plan_of()
    for _ in build_shards(plan, plan.draft(FolderBlobs(str(tmp_path)))):
        break
    listed = CliRunner().invoke(main, ["versions", str(tmp_path)]).output
    assert listed.startswith(f"{plan.version_id[:12]}  unfinished")
    (tmp_path / "thesis").mkdir()
    (tmp_path / "thesis" / "chapter.txt").write_text("mine")
    assert "thesis" not in CliRunner().invoke(main, ["versions", str(tmp_path)]).output
    assert "removed" in CliRunner().invoke(main, ["rm", str(tmp_path), "--unfinished", "--yes"]).output
    assert [path.name for path in tmp_path.rglob("*")] == ["thesis", "chapter.txt"]
    with pytest.raises(StoreError, match="thesis: is no build of a version"):
        remove_draft(FolderBlobs(str(tmp_path)), "thesis")


def test_a_corpus_that_moved_is_found_for_the_repair(tmp_path: Path) -> None:
    write_films(tmp_path / "films")
    store = str(tmp_path / "store")
    command = ["build", str(tmp_path / "films"), store, "--size", str(SIZE), "--workers", "0"]
    assert CliRunner().invoke(main, command).exit_code == 0
    (tmp_path / "films").rename(tmp_path / "moved")
    path = next((tmp_path / "store").glob("*/samples/c/0/0/0/0"))
    before = path.read_bytes()
    path.unlink()
    assert CliRunner().invoke(main, ["verify", store, "--repair"]).exit_code == 1
    mended = CliRunner().invoke(main, ["verify", store, "--repair", "--root", str(tmp_path / "moved")])
    assert mended.exit_code == 0, mended.output
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["build", "phantom:x", "store"], "not phantom:N"),
        (["build", "nowhere/at/all", "store"], "nowhere/at/all"),
        (["build", "phantom:2", "store", "--preset", "odd"], "neither a preset nor a TOML file"),
        (["build", "phantom:2", "store", "--split", "odd"], "no split `odd`"),
        (["build", "phantom:2", "store", "--size", "7"], "size"),
        (
            ["build", "phantom:2", "store", "--workers", "1", "--scheduler", "tcp://127.0.0.1:9"],
            "no Dask scheduler",
        ),
        (["build", "phantom:2", "store", "--workers", "1", "--scheduler", "nonsense"], "no Dask scheduler"),
        (["build", "phantom:2", "store@v1"], "give the STORE alone"),
        (["build", ".", "store", "--root", "."], "has no meaning"),
        (["versions", "nowhere"], "is no folder"),
        (["corpora", "check", "phantom:4"], "drawn on the spot"),
        (["info", "nowhere"], "holds no committed version"),
    ],
)
def test_refusals_name_the_thing(
    arguments: list[str], message: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("artasyn.synth.build.dask_executor.CONNECT_SECONDS", 1)
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == 1
    assert message in result.output
    assert not list(tmp_path.iterdir())


def test_errors_of_the_library_are_builtin_errors_too() -> None:
    assert issubclass(CorpusError, ValueError)
    assert issubclass(StoreError, ValueError)


DEADLY = """
import os
from artasyn.synth.sources.source import PhantomSource

class Deadly(PhantomSource):
    def read_image(self, radiograph, **_):
        if radiograph.image_id.endswith("000003"):
            os._exit(1)
        return super().read_image(radiograph)
"""


@pytest.mark.slow
def test_an_image_that_kills_its_worker_is_left_out_by_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "deadly_source.py").write_text(DEADLY)
    monkeypatch.syspath_prepend(tmp_path)  # workers inherit the path
    plan = plan_of()
    source = importlib.import_module("deadly_source").Deadly(5)
    once = dask.config.set({"distributed.scheduler.allowed-failures": 0})
    with once, connect(workers=2) as client:
        deadly = replace(plan, recipe=replace(plan.recipe, source=source))
        version = built(deadly, tmp_path / "store", executor=on_cluster(client))
    left_out = version.rows(status="rejected")
    assert set(version.table["study"][left_out].tolist()) == {3}
    assert str(version.table["reason"][left_out[0]]).startswith("killed_worker")


def test_a_worker_of_another_release_is_refused_even_if_it_joins_late(tmp_path: Path) -> None:
    plan = plan_of()
    task = next(shard_tasks(plan, plan.draft(FolderBlobs(str(tmp_path))), [0]))
    with pytest.raises(StoreError, match=r"another release of zarr .*same releases"):
        run_on_worker(task, program() | {"zarr": "1.0"})
    assert not list(tmp_path.iterdir())


def test_a_store_that_the_workers_do_not_share_is_named(tmp_path: Path) -> None:
    plan = plan_of()
    for _ in build_shards(plan, plan.draft(FolderBlobs(str(tmp_path / "elsewhere")))):
        pass
    with pytest.raises(StoreError, match=r"a shard is missing.*every worker must see the store"):
        plan.draft(FolderBlobs(str(tmp_path / "here"))).commit({"kind": plan.kind})


@pytest.mark.slow
def test_a_scheduler_elsewhere_gives_the_same_bytes(tmp_path: Path) -> None:
    plan = plan_of()
    expected = built(plan, tmp_path / "here").attributes["digest"]
    with connect(workers=2) as running, connect(workers=0, scheduler=running.scheduler.address) as client:
        version = built(plan, tmp_path / "there", executor=on_cluster(client))
    assert version.attributes["digest"] == expected


class Deathtrap:
    """A client whose workers die of every task."""

    def submit(self, *_: object, **__: object) -> "Deathtrap":
        return self

    def result(self) -> None:
        raise KilledWorker("shard", None, 1)  # type: ignore[arg-type]


def test_a_shard_that_kills_its_worker_even_alone_is_an_error(tmp_path: Path) -> None:
    plan = plan_of()
    task = next(shard_tasks(plan, plan.draft(FolderBlobs(str(tmp_path))), [0]))
    with pytest.raises(StoreError, match=r"shard 0: workers die on this shard.*more memory"):
        run_alone(Deathtrap(), task)  # type: ignore[arg-type]
