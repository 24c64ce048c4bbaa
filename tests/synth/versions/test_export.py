"""Laws of exports: plain files hold exactly what the version holds."""

import csv
import json
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image

from artasyn.data_manifests.store.blobs import open_blobs
from artasyn.data_manifests.store.version import Version, open_version
from artasyn.synth.build.plan import make_plan
from artasyn.synth.build.selection import Selection
from artasyn.synth.build.shards import build_shards
from artasyn.synth.cli import main
from artasyn.synth.config import load_config
from artasyn.synth.sources.source import open_source
from artasyn.synth.versions.export import begun
from artasyn.synth.versions.export_files import groups_of
from artasyn.synth.versions.folds import folds_of


@pytest.fixture(scope="module")
def version(tmp_path_factory: pytest.TempPathFactory) -> Version:
    config = replace(load_config("default"), size=64, holdout=0.4)
    plan = make_plan(Selection(corpus="phantom:6"), kind="synthetic", config=config, seed=0)
    draft = plan.draft(open_blobs(str(tmp_path_factory.mktemp("store"))))
    for _ in build_shards(plan, draft):
        pass
    draft.commit({"kind": plan.kind})
    return open_version(draft.blobs.location)


def exported(version: Version, folder: Path, layout: str) -> Path:
    result = CliRunner().invoke(main, ["export", version.blobs.location, str(folder), "--layout", layout])
    assert result.exit_code == 0, result.output
    return folder


def pixels(path: Path) -> np.ndarray:
    return np.array(Image.open(path))


def test_png_files_and_the_table_come_back_exactly(version: Version, tmp_path: Path) -> None:
    folder = exported(version, tmp_path / "plain", "png")
    with (folder / "samples.csv").open(newline="") as file:
        lines = list(csv.DictReader(file))
    rows = version.rows(status="ok")
    assert [int(line["study"]) for line in lines] == version.table["study"][rows].tolist()
    for row, line in zip(rows, lines, strict=True):
        image, altered, alpha, mask, outline, lungs, _ = version.read(int(row))
        for name, channel in (("images", image), ("altered", altered), ("alpha", alpha), ("lungs", lungs)):
            np.testing.assert_array_equal(pixels(folder / name / f"{line['sample']}.png"), channel)
        np.testing.assert_array_equal(pixels(folder / "masks" / f"{line['sample']}.png"), 255 * mask)
        np.testing.assert_array_equal(pixels(folder / "outlines" / f"{line['sample']}.png"), 255 * outline)
        assert json.loads(line["record"]) == json.loads(str(version.table["record"][row]))


def test_no_file_stands_for_a_mask_that_nobody_drew(tmp_path: Path) -> None:
    config = replace(load_config("default"), size=64)
    radiographs = tmp_path / "radiographs"
    radiographs.mkdir()
    source = open_source("phantom:1")
    Image.fromarray(source.read_image(source.radiographs[1])).save(radiographs / "a.png")
    for corpus, mask in ((str(radiographs), False), ("phantom:1", True)):
        plan = make_plan(Selection(corpus=corpus), kind="evaluation", config=config, seed=0)
        draft = plan.draft(open_blobs(str(tmp_path / f"store{mask}")))
        for _ in build_shards(plan, draft):
            pass
        draft.commit({"kind": plan.kind})
        folder = exported(open_version(draft.blobs.location), tmp_path / f"out{mask}", "png")
        for name in ("masks", "reference_lungs"):
            assert bool(list((folder / name).glob("*.png"))) == mask


def test_nnunet_trains_on_what_is_not_held_out(version: Version, tmp_path: Path) -> None:
    folder = exported(version, tmp_path / "Dataset501_Opacity", "nnunet")
    description = json.loads((folder / "dataset.json").read_text())
    rows = version.rows(status="ok")
    is_held_out = version.table["split"][rows] == "val"
    held_out = int(is_held_out.sum())
    assert 0 < held_out < len(rows)
    normals = len(set(version.table["study"][rows][~is_held_out].tolist()))
    files = list((folder / "imagesTr").iterdir())
    assert description["numTraining"] == len(rows) - held_out + normals == len(files)
    assert len(list((folder / "imagesTs").glob("*_[0-9]_0000.png"))) == held_out
    for path in (folder / "labelsTr").iterdir():
        assert set(np.unique(pixels(path))) <= ({0} if path.stem.endswith("normal") else {0, 1})
        assert (folder / "imagesTr" / f"{path.stem}_0000.png").is_file()
    first = int(rows[0])
    shown = next(folder.glob(f"images*/{int(version.table['study'][first]):06d}_normal_0000.png"))
    np.testing.assert_array_equal(pixels(shown), version.read(first, channels=("image",))[0])


