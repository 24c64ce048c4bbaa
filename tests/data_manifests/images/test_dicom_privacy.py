"""No message quotes what somebody may have written into a header: it could be a patient's name."""

from pathlib import Path
from typing import Any

import pytest
from pydicom import config
from pydicom.dataset import Dataset

from artasyn.data_manifests.errors import ImageError
from artasyn.data_manifests.images import dicom_pixels
from artasyn.data_manifests.images.decode import read_image
from tests.data_manifests.images.radiographs import make, save

REFUSED = (
    {"Modality": "JANE"},
    {"PhotometricInterpretation": "JANE^DOE"},
    {"PhotometricInterpretation": "JANE^DOE", "SamplesPerPixel": 3},
    {"ViewPosition": "LL", "SeriesDescription": "JANE^DOE lateral"},
    {"PixelData": b"JANE"},
)


@pytest.mark.parametrize("elements", REFUSED)
def test_no_message_quotes_a_value_that_may_be_a_name(
    tmp_path: Path, elements: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    for setting in ("reading_validation_mode", "writing_validation_mode"):
        monkeypatch.setattr(config.settings, setting, config.IGNORE)
    with pytest.raises(ImageError) as caught:
        read_image(save(make(**elements), tmp_path / "a.dcm"))
    assert "JANE" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "kind"), [("JANE^DOE is no number", "unreadable"), ("JANE truncated", "truncated")]
)
def test_the_text_of_a_decoders_error_is_not_repeated(
    monkeypatch: pytest.MonkeyPatch, text: str, kind: str
) -> None:
    def fail(_: Dataset) -> None:
        raise ValueError(text)

    monkeypatch.setattr(dicom_pixels, "decode_frame", fail)
    with pytest.raises(ImageError) as caught:
        dicom_pixels._decoded(Path("a.dcm"), make())
    assert caught.value.kind == kind
    assert "JANE" not in str(caught.value)
