"""Laws of opening a corpus: folders, CSVs and manifests; nothing outside the root, nothing lost without a word."""

import csv
import gzip
import os
import pickle
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from artasyn.data_manifests.corpora.corpus import Corpus, open_corpus
from artasyn.data_manifests.corpora.label_rules import ByClass, ByFindings, ByWords, agree
from artasyn.data_manifests.corpora.splits import holdout, patient_hash
from artasyn.data_manifests.corpora.templates import fields_of, fill
from artasyn.data_manifests.corpora.vocabulary import names_a_person
from artasyn.data_manifests.errors import ConfigError, CorpusError, ImageError
from artasyn.data_manifests.images.run_lengths import decode_runs, merge_runs, runs_of_coco


def put(root: Path, *paths: str, value: int = 80) -> None:
    """Save small images below `root`."""
    for path in paths:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        picture = Image.new("L", (20, 20), value)
        picture.putpixel((9, 9), 200)
        picture.save(root / path)


def table(path: Path, *lines: str) -> Path:
    path.write_text("\n".join(lines) + "\n")
    return path


def labels(corpus: Corpus) -> dict[str, str]:
    return {entry.image_id: entry.label for entry in corpus.radiographs}


def reasons(corpus: Corpus) -> dict[str, str]:
    return {entry.image_id: entry.reason for entry in corpus.skipped}


def test_a_plain_folder_is_unlabelled_and_sorted(tmp_path: Path) -> None:
    put(tmp_path, "b.png", "a.jpg", "deep/c.tif", ".hidden.png", "__MACOSX/d.png")
    (tmp_path / "notes.txt").write_text("no image")
    corpus = open_corpus(str(tmp_path))
    assert labels(corpus) == {"a.jpg": "unlabelled", "b.png": "unlabelled", "deep/c.tif": "unlabelled"}
    assert list(labels(corpus)) == sorted(labels(corpus))


def test_class_folders_beside_normal_are_abnormal_and_splits_and_masks_are_seen(tmp_path: Path) -> None:
    put(
        tmp_path,
        "train/NORMAL/a.png",
        "test/NORMAL/b.png",
        "test/covid/c.png",
        "masks/c.png",
        "lung_masks/c.png",
    )
    corpus = open_corpus(str(tmp_path))
    assert labels(corpus) == {
        "test/NORMAL/b.png": "normal",
        "test/covid/c.png": "abnormal",
        "train/NORMAL/a.png": "normal",
    }
    assert [entry.split for entry in corpus.radiographs] == ["test", "test", "train"]
    covid = corpus.radiographs[1]
    assert (covid.mask, covid.lung_mask) == (tmp_path / "masks/c.png", tmp_path / "lung_masks/c.png")
    assert covid.attributes == {"class": "covid"}


def test_a_csv_is_understood_by_its_column_names(tmp_path: Path) -> None:
    put(tmp_path, "a.png", "b.png", "c.png", "m/b.png")
    path = table(
        tmp_path / "list.csv",
        "File,Label,Split,Patient_ID,mask,age",
        "a.png,Normal,training,7,,61",
        "b.png,pneumonia,valid,8,m/b.png,",
        "c.png,unknown,test,8,,9",
    )
    corpus = open_corpus(str(path))
    assert labels(corpus) == {"a.png": "normal", "b.png": "abnormal", "c.png": "unlabelled"}
    a, b, c = corpus.radiographs
    assert [a.split, b.split, c.split] == ["train", "val", "test"]
    assert b.patient == c.patient != a.patient
    assert "7" not in (a.patient, b.patient)
    assert b.mask == tmp_path / "m/b.png"
    assert a.attributes == {"Label": "Normal", "age": "61"}


