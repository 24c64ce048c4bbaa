"""The fast published rule against a slow one, written from the paper's text with scikit-image."""

import importlib.util
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image
from scipy.ndimage import gaussian_filter

from synth.lungs import LungConfig, LungField, PublishedLungs, segment_lungs


def load_oracle():
    path = Path(__file__).resolve().parents[1] / "benchmarks" / "lungs_oracle.py"
    spec = importlib.util.spec_from_file_location("lungs_oracle", path)
    module = importlib.util.module_from_spec(spec)
    sys.modules["lungs_oracle"] = module
    spec.loader.exec_module(module)
    return module.oracle


oracle = load_oracle()


def published(image: NDArray[np.uint8], config: PublishedLungs) -> LungField:
    return segment_lungs(image, LungConfig(method="published", published=config))


def random_field(seed: int, shape: tuple[int, int], *, blur: float, mirrored: bool) -> NDArray[np.uint8]:
    """Smooth noise, darkened where lungs would be, so that candidates of all shapes and sides occur."""
    rng = np.random.default_rng(seed)
    noise = gaussian_filter(rng.normal(size=shape), blur)
    if mirrored:  # equal areas on both sides: the order of ties is part of the rule
        noise = noise + noise[:, ::-1]
    rows, columns = np.mgrid[0 : shape[0], 0 : shape[1]]
    rows, columns = rows / shape[0] - 0.5, np.abs(columns / shape[1] - 0.5) - rng.uniform(0.15, 0.35)
    lungs = np.exp(-((rows / 0.3) ** 2) - (columns / 0.13) ** 2)
    field = noise / noise.std() * rng.uniform(5, 40) + 150 - rng.uniform(0, 110) * lungs
    return np.clip(field, 0, 255).astype(np.uint8)


@settings(max_examples=60, deadline=None)
@given(
    seed=st.integers(0, 2**32),
    shape=st.sampled_from([(64, 64), (96, 64), (50, 121), (128, 128)]),
    blur=st.sampled_from([1.0, 2.0, 4.0, 8.0]),
    mirrored=st.booleans(),
)
def test_labels_equal_the_oracle_on_random_fields(seed, shape, blur, mirrored):
    image = random_field(seed, shape, blur=blur, mirrored=mirrored)
    config = PublishedLungs(step=10)
    assert np.array_equal(published(image, config).labels, oracle(image, config))


def test_random_fields_find_lungs_on_both_sides_of_the_rule():
    fields = [random_field(seed, (96, 96), blur=4, mirrored=False) for seed in range(40)]
    reasons = {published(field, PublishedLungs()).reason for field in fields}
    assert reasons == {"", "one_lung", "no_lung"}


@pytest.mark.films
def test_labels_equal_the_oracle_on_radiographs(films: Path):
    config = PublishedLungs()
    for path in sorted((films / "covid_qu_ex" / "normal").glob("*.png"))[::40]:
        image = np.asarray(Image.open(path).convert("L"))
        assert np.array_equal(published(image, config).labels, oracle(image, config)), path
