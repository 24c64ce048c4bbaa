"""Laws of what is left out: bad images by name and reason, the build goes on, nothing else is lost."""

from dataclasses import replace
from pathlib import Path

import numpy as np
from click.testing import CliRunner
from PIL import Image

from artasyn.data_manifests.store.version import open_version
from artasyn.synth.build.plan import make_plan
from artasyn.synth.build.selection import Selection
from artasyn.synth.cli import main
from artasyn.synth.config import load_config
from tests.synth.build.builds import SIZE, build_command, built, plan_of, write_radiographs


def test_bad_images_are_left_out_by_name_and_the_build_goes_on(tmp_path: Path) -> None:
    write_radiographs(tmp_path / "radiographs")
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
    (tmp_path / "radiographs").mkdir()
    picture = Image.new("L", (SIZE, SIZE), 128)
    picture.putpixel((9, 9), 200)
    picture.save(tmp_path / "radiographs" / "blank.png")
    command = build_command(tmp_path)
    result = CliRunner().invoke(main, command)
    assert result.exit_code == 1
    assert "no_lung" in result.output


def test_negatives_are_left_out_of_a_build_by_name(tmp_path: Path) -> None:
    write_radiographs(tmp_path / "radiographs")
    for path in sorted((tmp_path / "radiographs").glob("phantom*.png")):
        Image.fromarray(255 - np.array(Image.open(path))).save(path.with_stem("x" + path.stem))
    version = built(plan_of(str(tmp_path / "radiographs")), tmp_path / "store")
    ids, reasons = map(list, (version.table["image_id"], version.table["reason"]))
    negatives = {
        str(i) for i, reason in zip(ids, reasons, strict=True) if str(reason).startswith("negative: ")
    }
    assert negatives == {f"xphantom_00000{k}.png" for k in range(3)}


def test_masks_of_other_proportions_and_rejected_images_keep_what_is_known(tmp_path: Path) -> None:
    write_radiographs(tmp_path / "radiographs" / "covid")
    (tmp_path / "radiographs" / "normal").mkdir()
    (tmp_path / "radiographs" / "masks").mkdir()
    Image.new("L", (100, 40), 255).save(tmp_path / "radiographs" / "masks" / "phantom_000000.png")
    config = replace(load_config("default"), size=SIZE)
    plan = make_plan(
        Selection(corpus=str(tmp_path / "radiographs")), kind="evaluation", config=config, seed=0
    )
    version = built(plan, tmp_path / "store")
    row = list(version.table["image_id"]).index("covid/phantom_000000.png")
    assert str(version.table["reason"][row]).startswith("bad_mask: ")
    broken = list(version.table["image_id"]).index("covid/broken.png")
    assert version.table["status"][broken] == "rejected"
    assert version.table["label"][broken] == version.table["label"][row]