def test_splits_and_columns_are_understood_however_they_are_written(tmp_path: Path) -> None:
    put(tmp_path, "a.png", "b.png")
    path = table(
        tmp_path / "list.csv",
        "Image Index,Class,Split,Patient ID,PatientName,MRN,Birth Date,Patient Age,birth_weight",
        "a.png,0.0,Train,7,Doe^Jane,M1,1950-01-02,61,3.1",
        "b.png,1.0,Test,7,Doe^Jane,M1,1950-01-02,61,3.1",
    )
    a, b = open_corpus(str(path)).radiographs
    assert (a.label, b.label, a.split, b.split) == ("normal", "abnormal", "train", "test")
    assert a.patient == b.patient != ""
    assert a.attributes == {
        "Class": "0.0",
        "Patient Age": "61",
        "birth_weight": "3.1",
    }  # nothing names the person


def test_a_folder_says_normal_wherever_it_stands_and_0_is_no_class(tmp_path: Path) -> None:
    put(tmp_path / "deep", "a/normal/x.png", "normal/y.png", "covid/z.png")
    assert labels(open_corpus(str(tmp_path / "deep"))) == {
        "a/normal/x.png": "normal",
        "covid/z.png": "abnormal",
        "normal/y.png": "normal",
    }
    put(tmp_path / "shards", "0/x.png", "1/y.png")
    assert set(labels(open_corpus(str(tmp_path / "shards"))).values()) == {"normal", "abnormal"}
    put(tmp_path / "shards", "2/z.png")
    assert set(labels(open_corpus(str(tmp_path / "shards"))).values()) == {"unlabelled"}


@pytest.mark.parametrize(
    ("column", "person"),
    [
        *(
            (name, True)
            for name in ("Patient's Name", "Patient First Name", "patient_last_name", "PatientMRN")
        ),
        *((name, True) for name in ("Name of patient", "patient_identifier", "record_number", "NHS Number")),
        *((name, True) for name in ("Subject ID", "birth date", "E-Mail", "Patient IDs", "name")),
        *(
            (name, False)
            for name in ("Patient Age", "patient_sex", "file_name", "class_name", "birth weight")
        ),
        *((name, False) for name in ("hospital", "view", "Follow-up #", "kernel", "reading")),
    ],
)
def test_columns_that_tell_who_somebody_is(column: str, person: bool) -> None:
    assert names_a_person(column) == person


def masks(corpus: Corpus) -> dict[str, str]:
    return {
        entry.image_id: entry.mask.relative_to(corpus.root).as_posix() if entry.mask else ""
        for entry in corpus.radiographs
    }


def test_masks_of_a_folder_are_found_by_path_then_by_name(tmp_path: Path) -> None:
    put(tmp_path, "normal/1.png", "covid/1.png", "covid/2.png", "flu/1.jpg", "flu/3.png")
    put(tmp_path, "Masks/covid/1.png", "Masks/flu/1.png", "Masks/2.png", "flu/mask/3.png")
    assert masks(open_corpus(str(tmp_path))) == {
        "covid/1.png": "Masks/covid/1.png",
        "covid/2.png": "Masks/2.png",
        "flu/1.jpg": "Masks/flu/1.png",
        "flu/3.png": "flu/mask/3.png",
        "normal/1.png": "",
    }


def test_a_mask_that_two_images_could_mean_is_refused(tmp_path: Path) -> None:
    put(tmp_path, "normal/1.png", "covid/1.png", "masks/1.png")
    assert masks(open_corpus(str(tmp_path))) == {"covid/1.png": "masks/1.png", "normal/1.png": ""}
    put(tmp_path, "flu/1.png")
    with pytest.raises(
        CorpusError, match=r"masks/1.png: could be the mask of covid/1.png or .*masks/covid/1"
    ):
        open_corpus(str(tmp_path))
    (tmp_path / "masks" / "covid").mkdir()
    (tmp_path / "masks" / "1.png").rename(tmp_path / "masks" / "covid" / "1.png")
    found = {"covid/1.png": "masks/covid/1.png", "flu/1.png": "", "normal/1.png": ""}
    assert masks(open_corpus(str(tmp_path))) == found  # as the remedy says