def test_a_folder_in_use_is_refused(version: Version, tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("keep me")
    result = CliRunner().invoke(main, ["export", version.blobs.location, str(tmp_path)])
    assert result.exit_code == 1
    assert "is not empty (name a new folder)" in result.output


def test_an_export_that_was_stopped_begins_again_and_no_other(version: Version, tmp_path: Path) -> None:
    folder = tmp_path / "out"
    with pytest.raises(KeyboardInterrupt), begun(folder, f"{version.id} png"):
        raise KeyboardInterrupt
    other = CliRunner().invoke(main, ["export", version.blobs.location, str(folder), "--layout", "coco"])
    assert "is not empty (name a new folder)" in other.output
    again = CliRunner().invoke(main, ["export", version.blobs.location, str(folder)])
    assert (again.exit_code, (folder / "samples.csv").exists()) == (0, True)
    finished = CliRunner().invoke(main, ["export", version.blobs.location, str(folder)])
    assert "is not empty (name a new folder)" in finished.output


def test_the_folds_of_nnunet_keep_a_radiographs_images_together(version: Version, tmp_path: Path) -> None:
    folder = exported(version, tmp_path / "Dataset502_Opacity", "nnunet")
    folds = json.loads((folder / "splits_final.json").read_text())
    cases = {path.name.removesuffix("_0000.png") for path in (folder / "imagesTr").iterdir()}
    assert len(folds) >= 2
    assert sorted(name for fold in folds for name in fold["val"]) == sorted(cases)
    for fold in folds:
        assert {*fold["train"], *fold["val"]} == cases
        assert not {name[:6] for name in fold["train"]} & {name[:6] for name in fold["val"]}


def test_folds_are_even_and_follow_from_names() -> None:
    groups = {f"patient{i}": [f"{i}_{k}" for k in range(3)] for i in range(20)}
    folds = folds_of(groups)
    assert [len(fold["val"]) for fold in folds] == [12] * 5
    assert folds == folds_of(dict(reversed(groups.items())))
    assert folds_of({"one": ["a"]}) == []


def test_a_patients_images_and_copies_of_them_stay_together() -> None:
    patients, pixels = ["p", "p", "q", "q", "", "", "r"], ["a", "b", "b", "c", "c", "d", "e"]
    table = {"patient": np.array(patients), "pixels_sha256": np.array(pixels)}
    groups = groups_of(SimpleNamespace(table=table), range(7))
    assert len({groups[row] for row in range(5)}) == 1
    assert len(set(groups.values())) == 3
    alone = groups_of(SimpleNamespace(table=table), (3, 5, 6))
    assert alone == {3: "q", 5: "d", 6: "r"}


def test_mvtec_trains_on_normal_images_and_pairs_masks_by_name(version: Version, tmp_path: Path) -> None:
    folder = exported(version, tmp_path / "chest", "mvtec")
    rows = version.rows(status="ok")
    held_out = [int(row) for row in rows if version.table["split"][row] == "val"]
    assert len(list((folder / "test" / "opacity").iterdir())) == len(held_out)
    normals = len({*version.table["study"][rows].tolist()})
    shown = {part: {path.name for path in (folder / part / "good").iterdir()} for part in ("train", "test")}
    assert len(shown["train"] | shown["test"]) == normals
    assert not shown["train"] & shown["test"]
    for row in held_out:
        name = f"{int(version.table['study'][row]):06d}_{int(version.table['variant'][row])}"
        mask = pixels(folder / "ground_truth" / "opacity" / f"{name}_mask.png")
        np.testing.assert_array_equal(mask, 255 * version.read(row, channels=("outline",))[0])


def test_coco_objects_come_back_as_the_outlines(version: Version, tmp_path: Path) -> None:
    folder = exported(version, tmp_path / "coco", "coco")
    row = next(int(row) for row in version.rows(status="ok") if version.table["split"][row] == "train")
    name = f"{int(version.table['study'][row]):06d}_{int(version.table['variant'][row])}.png"
    file = json.loads((folder / "annotations" / "instances_train.json").read_text())
    assert {entry["file_name"] for entry in file["images"]} == {p.name for p in (folder / "train").iterdir()}
    number = next(entry["id"] for entry in file["images"] if entry["file_name"] == name)
    union = np.zeros((64, 64), bool)
    for part in (part for part in file["annotations"] if part["image_id"] == number):
        counts = part["segmentation"]["counts"]
        values = np.arange(len(counts)) % 2 == 1
        mask = np.repeat(values, counts).reshape(64, 64, order="F")
        x, y, width, height = part["bbox"]
        assert mask.sum() == part["area"] == mask[y : y + height, x : x + width].sum()
        union |= mask
    np.testing.assert_array_equal(union, version.read(row, channels=("outline",))[0] > 0)


def test_a_folder_that_nnunet_would_not_find_is_refused(version: Version, tmp_path: Path) -> None:
    line = ["export", version.blobs.location, str(tmp_path / "opacity"), "--layout", "nnunet"]
    refused = CliRunner().invoke(main, line)
    assert refused.exit_code == 1
    assert "name it as Dataset501_Opacity is named" in refused.output
    assert not (tmp_path / "opacity").exists()
