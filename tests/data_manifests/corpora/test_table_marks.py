"""Laws of marks in undeclared tables: run lengths and boxes are read as they are written, or it is said what to do."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from artasyn.data_manifests.corpora.corpus import Corpus, open_corpus
from artasyn.data_manifests.errors import CorpusError
from artasyn.data_manifests.images.run_lengths import decode_runs, encode_runs, runs_of_starts

MASK = np.zeros((20, 16), bool)
MASK[4:9, 2:5] = MASK[12:15, 9:12] = True


@pytest.fixture(autouse=True)
def images(tmp_path: Path) -> None:
    for name in ("a", "b", "c"):
        Image.effect_noise((16, 20), 40).save(tmp_path / f"{name}.png")


def table(root: Path, *lines: str) -> Corpus:
    (root / "list.csv").write_text("\n".join(lines) + "\n")
    return open_corpus(str(root / "list.csv"))


def starts(mask: np.ndarray) -> str:
    """Write a mask as first pixels, from 1, and lengths; by another way than the product's."""
    down = [0, *mask.T.ravel().astype(int), 0]
    first = [at for at in range(1, len(down)) if down[at] > down[at - 1]]
    behind = [at for at in range(1, len(down)) if down[at] < down[at - 1]]
    return " ".join(f"{begin} {end - begin}" for begin, end in zip(first, behind, strict=True))


@pytest.mark.parametrize("write", [encode_runs, starts])
def test_run_lengths_of_gaps_and_of_first_pixels(tmp_path: Path, write: object) -> None:
    corpus = table(tmp_path, "ImageId,EncodedPixels", "a,-1", f"b,{write(MASK)}", "c,")  # type: ignore[operator]
    found = {entry.image_id: corpus.read_mask(entry) for entry in corpus.radiographs}
    assert (found["b.png"] == MASK).all()
    assert not found["a.png"].any()  # type: ignore[union-attr]
    assert [entry.label for entry in corpus.radiographs] == ["unlabelled", "abnormal", "unlabelled"]


def test_run_lengths_of_several_rows_are_united(tmp_path: Path) -> None:
    upper, lower = MASK.copy(), MASK.copy()
    upper[10:], lower[:10] = False, False
    corpus = table(tmp_path, "ImageId,EncodedPixels", f"b,{encode_runs(upper)}", f"b,{encode_runs(lower)}")
    assert (corpus.read_mask(corpus.radiographs[0]) == MASK).all()
    assert not corpus.skipped


@pytest.mark.parametrize(
    ("head", "cell", "said"),
    [("image,rle", starts(MASK), "rows or the columns"), ("image,EncodedPixels", "70 4", "gaps from first")],
)
def test_run_lengths_that_could_be_two_things_stop_an_evaluation(
    tmp_path: Path, head: str, cell: str, said: str
) -> None:
    doubts = [
        doubt for doubt in table(tmp_path, head, f"a,{cell}").understood.doubts if doubt.kind != "no_label"
    ]
    assert [doubt.kind for doubt in doubts] == ["run_lengths"]
    assert said in doubts[0].reason


def test_first_pixels_become_gaps() -> None:
    assert runs_of_starts("1 3 10 2") == "0 3 6 2"
    assert (decode_runs(runs_of_starts(starts(MASK)), (20, 16)) == MASK).all()
    assert runs_of_starts("5 4 7 4") == "4 4 0 2"
    assert runs_of_starts("no runs") == "no runs"


@pytest.mark.parametrize(
    ("head", "box"),
    [
        *(
            ("x,y,width,height", "2,4,3,5"),
            ("x_min,y_min,x_max,y_max", "2,4,5,9"),
            ("x1,y1,x2,y2", "2,4,5,9"),
        ),
        *(('"Bbox [x",y,w,h]', "2,4,3,5"), ("bbox_x,bbox_y,bbox_width,bbox_height", "2.0,4.0,3.0,5.0")),
    ],
)
def test_boxes_of_four_columns(tmp_path: Path, head: str, box: str) -> None:
    lines = [f"a,nodule,{box}", "a,mass,1,1,4,4" if "max" in head or "x2" in head else "a,mass,1,1,3,3"]
    corpus = table(
        tmp_path, f"image,finding,{head}", *lines, "b,No finding,,,,", "c,No finding,nan,nan,nan,nan"
    )
    assert corpus.radiographs[0].boxes == ((2, 4, 3, 5, "nodule"), (1, 1, 3, 3, "mass"))
    assert [len(entry.boxes) for entry in corpus.radiographs] == [2, 0, 0]
    assert corpus.understood.boxes
    assert not corpus.skipped