def test_lungs_drawn_for_one_image_are_never_given_to_another(tmp_path: Path) -> None:
    put(tmp_path, "normal/1.png", "covid/1.png", "lung_masks/normal/1.png")
    covid, normal = open_corpus(str(tmp_path)).radiographs
    assert (covid.lung_mask, normal.lung_mask) == (None, tmp_path / "lung_masks/normal/1.png")
    (tmp_path / "lung_masks" / "normal" / "1.png").rename(tmp_path / "lung_masks" / "1.png")
    with pytest.raises(CorpusError, match="could be the mask of"):
        open_corpus(str(tmp_path))


def test_a_csv_without_a_label_column_reads_the_folders(tmp_path: Path) -> None:
    put(tmp_path, "normal/a.png", "diseased/b.png", "c.png")
    path = table(tmp_path / "list.csv", "path", "normal/a.png", "diseased/b.png", "c.png")
    assert labels(open_corpus(str(path))) == {
        "c.png": "unlabelled",
        "diseased/b.png": "abnormal",
        "normal/a.png": "normal",
    }


def test_a_gzipped_csv_with_a_byte_order_mark_and_a_root_elsewhere_is_read(tmp_path: Path) -> None:
    put(tmp_path / "images", "a.png")
    with gzip.open(tmp_path / "list.csv.gz", "wt", encoding="utf-8-sig") as file:
        csv.writer(file).writerows([["image", "class"], ["a.png", "normal"]])
    assert labels(open_corpus(str(tmp_path / "list.csv.gz"), tmp_path / "images")) == {"a.png": "normal"}


def test_rows_that_cannot_be_used_are_listed_and_the_rest_is_read(tmp_path: Path) -> None:
    put(tmp_path / "in", "a.png", "b.png", "c.png")
    put(tmp_path, "secret.png")
    path = table(
        tmp_path / "in" / "list.csv",
        "image,label,mask",
        "a.png,normal,",
        "a.png,normal,",
        "gone.png,normal,",
        "../secret.png,normal,",
        f"{tmp_path}/secret.png,normal,",
        "x/../../secret.png,normal,",
        ",normal,",
        "b.png,abnormal,gone_mask.png",
        "c.png,abnormal,../secret.png",
    )
    corpus = open_corpus(str(path))
    assert labels(corpus) == {"a.png": "normal"}
    assert reasons(corpus) == {
        "(no path)": "no_path",
        "../secret.png": "outside_root",
        f"{tmp_path}/secret.png": "outside_root",
        "a.png#2": "duplicate",
        "b.png": "missing_mask",
        "c.png": "outside_root",
        "gone.png": "missing",
        "x/../../secret.png": "outside_root",
    }


def test_a_name_that_is_no_text_is_listed_and_the_rest_is_read(tmp_path: Path) -> None:
    put(tmp_path, "a.png")
    try:
        os.link(tmp_path / "a.png", os.fsencode(tmp_path) + b"/R\xf6.png")
    except OSError:
        pytest.skip("this file system takes UTF-8 names only")
    corpus = open_corpus(str(tmp_path))
    assert labels(corpus) == {"a.png": "unlabelled"}
    assert reasons(corpus) == {"R\\udcf6.png": "bad_name"}


def test_absolute_paths_inside_the_root_are_taken(tmp_path: Path) -> None:
    put(tmp_path, "a.png")
    path = table(tmp_path / "list.csv", "image,label", f"{tmp_path.resolve()}/a.png,normal")
    assert labels(open_corpus(str(path))) == {"a.png": "normal"}


def test_odd_column_names_and_short_rows_do_no_harm(tmp_path: Path) -> None:
    put(tmp_path, "a.png", "b.png")
    path = table(tmp_path / "list.csv", "image,label,{x},a:b,age%,", "a.png,normal,1,2,3,4", "b.png")
    corpus = open_corpus(str(path))
    assert labels(corpus) == {"a.png": "normal", "b.png": "unlabelled"}
    assert corpus.radiographs[0].attributes == {"label": "normal", "age%": "3"}


