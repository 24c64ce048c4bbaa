"""Laws of a plain folder: labels, splits and masks by its folders, whatever its name."""

import os
from pathlib import Path

import pytest

from artasyn.data_manifests.corpora.corpus import Corpus, open_corpus
from artasyn.data_manifests.errors import CorpusError
from tests.data_manifests.corpora.trees import labels, put, reasons, table


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


def test_folders_may_be_called_sets_of_a_split(tmp_path: Path) -> None:
    put(tmp_path, "Train Set/normal/a.png", "Validation Set/normal/b.png", "Test Set/sick/c.png")
    corpus = open_corpus(str(tmp_path))
    assert [entry.split for entry in corpus.radiographs] == ["test", "train", "val"]
    assert not corpus.understood.doubts


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


def test_a_name_that_is_no_text_is_listed_and_the_rest_is_read(tmp_path: Path) -> None:
    put(tmp_path, "a.png")
    try:
        os.link(tmp_path / "a.png", os.fsencode(tmp_path) + b"/R\xf6.png")
    except OSError:
        pytest.skip("this file system takes UTF-8 names only")
    corpus = open_corpus(str(tmp_path))
    assert labels(corpus) == {"a.png": "unlabelled"}
    assert reasons(corpus) == {"R\\udcf6.png": "bad_name"}


def test_an_empty_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match="no radiograph found"):
        open_corpus(str(tmp_path))
    with pytest.raises(CorpusError, match="is not a folder"):
        open_corpus("montgomery", tmp_path / "no")


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


@pytest.mark.parametrize("folder", ["My Radiographs", "Röntgen_2024", "..."])
def test_a_folder_of_any_name_is_a_corpus_with_a_table_or_without(tmp_path: Path, folder: str) -> None:
    put(tmp_path / folder, "a.png")
    path = table(tmp_path / folder / "index.csv", "image,label", "a.png,normal")
    assert labels(open_corpus(str(path))) == {"a.png": "normal"}
    assert labels(open_corpus(str(tmp_path / folder))) == {"a.png": "unlabelled"}
