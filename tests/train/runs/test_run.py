"""Laws of opening a run: the fingerprints that stores really write are read."""

from pathlib import Path

import numpy as np
from PIL import Image

from artasyn.data_manifests.images.decode import read_image
from artasyn.data_manifests.images.fingerprints import perceptual_hash, pixels_sha256
from artasyn.train.runs.run import FINGERPRINT


def test_fingerprints_of_real_images_and_of_older_stores_are_read(tmp_path: Path) -> None:
    grey = np.random.default_rng(0).integers(0, 255, (64, 64)).astype(np.uint8)
    Image.fromarray(grey).save(tmp_path / "a.png")
    image = read_image(tmp_path / "a.png")
    for mark in (perceptual_hash(image), 16 * "0", ""):
        assert FINGERPRINT.fullmatch(f"{pixels_sha256(image)},{mark},1")
    assert not FINGERPRINT.fullmatch(f"{pixels_sha256(image)},{16 * 'x'},1")