MANIFEST = """
name = "mine"
licence = "CC0"
[expected]
images = 2
[[sources]]
table = "list.csv"
image = "pictures/{id:.2}/{id}.png"
by_class = { column = "what", normal = ["ok"] }
keep = { view = ["PA"] }
lung_mask = "?lungs/{id}.png"
boxes = { table = "boxes.csv", key = "{id}", columns = ["l", "t", "r", "b"], corners = true, finding = "{f}" }
"""


def mine(tmp_path: Path) -> Path:
    put(tmp_path, "pictures/aa/aa1.png", "pictures/bb/bb1.png", "lungs/aa1.png")
    table(tmp_path / "list.csv", "id,what,view", "aa1,ok,PA", "bb1,ill,PA", "cc1,ok,LL")
    table(tmp_path / "boxes.csv", "id,l,t,r,b,f", "bb1,1,2,4,8,dark", "bb1,5,5,6,6,", "aa1,,,,,")
    return table(tmp_path / "mine.toml", MANIFEST)


def test_a_manifest_declares_paths_labels_scope_masks_and_boxes(tmp_path: Path) -> None:
    corpus = open_corpus(str(mine(tmp_path)))
    a, b = corpus.radiographs
    assert (a.image_id, a.label, b.label) == ("pictures/aa/aa1.png", "normal", "abnormal")
    assert (a.lung_mask, b.lung_mask) == (tmp_path / "lungs/aa1.png", None)
    assert b.boxes == ((1, 2, 3, 6, "dark"), (5, 5, 1, 1, ""))
    assert corpus.out_of_scope == {"view = 'LL'": 1}
    assert corpus.describe() == {"name": "mine", "licence": "CC0"}


def test_the_same_files_give_the_same_ids_whatever_folder_is_the_root(tmp_path: Path) -> None:
    root = tmp_path / "a" / "b"
    root.mkdir(parents=True)
    path = mine(root)
    assert labels(open_corpus(str(path), tmp_path)) == labels(open_corpus(str(path)))


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ('colour = "red"', "unknown key `colour`"),
        ('label = "healthy"', "exactly one of label"),
        ("files = '('", "either `files` or `table`"),
    ],
)
def test_a_manifest_that_cannot_be_understood_is_refused_by_key(
    tmp_path: Path, line: str, words: str
) -> None:
    path = mine(tmp_path)
    path.write_text(MANIFEST.replace("by_class", f"{line}\nby_class"))
    with pytest.raises(ConfigError, match=words):
        open_corpus(str(path))


def test_a_missing_column_is_named_with_those_that_are_there(tmp_path: Path) -> None:
    path = mine(tmp_path)
    table(tmp_path / "list.csv", "id,what", "aa1,ok")
    with pytest.raises(CorpusError, match=r"no column `view`.*id, what") as caught:
        open_corpus(str(path))
    assert caught.value.kind == "missing_column"


@pytest.mark.parametrize(
    ("spec", "kind"),
    [("nosuch", "unknown"), ("no/such.csv", "missing"), ("chexpert", "missing_root"), ("no.toml", "missing")],
)
def test_an_unknown_corpus_is_refused_with_what_is_known(spec: str, kind: str) -> None:
    with pytest.raises(CorpusError) as caught:
        open_corpus(spec)
    assert caught.value.kind == kind
    assert caught.value.remedy


def test_an_empty_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match="no radiograph found"):
        open_corpus(str(tmp_path))
    with pytest.raises(CorpusError, match="is not a folder"):
        open_corpus("montgomery", tmp_path / "no")


