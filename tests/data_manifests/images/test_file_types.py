"""Laws of names: what is an image follows from suffix or content, and the last part of a UID is no suffix."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from artasyn.data_manifests.corpora.file_tree import scan
from artasyn.data_manifests.images.decode import read_image
from artasyn.data_manifests.images.file_types import bare_name, looks_like_image
from tests.data_manifests.images.radiographs import make, save

DICOM = (
    *("IM0001", "a.DCM", "b.dic", "c.IMA", "d.ima", "e.acr", "g.dicom", "h.dcm30", "1.2.840.99.1.1", "i.img"),
    *("DX.1.2.840.99.5.0.ABC", "j.v2", "k.dcm_old"),
)  # fmt: skip
PICTURES = {
    **{"l.jfif": "JPEG", "m.gif": "GIF", "n.jpe": "JPEG", "o.bmp": "BMP", "p.TIF": "TIFF", "q.webp": "WEBP"},
    **{"r.JPG": "JPEG", "s.jpeg": "JPEG", "t.tiff": "TIFF", "u.PNG": "PNG"},
}
ASIDE = ("DICOMDIR", "Thumbs.db", ".DS_Store", "._a.DCM", "notes.txt", "table.csv", "README")


@pytest.mark.parametrize("name", DICOM)
def test_dicom_is_read_under_any_name(tmp_path: Path, name: str) -> None:
    path = save(make(), tmp_path / name)
    assert looks_like_image(path)
    assert read_image(path).shape == (64, 48)


@pytest.mark.parametrize("name", PICTURES)
def test_pictures_are_read_under_every_suffix_of_their_format(tmp_path: Path, name: str) -> None:
    grey = np.tile(np.arange(0, 240, 8, dtype=np.uint8), (40, 1))
    Image.fromarray(grey).save(tmp_path / name, format=PICTURES[name])
    assert looks_like_image(tmp_path / name)
    assert np.abs(read_image(tmp_path / name) - grey.astype(int)).max() < 12


@pytest.mark.parametrize("name", ASIDE)
def test_what_lies_beside_images_is_none(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"x" * 200)
    assert not looks_like_image(tmp_path / name)


@pytest.mark.parametrize(
    "name", ["1.2.840.99.1.1", "1.2.840.113619.2.55.3", "DX.1.2.840.99.5.0.ABC", "a.b", "IM0001"]
)
def test_the_last_part_of_a_uid_stays(name: str) -> None:
    assert bare_name(name) == name
    assert bare_name(f"{name}.dcm") == bare_name(f"{name}.PNG") == name


def test_files_called_by_uids_keep_their_whole_names(tmp_path: Path) -> None:
    for number in range(1, 4):
        save(make(), tmp_path / f"1.2.840.99.1.{number}")
    names = {bare_name(name) for name in scan(tmp_path).paths}
    assert names == {f"1.2.840.99.1.{number}" for number in range(1, 4)}
