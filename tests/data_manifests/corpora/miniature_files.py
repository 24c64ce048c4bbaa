"""Files of a miniature corpus: small images, masks, DICOM files and tables."""

from pathlib import Path

import numpy as np
from PIL import Image
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, generate_uid


def put(root: Path, *paths: str) -> None:
    for number, path in enumerate(paths):
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        picture = Image.linear_gradient("L").resize((32, 32)).point(lambda value: value // 2 + 40)
        picture.putpixel((number % 32, 9), 200)
        picture.save(root / path)


def put_mask(root: Path, *paths: str) -> None:
    mask = np.zeros((32, 32), dtype=np.uint8)
    mask[8:16, 8:16] = 255
    for path in paths:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(mask).save(root / path)


def put_dicom(root: Path, *paths: str) -> None:
    for path in paths:
        meta = FileMetaDataset()
        meta.TransferSyntaxUID = ExplicitVRLittleEndian
        meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID = (
            "1.2.840.10008.5.1.4.1.1.1",
            generate_uid(),
        )
        dataset = Dataset()
        dataset.file_meta, dataset.Modality, dataset.PhotometricInterpretation = meta, "CR", "MONOCHROME2"
        dataset.SOPClassUID, dataset.SOPInstanceUID = (
            meta.MediaStorageSOPClassUID,
            meta.MediaStorageSOPInstanceUID,
        )
        dataset.Rows, dataset.Columns, dataset.SamplesPerPixel, dataset.PixelRepresentation = 32, 32, 1, 0
        dataset.BitsAllocated, dataset.BitsStored, dataset.HighBit = 8, 8, 7
        dataset.PixelData = bytes(range(32)) * 32
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        dataset.save_as(root / path, enforce_file_format=True)


def table(root: Path, name: str, *lines: str) -> None:
    (root / name).parent.mkdir(parents=True, exist_ok=True)
    (root / name).write_text("\n".join(lines) + "\n")
