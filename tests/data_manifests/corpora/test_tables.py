"""Laws of undeclared tables: read rightly however they are written, or stopped with what to change."""

import errno
from collections import Counter
from pathlib import Path

import pytest
from PIL import Image

from artasyn.data_manifests.corpora import text_files
from artasyn.data_manifests.corpora.corpus import ByHand, Corpus, open_corpus
from artasyn.data_manifests.errors import CorpusError, MachineError

IMAGES = ("images/normal1.png", "images/normal2.png", "images/sick1.png", "images/sick2.png")
LABELS = ("normal", "normal", "pneumonia", "pneumonia")
HALF = {"normal": 2, "abnormal": 2}


@pytest.fixture(autouse=True)
def images(tmp_path: Path) -> None:
    (tmp_path / "images").mkdir()
    for path in IMAGES:
        Image.new("L", (20, 20), 80).save(tmp_path / path)


def rows(names: tuple[str, ...] = IMAGES, values: tuple[str, ...] = LABELS) -> list[list[str]]:
    return [list(row) for row in zip(names, values, strict=True)]


def put(
    root: Path,
    lines: list[list[str]],
    *,
    head: str = "image,label",
    name: str = "list.csv",
    sep: str = ",",
    eol: str = "\n",
    code: str = "utf-8",
) -> str:
    text = eol.join([head.replace(",", sep), *(sep.join(line) for line in lines), ""])
    (root / name).write_bytes(text.encode(code))
    return str(root / name)


def labels(corpus: Corpus) -> dict[str, int]:
    return dict(Counter(entry.label for entry in corpus.radiographs))


@pytest.mark.parametrize("code", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "latin-1"])
@pytest.mark.parametrize("sep", [",", ";", "\t"])
@pytest.mark.parametrize("eol", ["\n", "\r\n", "\r"])
def test_encodings_separators_and_line_ends(tmp_path: Path, code: str, sep: str, eol: str) -> None:
    lines, hand = [[*row, "Köln"] for row in rows()], ByHand(keep_columns=("Häuser",))
    corpus = open_corpus(
        put(tmp_path, lines, head="image,label,Häuser", sep=sep, eol=eol, code=code), None, hand
    )
    assert labels(corpus) == HALF
    assert corpus.radiographs[0].attributes["Häuser"] == "Köln"


@pytest.mark.parametrize(
    "head",
    [
        *("filename,finding", "path,Finding Labels", "image,diagnosis", "img,Target", "File Name,labels"),
        *("image,Diagnose", "Bild,Befund", '"the\nimage",label', "image,class_name", "# a tool\nimage,label"),
    ],
)
def test_names_of_columns(tmp_path: Path, head: str) -> None:
    assert labels(open_corpus(put(tmp_path, rows(), head=head))) == HALF


@pytest.mark.parametrize(
    ("normal", "sick"),
    [
        *(("0", "1"), ("0,0".replace(",", "."), "1.0"), ("False", "True"), ("no", "yes"), ("neg", "pos")),
        *(("control", "COVID-19"), ("clear", "malignant"), ("No Finding", "No Finding|Effusion")),
        *(("No Findings", "Infiltration;Nodule"), ("Negative for Pneumonia", "Typical Appearance")),
        *(("unremarkable", "Lung Opacity"), ("NORMAL", "Non-COVID"), ("unauffällig", "Lungenentzündung")),
        *(
            (" Normal ", "bacteria"),
            ("sano", "neumonía"),
            ("No_Finding", "Cardiomegaly"),
            ("['normal']", "TB"),
        ),
    ],
)
def test_values_of_labels(tmp_path: Path, normal: str, sick: str) -> None:
    lines = rows(values=(normal, normal, sick, sick))
    assert labels(open_corpus(put(tmp_path, lines))) == HALF


@pytest.mark.parametrize("column", ["normal", "healthy", "No Finding", "is_normal"])
@pytest.mark.parametrize(
    "said",
    [("1", "1", "0", "0"), ("Positive", "positive", "Negative", "Negative"), ("present", "1", "absent", "0")],
)
def test_a_column_called_normal_means_it_by_one(tmp_path: Path, column: str, said: tuple[str, ...]) -> None:
    corpus = open_corpus(put(tmp_path, rows(values=said), head=f"image,{column}"))
    assert labels(corpus) == HALF
    assert {entry.label for entry in corpus.radiographs[:2]} == {"normal"}


@pytest.mark.parametrize("value", ["none", "nan", "", "unknown", "todo", "N/A", "Normal?", "Edema (?)"])
def test_values_that_say_nothing_are_unlabelled(tmp_path: Path, value: str) -> None:
    corpus = open_corpus(put(tmp_path, rows(values=("normal", value, "Edema", "Edema"))))
    assert labels(corpus) == {"normal": 1, "unlabelled": 1, "abnormal": 2}