def test_a_corrupt_table_is_named(tmp_path: Path) -> None:
    (tmp_path / "list.csv.gz").write_bytes(b"\x1f\x8b no gzip")
    with pytest.raises(CorpusError, match=r"list\.csv\.gz"):
        open_corpus(str(tmp_path / "list.csv.gz"))
    (tmp_path / "list.csv").write_bytes(b"image,label\n\xff\x81\xfa,normal\n")
    with pytest.raises(CorpusError, match="cannot be read"):
        open_corpus(str(tmp_path / "list.csv"))


def test_linked_folders_are_followed_once(tmp_path: Path) -> None:
    put(tmp_path / "elsewhere", "a.png")
    (tmp_path / "root").mkdir()
    (tmp_path / "root" / "link").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "elsewhere" / "loop").symlink_to(tmp_path / "elsewhere")
    assert list(labels(open_corpus(str(tmp_path / "root")))) == ["link/a.png"]
    put(tmp_path / "root", "2024/b.png")
    (tmp_path / "root" / "1999").symlink_to(tmp_path / "root" / "2024")
    (tmp_path / "root" / "self").symlink_to(tmp_path / "root")
    assert list(labels(open_corpus(str(tmp_path / "root")))) == ["2024/b.png", "link/a.png"]
    path = table(tmp_path / "root" / "list.csv", "image,label", "1999/b.png,normal")
    assert labels(open_corpus(str(path))) == {"1999/b.png": "normal"}  # who names the link means it


@pytest.mark.parametrize("folder", ["My Films", "Röntgen_2024", "..."])
def test_a_folder_of_any_name_is_a_corpus_with_a_table_or_without(tmp_path: Path, folder: str) -> None:
    put(tmp_path / folder, "a.png")
    path = table(tmp_path / folder / "index.csv", "image,label", "a.png,normal")
    assert labels(open_corpus(str(path))) == {"a.png": "normal"}
    assert labels(open_corpus(str(tmp_path / folder))) == {"a.png": "unlabelled"}


def test_the_reader_reads_as_the_corpus_does_and_is_small(tmp_path: Path) -> None:
    put(tmp_path, *(f"normal/{i:03}.png" for i in range(50)))
    corpus = open_corpus(str(tmp_path))
    reader = pickle.loads(pickle.dumps(corpus.reader()))
    first = corpus.radiographs[0]
    assert np.array_equal(reader.read_image(first), corpus.read_image(first))
    assert reader.describe() == corpus.describe()
    assert corpus.read_mask(first) is corpus.read_lungs(first) is None
    assert len(pickle.dumps(reader)) < len(pickle.dumps(corpus)) / 2


def test_findings_follow_the_published_preprocessing() -> None:
    rule = ByFindings(columns=("a", "b"))
    cases = {
        ("", ""): "normal",
        ("0.0", ""): "normal",
        ("-1.0", "0.0"): "unlabelled",
        ("-1", "1"): "abnormal",
    }
    assert {case: rule({"a": case[0], "b": case[1]}) for case in cases} == cases


def test_words_and_classes() -> None:
    words = ByWords(column="w", separator=",", normal=("normal",), neutral=("tube",), doubtful=("exclude",))
    cases = {
        "['normal']": "normal",
        "['Normal', 'tube']": "normal",
        "['normal', 'mass']": "abnormal",
        "['normal', 'exclude']": "unlabelled",
        "[]": "unlabelled",
    }
    assert {case: words({"w": case}) for case in cases} == cases
    classes = ByClass(column="c", normal=("ok",), abnormal=("ill",))
    assert [classes({"c": case}) for case in ("OK", "ill", "odd", "")] == [
        "normal",
        "abnormal",
        "unlabelled",
        "unlabelled",
    ]
    assert agree(["normal", "abnormal"]) == "unlabelled"
    assert agree(["normal", "normal"]) == "normal"


