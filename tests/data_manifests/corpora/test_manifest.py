"""Laws of a manifest of one's own: it declares paths, labels and masks; what it cannot mean is refused by key."""

from pathlib import Path

import pytest

from artasyn.data_manifests.corpora.corpus import open_corpus
from artasyn.data_manifests.errors import ConfigError, CorpusError
from tests.data_manifests.corpora.trees import labels, put, table

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
