"""Laws of odd pictures: squeezed, negative or without lungs, they are counted in words and never pass in silence."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from artasyn.data_manifests.corpora.by_hand import ByHand
from artasyn.data_manifests.corpora.radiograph import Box, Radiograph
from artasyn.data_manifests.images.geometry import LARGEST_ASPECT, Squaring
from artasyn.data_manifests.store.blobs import FolderBlobs
from artasyn.data_manifests.store.contract import Kind
from artasyn.data_manifests.store.version import Version, open_version
from artasyn.synth.build.odd_masks import box_notes, fills_lungs, mask_notes
from artasyn.synth.build.odd_pictures import lung_notes, shape_notes
from artasyn.synth.build.plan import make_plan
from artasyn.synth.build.program_digest import MAKERS
from artasyn.synth.build.selection import Selection
from artasyn.synth.build.shards import build_shards
from artasyn.synth.config import load_config
from artasyn.synth.lungs import LungConfig, look_for_lungs
from artasyn.synth.sources.source import open_source
from artasyn.synth.versions.summary import summary_table

NOTHING_BY_HAND = ByHand()
ROOT = Path(__file__).parents[3]


def chest(number: int = 0) -> np.ndarray:
    source = open_source("phantom:4")
    return source.read_image(source.radiographs[number])


def version_of(
    radiographs: Path, store: Path, *, kind: Kind, squaring: str = "squeeze", hand: ByHand = NOTHING_BY_HAND
) -> Version:
    config = replace(load_config("default"), size=64, squaring=squaring)
    plan = make_plan(Selection(corpus=str(radiographs), hand=hand), kind=kind, config=config, seed=0)
    draft = plan.draft(FolderBlobs(str(store)))
    for _ in build_shards(plan, draft):
        pass
    draft.commit({"kind": kind})
    return open_version(f"{store}@{plan.version_id}")


@pytest.fixture
def radiographs(tmp_path: Path) -> Path:
    (tmp_path / "radiographs").mkdir()
    long = Image.fromarray(chest(1)).resize((256, 400))
    noise = np.random.default_rng(0).integers(0, 256, (256, 256), dtype=np.uint8)
    for name, picture in (
        ("good", Image.fromarray(chest())),
        ("long", long),
        ("inverted", Image.fromarray(255 - chest(2))),
        ("noise", Image.fromarray(noise)),
    ):
        picture.save(tmp_path / "radiographs" / f"{name}.png")
    return tmp_path / "radiographs"


def reasons(version: Version) -> dict[str, str]:
    table = version.table
    return {str(name): str(reason) for name, reason in zip(table["image_id"], table["reason"], strict=True)}


def test_an_evaluation_version_says_what_is_odd_and_counts_it(radiographs: Path, tmp_path: Path) -> None:
    version = version_of(radiographs, tmp_path / "store", kind="evaluation")
    said = reasons(version)
    assert said["good.png"] == ""
    assert said["long.png"] == "squeezed: sides of 1.56 to 1, squeezed to a square"
    assert said["inverted.png"].startswith("negative: lungs show in the negative alone")
    assert said["noise.png"].partition(":")[0] in ("no_lung", "one_lung", "uncertain", "implausible_shape")
    assert len(version.rows(status="ok")) == 4
    summary = summary_table(version)
    assert "noted 1 squeezed" in summary
    assert "noted 1 negative" in summary
    assert "samples  4, unlabelled 4" in summary


def test_a_synthetic_version_leaves_out_what_has_no_lungs_and_notes_what_was_squeezed(
    radiographs: Path, tmp_path: Path
) -> None:
    version = version_of(radiographs, tmp_path / "store", kind="synthetic")
    table = version.table
    used = {str(table["image_id"][row]) for row in version.rows(status="ok")}
    assert used == {"good.png", "long.png"}
    assert reasons(version)["inverted.png"].startswith("negative: lungs show in the negative alone")
    noted = {
        str(table["reason"][row]) for row in version.rows(status="ok") if table["image_id"][row] == "long.png"
    }
    assert noted == {"squeezed: sides of 1.56 to 1, squeezed to a square"}
    assert "noted 1 squeezed" in summary_table(version)


def test_padding_squeezes_nothing(radiographs: Path, tmp_path: Path) -> None:
    version = version_of(radiographs, tmp_path / "store", kind="evaluation", squaring="pad")
    assert "squeezed" not in summary_table(version)


@pytest.mark.parametrize(
    ("shape", "notes"), [((130, 100), 0), ((100, 130), 0), ((131, 100), 1), ((100, 131), 1)]
)
def test_the_limit_holds_for_either_side(shape: tuple[int, int], notes: int) -> None:
    assert LARGEST_ASPECT == 1.3
    assert len(shape_notes(Squaring(shape, 64, "squeeze"))) == notes
    assert not shape_notes(Squaring(shape, 64, "pad"))


def test_accepted_lungs_are_never_doubted() -> None:
    for number in range(4):
        found = look_for_lungs(chest(number), LungConfig())
        assert not lung_notes(found)


def test_what_makes_notes_and_bytes_is_in_the_digest_of_the_program() -> None:
    build = {
        f"synth/build/{name}.py" for name in ("study", "squares", "second_image", "odd_masks", "odd_pictures")
    }
    assert build <= set(MAKERS)
    assert all((ROOT / maker).exists() for maker in MAKERS)


def test_boxes_that_end_outside_their_image_are_told() -> None:
    inside, slipped, beyond = Box(0, 0, 100, 50), Box(60, 0, 41, 50), Box(60, 0, 400, 50)
    assert box_notes((inside, slipped), (50, 100)) == []
    [note] = box_notes((inside, beyond), (50, 100))
    assert note.startswith("boxes_beyond: 1 end outside the 100 x 50 pixels")


def test_boxes_without_area_or_before_the_border_are_told() -> None:
    assert box_notes((Box(5, 5, 0, 4),), (50, 100)) == ["boxes_empty: 1 have no area"]
    assert box_notes((Box(-9, 5, 20, 4),), (50, 100))[0].startswith("boxes_beyond: 1 ")


def test_a_mask_of_the_lungs_and_one_that_marks_its_border_are_told() -> None:
    lungs = look_for_lungs(chest(), LungConfig()).labels
    [note] = fills_lungs((lungs > 0).astype(np.uint8), lungs)
    assert note.startswith("mask_fills_lungs: Dice 1.00 with the lungs")
    half = np.where(np.arange(lungs.shape[0])[:, None] < lungs.shape[0] // 2, lungs, 0).astype(np.uint8)
    assert fills_lungs(half, lungs) == fills_lungs(np.zeros_like(lungs), lungs) == []
    sick = Radiograph(image_id="a", path=Path("a"), label="abnormal", attributes={})
    framed = np.pad(np.zeros((60, 60), bool), 2, constant_values=True)
    assert [note.partition(":")[0] for note in mask_notes(framed, sick)] == ["mask_marks_border"]
    framed[0, 5] = False
    assert mask_notes(framed, sick) == []
    [note] = mask_notes(framed, replace(sick, label="normal"))
    assert note.startswith("mask_in_normal: 12.1 % of a normal image")
    assert mask_notes(np.zeros_like(framed), replace(sick, label="normal")) == []


def test_masks_of_several_classes_are_told_until_somebody_says_which_are_disease(tmp_path: Path) -> None:
    image = chest()
    lungs = look_for_lungs(image, LungConfig()).labels
    lesion = np.zeros(lungs.shape, bool)
    lesion[100:130, 40:80] = True
    classes = np.where(lesion, 3, lungs).astype(np.uint8)
    for place, pixels in (("sick", image), ("masks/sick", classes)):
        (tmp_path / "in" / place).mkdir(parents=True)
        Image.fromarray(pixels).save(tmp_path / "in" / place / "a.png")
    told = version_of(tmp_path / "in", tmp_path / "store", kind="evaluation")
    assert "noted 1 mask_classes" in summary_table(told)
    reason = str(told.table["reason"][0])
    for value, part in ((1, lungs == 1), (2, lungs == 2), (3, lesion)):
        assert f"{value} ({100 * (part & (lesion == (value == 3))).mean():.1f} % of it)" in reason
    chosen = {
        value: version_of(
            tmp_path / "in", tmp_path / "store", kind="evaluation", hand=ByHand(mask_values=(value,))
        )
        for value in (3, 7)
    }
    assert len({told.id, *(version.id for version in chosen.values())}) == 3
    assert str(chosen[3].table["reason"][0]) == ""
    marked = chosen[3].read(0, channels=("mask",))[0]
    assert marked.mean() == pytest.approx(lesion.mean(), abs=0.002)
    assert "no pixel has the value 7" in str(chosen[7].table["reason"][0])


def test_a_version_without_any_label_says_what_it_is_good_for(tmp_path: Path) -> None:
    for name in ("mixed/a", "sets/normal/b"):
        (tmp_path / name).parent.mkdir(parents=True)
        Image.fromarray(chest(0)).save(tmp_path / f"{name}.png")
    said = [
        summary_table(version_of(tmp_path / folder, tmp_path / "store", kind="evaluation"))
        for folder in ("mixed", "sets")
    ]
    assert ["no image has a label: a run can be adapted" in text for text in said] == [True, False]


def test_of_many_copies_one_of_each_label_and_their_number_are_told(tmp_path: Path) -> None:
    for name in ("normal/a", "normal/b", "normal/c", "normal/d", "sick/e"):
        (tmp_path / "radiographs" / name).parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(chest(0)).save(tmp_path / "radiographs" / f"{name}.png")
    said = summary_table(version_of(tmp_path / "radiographs", tmp_path / "store", kind="evaluation"))
    shown = "normal/a.png (normal) = sick/e.png (abnormal) = normal/b.png (normal), and 2 more"
    assert said.splitlines()[-1].strip() == shown


def test_copies_are_counted_and_those_of_two_labels_named_first(tmp_path: Path) -> None:
    for name, number in (("normal/a", 0), ("normal/b", 1), ("normal/b2", 1), ("sick/c", 0), ("sick/d", 2)):
        (tmp_path / "radiographs" / name).parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(chest(number)).save(tmp_path / "radiographs" / f"{name}.png")
    said = summary_table(version_of(tmp_path / "radiographs", tmp_path / "store", kind="evaluation"))
    assert "equal  2 images with the pixels of another, 1 image of them under several labels" in said
    assert "normal/a.png (normal) = sick/c.png (abnormal)\n         normal/b.png" in said
    single = version_of(tmp_path / "radiographs/normal", tmp_path / "other", kind="synthetic")
    assert "1 image with the pixels of another" in summary_table(single)
    (tmp_path / "radiographs/normal/b2.png").unlink()
    alone = version_of(tmp_path / "radiographs/normal", tmp_path / "third", kind="evaluation")
    assert "equal" not in summary_table(alone)
