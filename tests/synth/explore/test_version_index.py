"""Laws of browsing a version: filters find what a plain loop finds, pictures are the stored channels."""

import io
import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from starlette.testclient import TestClient

from artasyn.data_manifests.store.version import Version, open_version
from artasyn.synth.explore.application import application
from artasyn.synth.explore.exploration import open_exploration
from artasyn.synth.explore.version_index import Filter, VersionIndex
from artasyn.synth.explore.version_pictures import LAYERS, VersionPictures
from tests.synth.explore.conftest import ADDRESS, EVIL, TOKEN


def rows_of(version: Version) -> list[dict[str, object]]:
    return [{name: values[row] for name, values in version.table.items()} for row in range(len(version))]


def densest(row: dict[str, object]) -> float:
    return max((kind["severity"] for kind in json.loads(str(row["record"])).get("kinds", [])), default=-1)


def test_filters_find_what_a_plain_loop_finds(version: Version) -> None:
    rows, index = rows_of(version), VersionIndex(version)
    expected = {
        Filter(status="ok"): lambda r: r["status"] == "ok",
        Filter(split="val"): lambda r: r["split"] == "val",
        Filter(text="CHEST_1"): lambda r: "chest_1" in str(r["image_id"]),
        Filter(kind="patchy"): lambda r: "patchy" in [k["name"] for k in json.loads(str(r["record"])).get("kinds", [])],
        Filter(faintest=0.6, densest=0.9): lambda r: 0.6 <= densest(r) <= 0.9,
        Filter(status="ok", text="t_2", faintest=0.7): lambda r: "t_2" in str(r["image_id"]) and densest(r) >= 0.7,
        Filter(reason="no_lung"): lambda r: str(r["reason"]).startswith("no_lung") and r["variant"] == 0,
        Filter(status="rejected"): lambda r: r["status"] == "rejected" and r["variant"] == 0,
    }  # fmt: skip
    for wanted, fits in expected.items():
        assert index.find(wanted).tolist() == [place for place, row in enumerate(rows) if fits(row)], wanted
    assert len(index.find(Filter(status="rejected"))) == 2


def test_every_count_is_what_its_filter_finds(version: Version) -> None:
    index = VersionIndex(version)
    counts = index.counts()
    assert {"ok", "rejected"} <= set(counts["status"])
    for name, values in counts.items():
        for value, number in values.items():
            assert len(index.find(Filter(**{name: value}))) == number, (name, value)


def test_a_study_shows_its_variants_and_its_record(version: Version) -> None:
    row = int(version.rows(status="ok")[3])
    detail = VersionIndex(version).detail(row)
    assert [v["variant"] for v in detail["variants"]] == list(range(version.shape.slots))
    assert {v["image_id"] for v in detail["variants"]} == {detail["image_id"]}
    assert json.loads(detail["record"]) == json.loads(str(version.table["record"][row]))
    json.dumps(detail, allow_nan=False)


def test_pictures_are_the_stored_channels(version: Version) -> None:
    pictures, row = VersionPictures(version), int(version.rows(status="ok")[0])
    for name in ("image", "altered"):
        (stored,) = version.read(row, channels=(name,))
        np.testing.assert_array_equal(np.array(Image.open(io.BytesIO(pictures.channel(row, name)))), stored)
    for name in LAYERS:
        assert Image.open(io.BytesIO(pictures.channel(row, name))).size == (64, 64)


def test_what_was_left_out_is_shown_where_it_can_be_read(version: Version, folder: Path) -> None:
    (row,) = VersionIndex(version).find(Filter(reason="no_lung"))
    shown = np.array(Image.open(io.BytesIO(VersionPictures(version).source(int(row)))))
    np.testing.assert_array_equal(shown, np.array(Image.open(folder / EVIL)))


def test_where_it_cannot_be_read_a_sentence_says_so(stores: Path, folder: Path, tmp_path: Path) -> None:
    moved = tmp_path / "moved"
    shutil.copytree(folder, moved)
    (moved / EVIL).unlink()
    shown = open_exploration(f"{stores}@made", root=moved)
    client = TestClient(application(shown, token=TOKEN), base_url=ADDRESS)
    client.get(f"/?token={TOKEN}")
    index = VersionIndex(open_version(f"{stores}@made"))
    for reason, said in (("no_lung", "--root"), ("not_an_image", "not an image")):
        (row,) = index.find(Filter(reason=reason))
        answer = client.get(f"/picture/{row}/source")
        assert answer.status_code == 400
        assert said in answer.json()["error"]


def test_an_evaluation_version_has_masks_and_no_severity(stores: Path) -> None:
    version = open_version(f"{stores}@real")
    index = VersionIndex(version)
    assert not index.counts()["kind"]
    (row, *_) = index.find(Filter(label="abnormal"))
    assert "mask" in index.line(int(row))["layers"]
    assert not len(index.find(Filter(faintest=0.1)))


@pytest.mark.parametrize("tag", ["made", "real"])
def test_opacities_can_be_drawn_on_the_images_of_a_version(stores: Path, tag: str) -> None:
    shown = open_exploration(f"{stores}@{tag}")
    version = open_version(f"{stores}@{tag}")
    names = {str(name) for name in version.table["image_id"][version.rows(status="ok")]}
    assert set(shown.subjects.names) == names
    for place, name in enumerate(shown.subjects.names):
        row = int(version.rows(status="ok", image_id=name)[0])
        np.testing.assert_array_equal(
            shown.subjects.read(place).image, version.read(row, channels=("image",))[0]
        )


def test_only_layers_that_are_stored_are_offered(version: Version, stores: Path) -> None:
    assert VersionIndex(version).layers() == ["lungs", "mask", "outline"]
    real = VersionIndex(open_version(f"{stores}@real"))
    assert "outline" not in real.layers()
    assert {"mask", "reference_lungs"} <= set(real.layers())
    (row, *_) = VersionIndex(version).find(Filter(status="rejected"))
    assert not VersionIndex(version).line(int(row))["layers"]
