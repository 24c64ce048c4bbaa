"""The label rules of the catalog give the published counts on full-size tables."""

import os
from pathlib import Path

import pytest

from artasyn.data_manifests.corpora.check import check_corpus
from artasyn.data_manifests.corpora.corpus import open_corpus

FULL_SIZE = {
    "chexpert": ("chexpert_train.csv.gz", "train.csv.gz", "{Path}"),
    "nih-chestxray14": (
        "Data_Entry_2017_v2020.csv.gz",
        "Data_Entry_2017_v2020.csv.gz",
        "images/{Image Index}",
    ),
    "padchest": ("PADCHEST_chest_x_ray_images_labels_160K_01.02.19.csv.gz",) * 2 + ("{ImageDir}/{ImageID}",),
    "vindr-cxr-kaggle": ("vinbigdata-train.csv.gz", "train.csv.gz", "train/{image_id}.dicom"),
    "siim-acr": (
        "siim-pneumothorax-train-rle.csv.gz",
        "train-rle.csv.gz",
        "dicom-images-train/{ImageId}.dcm",
    ),
}
COUNTS = {
    "chexpert": {"normal": 12_234, "abnormal": 173_708, "unlabelled": 5_085, "patients": 64_534},
    "nih-chestxray14": {"normal": 60_361, "abnormal": 51_759, "patients": 30_805},
    "padchest": {"normal": 35_946, "abnormal": 62_115, "unlabelled": 12_572, "patients": 67_247},
    "vindr-cxr-kaggle": {"normal": 10_606, "abnormal": 4_394, "boxes": 36_096},
    "siim-acr": {"unlabelled": 9_378, "abnormal": 2_669, "masks": 2_669},
}


@pytest.mark.slow
@pytest.mark.parametrize("name", FULL_SIZE)
def test_rules_give_the_published_counts_on_full_size_tables(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from artasyn.data_manifests.corpora import corpus as module
    from artasyn.data_manifests.corpora.csv_tables import rows
    from artasyn.data_manifests.corpora.file_tree import Tree
    from artasyn.data_manifests.corpora.templates import fields_of, fill

    tables = label_tables()
    source, link, template = FULL_SIZE[name]
    (tmp_path / link).symlink_to(tables / source)
    images = {fill(template, cells) for cells in rows(tables / source, sorted(fields_of(template)))}
    monkeypatch.setattr(module, "scan", lambda root: Tree(root, tuple(sorted({*images, link}))))
    found = check_corpus(open_corpus(name, tmp_path), decode=0).counts
    assert {what: found[what] for what in COUNTS[name]} == COUNTS[name]


def label_tables() -> Path:
    """Return the folder with the public label tables that torchxrayvision carries, or skip."""
    from importlib.util import find_spec

    given = os.environ.get("ARTASYN_LABEL_TABLES", "")
    spec = None if given else find_spec("torchxrayvision")
    folder = Path(given) if given else Path(spec.origin).parent / "data" if spec and spec.origin else None
    if folder is None or not (folder / "chexpert_train.csv.gz").is_file():
        pytest.skip("full-size label tables not found (pip install --no-deps torchxrayvision)")
    return folder
