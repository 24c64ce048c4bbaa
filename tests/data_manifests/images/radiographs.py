"""Radiographs in DICOM made for tests."""

from pathlib import Path
from typing import Any

import numpy as np
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, generate_uid

RAMP = np.linspace(0, 4095, 64 * 48).round().astype(np.uint16).reshape(64, 48)


def make(pixels: np.ndarray = RAMP, **elements: Any) -> Dataset:
    """Return a radiograph of 12 bits, `elements` set on top."""
    meta = FileMetaDataset()
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    meta.MediaStorageSOPClassUID = "1.2.840.10008.5.1.4.1.1.1.1"
    meta.MediaStorageSOPInstanceUID = generate_uid()
    dataset = Dataset()
    dataset.file_meta = meta
    dataset.SOPClassUID, dataset.SOPInstanceUID = (
        meta.MediaStorageSOPClassUID,
        meta.MediaStorageSOPInstanceUID,
    )
    dataset.PatientName, dataset.PatientID = "Secret^Name", "secret-id"
    dataset.Modality, dataset.ViewPosition, dataset.PhotometricInterpretation = "DX", "PA", "MONOCHROME2"
    dataset.Rows, dataset.Columns = pixels.shape[:2]
    bits = 8 * pixels.dtype.itemsize
    dataset.BitsAllocated, dataset.BitsStored, dataset.HighBit = bits, min(bits, 12), min(bits, 12) - 1
    dataset.SamplesPerPixel = 1
    dataset.PixelRepresentation = int(pixels.dtype.kind == "i")
    dataset.PixelData = pixels.tobytes()
    for name, value in elements.items():
        setattr(dataset, name, value)
    return dataset


def save(dataset: Dataset, path: Path) -> Path:
    dataset.save_as(path, enforce_file_format=True)
    return path