@pytest.mark.parametrize(
    "value",
    [
        *("no covid", "possible pneumonia", "2", "class a", "patient", "resolved pneumonia", "benign"),
        *("r/o pneumonia", "pneumonia absent", "COVID-19 (-)", "covid-", "Effusion: 0", "V.a. Pneumonie"),
        *("no effusion and edema", "neumonía descartada", "pleura unremarkable"),
    ],
)
def test_values_that_are_not_understood_are_named_and_never_normal(tmp_path: Path, value: str) -> None:
    path = put(tmp_path, rows(values=("normal", value, "Edema", "Edema")))
    corpus = open_corpus(path)
    assert labels(corpus)["normal"] == 1
    (doubt,) = corpus.understood.doubts
    assert (doubt.kind, value in doubt.reason, "--normal" in doubt.remedy) == ("label_values", True, True)
    by_hand = open_corpus(path, hand=ByHand(normal=("normal", value)))
    assert (labels(by_hand), by_hand.understood.doubts) == (HALF, ())


def test_columns_of_findings(tmp_path: Path) -> None:
    findings = "Edema,Pneumonia,Pleural Effusion,Support Devices"
    lines = [
        [IMAGES[0], "1", "0", "0", "0", "1"],
        [IMAGES[1], "", "-1", "", "", ""],
        [IMAGES[2], "0", "0", "1", "0", "0"],
        [IMAGES[3], "0", "0", "0", "0", "0"],
    ]
    corpus = open_corpus(put(tmp_path, lines, head=f"Path,No Finding,{findings}"))
    assert [entry.label for entry in corpus.radiographs] == ["normal", "unlabelled", "abnormal", "unlabelled"]
    assert "No Finding is 1" in corpus.understood.label


def test_a_column_called_normal_is_not_turned_round_by_a_value_that_says_nothing(tmp_path: Path) -> None:
    corpus = open_corpus(put(tmp_path, rows(values=("1", "1", "0", "unknown")), head="image,No Finding"))
    assert labels(corpus) == {"normal": 2, "abnormal": 1, "unlabelled": 1}


@pytest.mark.parametrize(
    ("head", "lines", "column"),
    [
        ("image,No Finding,Edema,Mass", ("1,0,0", "1,u2,0", "0,1,0", "0,0,1"), "Edema"),
        ("image,Edema,Mass,Nodule,Effusion,Foo", ("0,0,0,1,0", "0,0,0,0,1", "0,1,1,0,0", "1,0,0,0,0"), "Foo"),
    ],
)
def test_a_finding_that_is_not_read_makes_no_image_normal(
    tmp_path: Path, head: str, lines: tuple[str, ...], column: str
) -> None:
    path = put(tmp_path, rows(values=lines), head=head)
    (doubt,) = open_corpus(path).understood.doubts
    assert doubt.kind == "label_values"
    assert f"its column `{column}` may tell of a finding in 1 image" in doubt.reason
    assert not open_corpus(path, hand=ByHand(keep_columns=(column,))).understood.doubts


def test_findings_that_no_cell_mentions_make_nobody_normal(tmp_path: Path) -> None:
    values = ("nan,nan,nan,nan", ",,,", "0,0,0,0", "1,1,1,1")
    corpus = open_corpus(put(tmp_path, rows(values=values), head="image,Edema,Mass,Nodule,Effusion"))
    assert labels(corpus) == {"unlabelled": 2, "normal": 1, "abnormal": 1}


def test_one_column_of_one_finding_makes_nobody_normal(tmp_path: Path) -> None:
    corpus = open_corpus(put(tmp_path, rows(values=("0", "0", "1", "1")), head="image,effusion"))
    assert labels(corpus) == {"unlabelled": 4}
    assert "--label-column: effusion" in str(corpus.understood.doubts[0])
    assert labels(open_corpus(str(tmp_path / "list.csv"), hand=ByHand(label_column="effusion"))) == HALF


@pytest.mark.parametrize(
    "change",
    [
        *(str.upper, lambda path: ".\\" + path.replace("/", "\\"), lambda path: f" {path} "),
        *(lambda path: path[7:], lambda path: path[7:-4], lambda path: path.replace(".png", ".dcm")),
    ],
)
def test_paths_as_people_have_them(tmp_path: Path, change: "type[str]") -> None:
    corpus = open_corpus(put(tmp_path, rows(names=tuple(change(path) for path in IMAGES))))
    assert labels(corpus) == HALF
    assert [entry.image_id for entry in corpus.radiographs] == list(IMAGES)