def test_sizes_of_images_are_no_boxes_and_shares_are_not_read(tmp_path: Path) -> None:
    assert not table(tmp_path, "image,label,width,height", "a,normal,16,20").understood.boxes
    corpus = table(tmp_path, "image,label,x,y,width,height", "a,pneumonia,0.1,0.2,0.3,0.4")
    assert not corpus.radiographs[0].boxes
    assert any("shares" in note for note in corpus.understood.notes)


def test_readers_who_contradict_each_other_are_told(tmp_path: Path) -> None:
    corpus = table(tmp_path, "image,label,x,y,w,h", "a,normal,,,,", "a,mass,2,4,3,5", "b,normal,,,,")
    assert [(entry.image_id, entry.reason) for entry in corpus.skipped] == [("a.png", "contradiction")]


def test_masks_of_several_rows_are_united(tmp_path: Path) -> None:
    for name, mask in (("one", MASK), ("two", MASK[::-1])):
        (tmp_path / "masks").mkdir(exist_ok=True)
        Image.fromarray(mask).save(tmp_path / "masks" / f"{name}.png")
    corpus = table(tmp_path, "image,label,mask", "a,mass,masks/one.png", "a,mass,masks/two.png", "b,normal,")
    assert (corpus.read_mask(corpus.radiographs[0]) == (MASK | MASK[::-1])).all()
    assert (corpus.skipped, corpus.understood.unmatched) == ((), "1 image file not in the table: c.png")


def test_a_label_that_is_a_file_is_a_mask(tmp_path: Path) -> None:
    (tmp_path / "seg").mkdir()
    Image.fromarray(MASK).save(tmp_path / "seg" / "a.png")
    corpus = table(tmp_path, "image,label", "a.png,seg/a.png")
    assert (corpus.read_mask(corpus.radiographs[0]) == MASK).all()


@pytest.mark.parametrize(
    ("head", "cell"),
    [
        ("bbox", '"[[1, 2, 3, 4]]"'),
        ("bounding_box", '"[1, 2, 3, 4]"'),
        ("boxes_xyxy", '"[[1, 2, 4, 6]]"'),
        ("x0,y0,x1,y1", "1,2,4,6"),
        ("x,y,width,height", '"1,0","2,0","3,0","4,0"'),
    ],
)
def test_boxes_of_other_names_and_signs_are_the_same_box(tmp_path: Path, head: str, cell: str) -> None:
    corpus = table(tmp_path, f"image,label,{head}", f"a.png,mass,{cell}", "b.png,normal,")
    [box] = corpus.radiographs[0].boxes
    assert (box.x, box.y, box.width, box.height) == (1, 2, 3, 4)


def test_shares_in_a_list_are_not_read_as_pixels(tmp_path: Path) -> None:
    corpus = table(tmp_path, "image,label,boxes", 'a.png,mass,"[[0.1, 0.2, 0.3, 0.4]]"', "b.png,normal,")
    assert not any(entry.boxes for entry in corpus.radiographs)
    assert "are shares, not pixels" in " ".join(corpus.understood.notes)


@pytest.mark.parametrize("cell", ["[[1, 2, -3, 4]]", "[[NaN, 2, 3, 4]]", "(1, 2, 3, 4)", "[[1, 2, 3]]"])
def test_what_is_no_box_is_refused_with_how_to_write_one(tmp_path: Path, cell: str) -> None:
    with pytest.raises(CorpusError, match=r"list\.csv.*write \[\[x, y, width, height\]"):
        table(tmp_path, "image,label,boxes", f'a.png,mass,"{cell}"', "b.png,normal,")


def test_four_zeros_are_no_box(tmp_path: Path) -> None:
    head = "image,label,x,y,width,height"
    corpus = table(tmp_path, head, "a.png,mass,1,2,3,4", "b.png,normal,0,0,0,0")
    assert [len(entry.boxes) for entry in corpus.radiographs] == [1, 0]
