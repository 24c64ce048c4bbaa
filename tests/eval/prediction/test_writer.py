"""Laws of the folder of predictions: the user's files stay, our own are never taken for images, names are quick."""

import json
import os
import time
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image

from artasyn.eval.cli import main
from artasyn.eval.prediction.image_search import find_images
from artasyn.eval.prediction.writer import Names


def save(path: Path, seed: int = 0) -> bytes:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.random.default_rng(seed).integers(0, 256, (40, 50), np.uint8)).save(path)
    return path.read_bytes()


def test_a_mask_of_the_users_beside_the_image_stays(toy_run: Path, tmp_path: Path) -> None:
    save(tmp_path / "a.png")
    mine = save(tmp_path / "a.mask.png", 1)
    line = ["predict", str(toy_run), str(tmp_path), "--out", str(tmp_path)]
    refused = CliRunner().invoke(main, line)
    assert refused.exit_code == 1
    assert "a.mask.png: exists and was not written by this command" in refused.output
    assert (tmp_path / "a.mask.png").read_bytes() == mine
    assert not (tmp_path / "a.heat.png").exists()
    assert CliRunner().invoke(main, [*line, "--force"]).exit_code == 0
    assert (tmp_path / "a.mask.png").read_bytes() != mine


def test_predicting_twice_into_the_images_folder_takes_no_output_for_an_image(
    toy_run: Path, tmp_path: Path
) -> None:
    save(tmp_path / "a.png")
    save(tmp_path / "sub" / "b.png", 1)
    line = ["predict", str(toy_run), str(tmp_path), "--out", str(tmp_path)]
    for _ in range(2):
        result = CliRunner().invoke(main, line)
        assert result.exit_code == 0, result.output
        assert result.output.count("2 images,") == 1
    assert [path.name for path in find_images([tmp_path])[0]] == ["a.png", "b.png"]


def test_a_folder_of_masks_is_passed_over_and_counted_unless_it_is_asked_for(tmp_path: Path) -> None:
    for name in ("a.png", "masks/covid/a.png", "masks/b.png"):
        save(tmp_path / name)
    assert find_images([tmp_path]) == ([tmp_path / "a.png"], {f"in folder {tmp_path / 'masks'}": 2})
    assert find_images([tmp_path / "masks"]) == (
        [tmp_path / "masks/b.png", tmp_path / "masks/covid/a.png"],
        {},
    )


def test_masks_beside_images_are_passed_over_and_counted_where_their_images_are_there(tmp_path: Path) -> None:
    for name in (
        "a.png",
        "a_mask.png",
        "sub/b.png",
        "sub/mask_b.png",
        "sub/a_mask.png",
        "c_label.png",
        "c.png",
    ):
        save(tmp_path / name)
    paths, others = find_images([tmp_path])
    assert [path.name for path in paths] == ["a.png", "c.png", "c_label.png", "a_mask.png", "b.png"]
    assert others == {"masks beside images": 2}
    assert find_images([tmp_path / "a_mask.png"]) == ([tmp_path / "a_mask.png"], {})


def test_images_in_folders_that_are_called_lateral_are_passed_over(tmp_path: Path) -> None:
    for name in ("p1/view1_frontal.jpg", "p1/view2_lateral.jpg"):
        save(tmp_path / name)
    side = tmp_path / "p1" / "view2_lateral.jpg"
    assert find_images([tmp_path]) == ([tmp_path / "p1/view1_frontal.jpg"], {"called lateral or oblique": 1})
    assert find_images([side]) == ([side], {})


def test_files_that_are_no_images_are_counted_by_kind_and_links_to_nothing_are_told(tmp_path: Path) -> None:
    save(tmp_path / "a.png")
    for name in ("b.txt", "c.txt", "d.zip"):
        (tmp_path / name).write_bytes(b"x")
    (tmp_path / "gone.png").symlink_to("nowhere.png")
    paths, others = find_images([tmp_path])
    assert [path.name for path in paths] == ["a.png", "gone.png"]
    assert others == {".txt": 2, ".zip": 1}


def test_names_of_one_stem_cost_no_more_than_others() -> None:
    names = Names()
    began = time.process_time()
    taken = [names.take(stem) for stem in ["chest", "chest-2", *["chest"] * 20_000]]
    assert time.process_time() - began < 2
    assert len(set(taken)) == 20_002
    assert taken[:4] == ["chest", "chest-2", "chest-3", "chest-4"]


def test_a_name_that_is_a_formula_is_a_text_in_the_table(
    toy_run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    save(tmp_path / "=1+1.png")
    monkeypatch.chdir(tmp_path)
    assert CliRunner().invoke(main, ["predict", str(toy_run), "=1+1.png", "--out", "out"]).exit_code == 0
    assert "\n'=1+1.png," in (tmp_path / "out" / "scores.csv").read_text()


def test_a_name_that_is_not_utf_8_is_written_readably(toy_run: Path, tmp_path: Path) -> None:
    save(tmp_path / "in" / "a.png")
    Path(os.fsdecode(os.fsencode(tmp_path / "in") + b"/caf\xe9.png")).write_bytes(
        (tmp_path / "in" / "a.png").read_bytes()
    )
    Path(os.fsdecode(os.fsencode(tmp_path / "in") + b"/\xe9.png")).write_bytes(b"")
    line = ["predict", str(toy_run), str(tmp_path / "in"), "--out", str(tmp_path / "out")]
    assert CliRunner().invoke(main, line).exit_code == 0
    said = json.loads((tmp_path / "out" / "predictions.json").read_text())
    assert [Path(image["file"]).name for image in said["images"]] == ["a.png", "caf\\udce9.png"]
    assert (tmp_path / "out" / said["images"][1]["mask"]).exists()
    assert [Path(bad["file"]).name for bad in said["bad_files"]] == ["\\udce9.png"]