@pytest.mark.parametrize(
    ("column", "views"),
    [
        ("series", ("Chest PA", "Chest AP", "Chest LAT", "Thorax lat.")),
        ("ViewCodeSequence_CodeMeaning", ("postero-anterior", "", "lateral", "left lateral")),
        ("lateral", ("0", "0", "1", "1")),
        ("is_frontal", ("yes", "yes", "no", "no")),
        ("Projection", ("PA", "AP_horizontal", "COSTAL", "EXCLUDE")),
    ],
)
def test_a_column_tells_views_by_its_name_or_by_its_values(
    tmp_path: Path, column: str, views: tuple[str, ...]
) -> None:
    lines = [[*row, view] for row, view in zip(rows(), views, strict=True)]
    corpus = open_corpus(put(tmp_path, lines, head=f"image,label,{column}"))
    assert labels(corpus) == {"normal": 2}
    assert sum(corpus.out_of_scope.values()) == 2


@pytest.mark.parametrize(
    "values", [("PA", "PA", "x", "lat"), ("LL", "RL", "LL", "RL"), ("PA", "AP", "PA", "AP")]
)
def test_a_column_of_something_else_tells_no_views(tmp_path: Path, values: tuple[str, ...]) -> None:
    lines = [[*row, value] for row, value in zip(rows(), values, strict=True)]
    assert labels(open_corpus(put(tmp_path, lines, head="image,label,site"))) == HALF


def test_a_name_written_with_other_accents_is_the_same(tmp_path: Path) -> None:
    (tmp_path / IMAGES[0]).rename(tmp_path / "images" / "Mu\u0308ller.png")
    lines = rows(names=("images/M\u00fcller.png", *IMAGES[1:]))
    assert labels(open_corpus(put(tmp_path, lines))) == HALF


def test_a_file_of_another_folder_is_not_taken_for_one_that_is_missing(tmp_path: Path) -> None:
    corpus = open_corpus(put(tmp_path, [["train/sick1.png", "normal"], *rows()[1:]]))
    assert [entry.reason for entry in corpus.skipped] == ["missing"]


def with_mask(root: Path, *places: str) -> Corpus:
    """Open a table that gives its third image a mask by its bare name; masks of that name lie in these folders."""
    for place in places:
        (root / place).mkdir()
        Image.new("L", (20, 20), 255).save(root / place / "sick1.png")
    lines = [[*row, "sick1.png" if "sick1" in row[0] else ""] for row in rows()]
    return open_corpus(put(root, lines, head="image,label,mask"))


def test_a_mask_is_found_in_a_folder_of_masks_by_its_bare_name(tmp_path: Path) -> None:
    corpus = with_mask(tmp_path, "masks", "lung_masks")
    (masked,) = [entry for entry in corpus.radiographs if entry.mask]
    assert (masked.image_id, masked.mask) == (IMAGES[2], tmp_path / "masks" / "sick1.png")
    assert "1 file found by name" in corpus.understood.lines()["note"]


@pytest.mark.parametrize(
    ("places", "reason"), [((), "missing_mask"), (("masks", "other_masks"), "ambiguous")]
)
def test_a_mask_is_never_an_image_nor_one_of_several(
    tmp_path: Path, places: tuple[str, ...], reason: str
) -> None:
    corpus = with_mask(tmp_path, *places)
    assert [(entry.image_id, entry.reason) for entry in corpus.skipped] == [(IMAGES[2], reason)]
    assert "not in the table" not in corpus.understood.unmatched  # it is in the table


def test_rows_that_contradict_each_other_make_no_radiograph(tmp_path: Path) -> None:
    corpus = open_corpus(put(tmp_path, [*rows(), [IMAGES[0], "Edema"]]))
    assert labels(corpus) == {"normal": 1, "abnormal": 2}
    assert [(entry.image_id, entry.reason) for entry in corpus.skipped] == [(IMAGES[0], "contradiction")]


def test_a_table_without_header_or_rows_says_so(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match="no header line: its first line names a file"):
        open_corpus(put(tmp_path, rows()[1:], head=",".join(rows()[0])))
    with pytest.raises(CorpusError, match="a header and no rows"):
        open_corpus(put(tmp_path, []))


def test_what_was_understood_is_said(tmp_path: Path) -> None:
    lines = [[*row, str(number), "PA", "JR"] for number, row in enumerate(rows())]
    corpus = open_corpus(put(tmp_path, lines, head="image,label,Patient ID,view,PtInit"))
    assert corpus.understood.lines() == {
        "label": "column label: normal normal (2); abnormal pneumonia (2)",
        "patient": "column Patient ID",
        "ignored": "columns PtInit (--keep-columns stores them)",
    }


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (errno.EIO, "run the same command again"),
        (errno.ESTALE, "the disk or the network"),
        (errno.EACCES, "check its"),
    ],
)
def test_a_read_that_fails_is_not_called_damage_of_the_table(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, words: str
) -> None:
    table = put(tmp_path, rows())

    def fail(_: Path) -> None:
        raise OSError(number, "failed")

    monkeypatch.setattr(text_files, "open_regular", fail)
    with pytest.raises(MachineError, match=words) as caught:
        open_corpus(table)
    assert "copy it again" not in str(caught.value)