def test_templates_take_leading_characters_and_know_their_columns() -> None:
    assert fill("p{id:.2}/{id}_{Path/View}.jpg", {"id": "1234", "Path/View": "AP"}) == "p12/1234_AP.jpg"
    assert fields_of("p{id:.2}/{a b}") == {"id", "a b"}
    assert fill("100%", {}) == "100%"


def test_runs_go_down_the_columns_from_the_end_of_the_run_before() -> None:
    mask = decode_runs("1 2 3 1", (3, 4))
    assert [tuple(place) for place in np.argwhere(mask)] == [(0, 2), (1, 0), (2, 0)]
    assert not merge_runs((), (3, 4)).any()
    for text in ("1", "1 x", "-1 2", "5 99"):
        with pytest.raises(ImageError, match="mask"):
            decode_runs(text, (3, 4))


def coco(numbers: list[int]) -> str:
    """Pack run lengths as the COCO API does: an encoder written from its description, as an oracle."""
    out = ""
    for place, number in enumerate(numbers):
        value = number - (numbers[place - 2] if place > 2 else 0)
        while True:
            bits = value & 31
            value >>= 5
            more = value != (-1 if bits & 16 else 0)
            out += chr(bits + (32 if more else 0) + 48)
            if not more:
                break
    return out


@pytest.mark.parametrize("numbers", [[0, 3], [5, 40, 900, 2, 1, 70000], [7, 1, 2, 3, 4], []])
def test_coco_counts_unpack_to_pairs(numbers: list[int]) -> None:
    assert runs_of_coco(coco(numbers)) == " ".join(map(str, numbers[: len(numbers) // 2 * 2]))


def test_holdout_keeps_patients_together_and_its_share() -> None:
    chosen = [holdout(f"patient{i}", share=0.1, salt="0") for i in range(20_000)]
    assert abs(np.mean(chosen) - 0.1) < 0.01
    assert chosen == [holdout(f"patient{i}", share=0.1, salt="0") for i in range(20_000)]
    assert chosen != [holdout(f"patient{i}", share=0.1, salt="1") for i in range(20_000)]
    assert not holdout("x", share=0.0, salt="")
    assert holdout("x", share=1.0, salt="")


def test_patient_hashes_differ_by_corpus_and_hide_the_id() -> None:
    assert patient_hash("12", salt="a") != patient_hash("12", salt="b")
    assert len(patient_hash("12", salt="a")) == 16
    assert patient_hash("", salt="a") == ""


@pytest.mark.films
@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("covid_qu_ex", {("train", "normal"): 650, ("val", "normal"): 120, ("val", "abnormal"): 320}),
        ("kermany_hires", {("train", "normal"): 24, ("train", "abnormal"): 12}),
        ("nih_chestxray14", {("", "normal"): 6, ("", "abnormal"): 22}),
        ("rsna_normal_224", {("train", "normal"): 1500}),
        ("zhanglab_224", {("train", "normal"): 1207, ("val", "normal"): 134, ("val", "abnormal"): 200}),
    ],
)
def test_the_development_data_opens_by_its_index(films: Path, name: str, wanted: dict[str, int]) -> None:
    corpus = open_corpus(str(films / name / "index.csv"))
    assert Counter((entry.split, entry.label) for entry in corpus.radiographs) == wanted
    assert not corpus.skipped
    assert corpus.read_image(corpus.radiographs[0]).std() > 5


@pytest.mark.films
def test_only_covid_images_have_infection_masks_and_all_have_lungs(films: Path) -> None:
    corpus = open_corpus(str(films / "covid_qu_ex" / "index.csv"))
    masked = [entry for entry in corpus.radiographs if entry.mask]
    assert {entry.attributes["cls"] for entry in masked} == {"COVID-19"}
    assert len(masked) == 220
    assert all(entry.lung_mask for entry in corpus.radiographs)
    mask, lungs = corpus.read_mask(masked[0]), corpus.read_lungs(masked[0])
    assert mask is not None
    assert lungs is not None
    assert 0 < mask.sum() < lungs.sum()
