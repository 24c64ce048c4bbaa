"""The development data opens by its index, with the masks that it has."""

from collections import Counter
from pathlib import Path

import pytest

from artasyn.data_manifests.corpora.corpus import open_corpus


@pytest.mark.radiographs
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
def test_the_development_data_opens_by_its_index(
    radiographs: Path, name: str, wanted: dict[str, int]
) -> None:
    corpus = open_corpus(str(radiographs / name / "index.csv"))
    assert Counter((entry.split, entry.label) for entry in corpus.radiographs) == wanted
    assert not corpus.skipped
    assert corpus.read_image(corpus.radiographs[0]).std() > 5


@pytest.mark.radiographs
def test_only_covid_images_have_infection_masks_and_all_have_lungs(radiographs: Path) -> None:
    corpus = open_corpus(str(radiographs / "covid_qu_ex" / "index.csv"))
    masked = [entry for entry in corpus.radiographs if entry.mask]
    assert {entry.attributes["cls"] for entry in masked} == {"COVID-19"}
    assert len(masked) == 220
    assert all(entry.lung_mask for entry in corpus.radiographs)
    mask, lungs = corpus.read_mask(masked[0]), corpus.read_lungs(masked[0])
    assert mask is not None
    assert lungs is not None
    assert 0 < mask.sum() < lungs.sum()
