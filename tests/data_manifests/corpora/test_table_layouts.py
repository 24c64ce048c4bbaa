"""Laws of how tables are written: Excel's first line, UTF-32, quotes without a pair, addresses; columns of findings."""

from collections import Counter
from pathlib import Path

import pytest
from PIL import Image

from artasyn.data_manifests.corpora.corpus import Corpus, open_corpus
from artasyn.data_manifests.errors import CorpusError

HALF = {"normal": 2, "abnormal": 2}
NAMES = ("a", "b", "c", "d")
ROWS = [
    f"{name}.png,{label}" for name, label in zip(NAMES, ("normal", "normal", "mass", "mass"), strict=True)
]


@pytest.fixture(autouse=True)
def images(tmp_path: Path) -> None:
    for name in NAMES:
        Image.effect_noise((20, 20), 40).save(tmp_path / f"{name}.png")


def table(root: Path, *lines: str, code: str = "utf-8") -> Corpus:
    (root / "list.csv").write_bytes("".join(f"{line}\n" for line in lines).encode(code))
    return open_corpus(str(root / "list.csv"))


def labels(corpus: Corpus) -> Counter[str]:
    return Counter(entry.label for entry in corpus.radiographs)


@pytest.mark.parametrize("first", ["sep=;", '"sep=;"', "sep=; "])
def test_the_first_line_of_excel_names_the_separator(tmp_path: Path, first: str) -> None:
    rows = [row.replace(",", ";") for row in ROWS]
    assert labels(table(tmp_path, first, "image;label", *rows)) == HALF


@pytest.mark.parametrize("code", ["utf-32", "utf-16", "utf-8-sig"])
def test_marks_of_encodings_are_told_apart(tmp_path: Path, code: str) -> None:
    assert labels(table(tmp_path, "image,label", *ROWS, code=code)) == HALF


def test_a_code_page_that_is_not_known_is_to_be_saved_as_utf_8(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match="save it as UTF-8"):
        table(
            tmp_path,
            "image,label,\u5099\u8003\u8868",
            *(f"{row},\u80ba\u4e00" for row in ROWS),
            code="shift-jis",
        )


def test_a_quote_without_its_pair_that_swallows_rows_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match="quote without its pair: row 1"):
        table(tmp_path, "image,label,comment", *(f'{row},"open' for row in ROWS))
    assert labels(table(tmp_path, "image,label,comment", *(f'{row},"two\nlines"' for row in ROWS))) == HALF


def test_addresses_are_no_paths(tmp_path: Path) -> None:
    corpus = table(tmp_path, "image,label", *(f"https://x.org/{row}" for row in ROWS))
    assert {entry.reason for entry in corpus.skipped} == {"outside_root"}
    assert "is an address" in corpus.skipped[0].message


def test_a_finding_with_a_number_in_its_name_is_one(tmp_path: Path) -> None:
    head = "image,normal,COVID-19,mass"
    assert labels(table(tmp_path, head, "a.png,1,0,0", "b.png,1,0,0", "c.png,0,1,0", "d.png,0,0,1")) == HALF


@pytest.mark.parametrize("column", ["other", "pneumonia"])
def test_without_a_column_of_normals_every_finding_forbids_normal(tmp_path: Path, column: str) -> None:
    """Also one that every row has, and one called `other`."""
    head = f"image,mass,edema,effusion,nodule,{column}"
    every = "1" if column == "pneumonia" else "0"
    rows = [f"a.png,1,1,1,1,{every}", f"b.png,0,0,0,0,{every}", "c.png,0,0,0,0,1"]
    counts = labels(table(tmp_path, head, *rows))
    assert counts["normal"] == (0 if column == "pneumonia" else 1)


@pytest.mark.parametrize(
    ("start", "words"),
    [
        (b"\x1f\x8b\x08\x00", "packed with gzip .call it .csv.gz"),
        (b"\xd0\xcf\x11\xe0", "workbook of old Excel"),
        (b"PAR1", "Parquet"),
        (b"PK\x03\x04", "a workbook or another zipped file"),
    ],
)
def test_a_file_that_is_no_text_is_called_what_it_is(tmp_path: Path, start: bytes, words: str) -> None:
    (tmp_path / "a.csv").write_bytes(start + bytes(60))
    with pytest.raises(CorpusError, match=words):
        open_corpus(str(tmp_path / "a.csv"))


def test_a_dash_is_normal_beside_plus_alone(tmp_path: Path) -> None:
    assert labels(table(tmp_path, "image,label", "a.png,-", "b.png,-", "c.png,+", "d.png,+")) == HALF
    doubtful = table(tmp_path, "image,label", "a.png,-", "b.png,-", "c.png,pneumonia", "d.png,pneumonia")
    assert "not understood (2 rows): -" in str(doubtful.understood.doubts[0])
