"""Laws of what a version holds: channels keep the contract, every slot has its row, every gap a reason."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import zarr
from PIL import Image

from artasyn.synth.build.plan import make_plan
from artasyn.synth.build.selection import Selection
from artasyn.synth.config import load_config
from artasyn.synth.opacities import OpacityRecord, render_opacity
from artasyn.synth.sources.source import open_source
from tests.synth.build.builds import SIZE, built, plan_of, write_radiographs


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
    write_radiographs(tmp_path / "radiographs")
    version = built(plan_of(str(tmp_path / "radiographs")), tmp_path / "store")
    assert {str(s) for s in version.table["status"][:6]} == {"rejected"}  # blank.png and broken.png
    samples = zarr.open_group(tmp_path / "store" / version.id, mode="r")["samples"]
    for row in range(len(version)):
        np.testing.assert_array_equal(version.read(row), samples[row])
        assert version.read(row).any() == (version.table["status"][row] == "ok")


def test_equal_images_are_held_out_together_or_not_at_all(tmp_path: Path) -> None:
    write_radiographs(tmp_path / "radiographs")
    for k in range(30):
        shutil.copy(
            tmp_path / "radiographs" / "phantom_000000.png", tmp_path / "radiographs" / f"copy_{k}.png"
        )
    version = built(plan_of(str(tmp_path / "radiographs")), tmp_path / "store")
    copies = [str(name).startswith("copy") for name in version.table["image_id"]]
    assert len(set(version.table["split"][copies].tolist())) == 1


def test_no_patient_is_on_both_sides_of_the_hold_out(tmp_path: Path) -> None:
    radiographs = tmp_path / "radiographs"
    radiographs.mkdir()
    source = open_source("phantom:9")
    for number, radiograph in enumerate(source.radiographs[:9]):
        Image.fromarray(source.read_image(radiograph)).save(radiographs / f"{number}.png")
    rows = [f"{number}.png,normal,p{number % 3}" for number in range(9)]
    (radiographs / "index.csv").write_text("\n".join(["image,label,patient", *rows]))
    config = replace(load_config("default"), holdout=0.5)
    table = built(plan_of(radiographs / "index.csv", seed=5, config=config), tmp_path / "store").table
    sides = {patient: set(table["split"][table["patient"] == patient]) for patient in set(table["patient"])}
    assert len(sides) == 3
    assert sorted(map(len, sides.values())) == [1, 1, 1]
    assert set.union(*sides.values()) == {"train", "val"}
