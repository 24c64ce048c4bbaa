"""Laws of public corpora whose folder or table is given without their name: they are recognised, nothing is guessed."""

from pathlib import Path

import pytest

from artasyn.data_manifests.corpora.catalog_likeness import folder_like, table_like
from artasyn.data_manifests.corpora.corpus import open_corpus
from artasyn.data_manifests.corpora.csv_tables import header
from artasyn.data_manifests.corpora.file_tree import scan
from artasyn.data_manifests.corpora.manifest import catalogued
from artasyn.data_manifests.errors import CorpusError
from artasyn.synth.build.fitness import refuse_doubtful
from artasyn.synth.sources.source import open_source
from tests.data_manifests.corpora.miniatures import BUILDERS, built
from tests.data_manifests.corpora.trees import put, table

BY_FILES = [name for name in BUILDERS if all(source.files for source in catalogued(name).sources)]
BY_TABLE = [name for name in BUILDERS if name not in BY_FILES and name != "chexpert-small"]


@pytest.mark.parametrize("name", BY_FILES)
def test_a_folder_is_recognised_by_its_images_names(tmp_path: Path, name: str) -> None:
    images = [entry.path.relative_to(tmp_path).as_posix() for entry in built(name, tmp_path).radiographs]
    assert folder_like(images) == name


@pytest.mark.parametrize("name", BY_TABLE)
def test_a_table_is_recognised_by_its_name_and_columns(tmp_path: Path, name: str) -> None:
    built(name, tmp_path)
    tables = [path for path in scan(tmp_path).paths if path.endswith(".csv")]
    assert name in {table_like(Path(path).name, header(tmp_path / path)) for path in tables}


def test_own_images_and_tables_are_like_no_corpus() -> None:
    assert folder_like([f"images/case_{number}.png" for number in range(9)]) == ""
    assert folder_like([]) == ""
    assert table_like("train.csv", ["image", "label"]) == ""
    assert table_like("test.csv", ["Path", "label"]) == ""


def test_a_build_does_not_take_names_that_say_more_than_folders_for_normal(tmp_path: Path) -> None:
    put(tmp_path, "CXR_png/CHNCXR_0001_0.png", "CXR_png/CHNCXR_0327_1.png")
    source = open_source(str(tmp_path))
    with pytest.raises(CorpusError, match=r"those of shenzhen are \(give `shenzhen --root FOLDER`"):
        refuse_doubtful(source, "synthetic")
    refuse_doubtful(source, "evaluation")
    assert str(tmp_path) not in " ".join(source.understood.notes)


def test_raw_images_of_a_corpus_are_named_where_a_folder_holds_no_other(tmp_path: Path) -> None:
    (tmp_path / "JPCLN001.IMG").write_bytes(b"x")
    with pytest.raises(CorpusError, match=r"no radiograph found.*those of jsrt are \(give `jsrt --root"):
        open_corpus(str(tmp_path))


def test_a_table_that_a_corpus_reads_by_other_rules_is_named(tmp_path: Path) -> None:
    put(tmp_path, "a.png", "b.png")
    rows = ("patientId,x,y,width,height,Target", "a,,,,,0", "b,1,2,3,4,1")
    corpus = open_corpus(str(table(tmp_path / "stage_2_train_labels.csv", *rows)))
    assert "a table of rsna-pneumonia is: give `rsna-pneumonia --root" in " ".join(corpus.understood.notes)
