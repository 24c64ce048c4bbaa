"""A miniature of every catalogued corpus, and what is found in it."""

from collections.abc import Callable
from pathlib import Path

from artasyn.data_manifests.corpora.corpus import Corpus, open_corpus
from tests.data_manifests.corpora.miniature_trees import (
    brax,
    chexpert,
    chexpert_small,
    covid19_radiography,
    covid_qu_ex,
    covid_qu_ex_lungs,
    jsrt,
    mimic,
    montgomery,
    nih,
    padchest,
    qata_v1,
    qata_v2,
    rsna,
    shenzhen,
    siim,
    vindr,
    vindr_kaggle,
    zhanglab,
)

BUILDERS: dict[str, tuple[Callable[[Path], None], dict[str, int]]] = {
    "brax": (brax, {"normal": 1, "abnormal": 1, "out_of_scope": 1, "patients": 1}),
    "chexpert": (
        chexpert,
        {"train_normal": 1, "train_unlabelled": 1, "train_abnormal": 1, "val_abnormal": 1, "test_abnormal": 1}
        | {"patients": 4, "out_of_scope": 1, "masks": 1},
    ),
    "chexpert-small": (chexpert_small, {"train_images": 3, "val_images": 1, "test_images": 1, "masks": 1}),
    "covid-qu-ex": (
        covid_qu_ex,
        {"train_normal": 1, "val_abnormal": 1, "test_abnormal": 1, "masks": 1, "lung_masks": 3},
    ),
    "covid-qu-ex-lungs": (covid_qu_ex_lungs, {"train_normal": 1, "lung_masks": 1}),
    "covid19-radiography": (covid19_radiography, {"normal": 1, "abnormal": 2, "lung_masks": 3}),
    "jsrt": (jsrt, {"normal": 1, "abnormal": 1, "lung_masks": 2}),
    "mimic-cxr-jpg": (
        mimic,
        {"train_normal": 1, "val_abnormal": 1, "test_unlabelled": 1, "out_of_scope": 1, "patients": 3},
    ),
    "montgomery": (montgomery, {"normal": 1, "abnormal": 1, "lung_masks": 2}),
    "nih-chestxray14": (nih, {"train_normal": 1, "test_abnormal": 1, "boxes": 1, "patients": 2}),
    "padchest": (padchest, {"normal": 1, "abnormal": 1, "unlabelled": 1, "out_of_scope": 1, "patients": 3}),
    "qata-cov19-v1": (qata_v1, {"abnormal": 1, "masks": 1}),
    "qata-cov19-v2": (qata_v2, {"test_abnormal": 1, "masks": 1}),
    "rsna-pneumonia": (rsna, {"normal": 1, "abnormal": 2, "boxes": 2}),
    "shenzhen": (shenzhen, {"normal": 1, "abnormal": 1, "lung_masks": 1}),
    "siim-acr": (siim, {"unlabelled": 1, "abnormal": 1, "masks": 1}),
    "vindr-cxr": (vindr, {"train_normal": 1, "test_abnormal": 1, "boxes": 1}),
    "vindr-cxr-kaggle": (vindr_kaggle, {"normal": 1, "abnormal": 1, "unlabelled": 1, "boxes": 2}),
    "zhanglab": (
        zhanglab,
        {"train_normal": 1, "test_normal": 1, "train_abnormal": 2, "test_abnormal": 1, "patients": 5},
    ),
}


def built(name: str, root: Path) -> Corpus:
    BUILDERS[name][0](root)
    return open_corpus(name, root)
