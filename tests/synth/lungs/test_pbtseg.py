"""The fast published rule against a slow one, written from the paper's text with scikit-image."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image
from scipy.ndimage import gaussian_filter
from skimage.measure import regionprops

from artasyn.synth.lungs import LEFT, RIGHT, LungConfig, LungField, PbtsegConfig, segment_lungs
from artasyn.synth.lungs.pbtseg.components import split, whole
from artasyn.synth.lungs.pbtseg.criteria import border_share, is_solid
from tests.oracles.pbtseg import border_share as oracle_border_share
from tests.oracles.pbtseg import oracle


def published(image: NDArray[np.uint8], config: PbtsegConfig) -> LungField:
    return segment_lungs(image, LungConfig(method="pbtseg", pbtseg=config))


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
    config = PbtsegConfig(step=10)
    assert np.array_equal(published(image, config).labels, oracle(image, config))


@settings(max_examples=100, deadline=None)
@given(
    seed=st.integers(0, 2**32),
    shape=st.tuples(st.integers(17, 90), st.integers(17, 90)),
    blur=st.sampled_from([0.6, 1.0, 2.0, 4.0]),
    greys=st.sampled_from([1, 7, 35]),
    config=st.builds(
        PbtsegConfig,
        first_threshold=st.sampled_from([0, 50, 100]),
        last_threshold=st.sampled_from([100, 160, 255]),
        step=st.sampled_from([7, 20]),
        hopeless_after=st.sampled_from([0, 100, 130, 255]),
        min_area=st.sampled_from([0.0005, 0.005, 0.03]),
        max_area=st.sampled_from([0.1, 0.15, 0.5, 1.0]),
        min_solidity=st.sampled_from([0.2, 0.6, 0.8]),
        max_border=st.sampled_from([0.02, 0.15, 0.4]),
    ),
)
def test_labels_equal_the_oracle_whatever_the_settings_and_the_shape(seed, shape, blur, greys, config):
    image = (
        random_field(seed, shape, blur=blur, mirrored=False) // greys * greys
    )  # few grey values: many ties
    assert np.array_equal(published(image, config).labels, oracle(image, config))


def test_of_equal_components_on_one_side_the_first_is_the_lung():
    image = np.full((96, 96), 200, np.uint8)
    image[20:45, 20:35] = image[50:75, 20:35] = 40
    labels = published(image, PbtsegConfig()).labels
    assert np.array_equal(labels, oracle(image, PbtsegConfig()))
    assert labels[30, 25] == RIGHT
    assert labels[60, 25] == 0


@pytest.mark.parametrize(("breadth", "found"), [(12, False), (16, True)])
def test_only_the_two_largest_candidates_of_a_cut_can_be_lungs(breadth, found):
    image = np.full((96, 96), 200, np.uint8)
    image[16:46, 16:32] = image[50:78, 16:30] = 40
    image[30:58, 66 : 66 + breadth] = 40
    labels = published(image, PbtsegConfig()).labels
    assert np.array_equal(labels, oracle(image, PbtsegConfig()))
    assert (labels == LEFT).any() == found


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 2**32), shape=st.tuples(st.integers(8, 60), st.integers(8, 60)))
def test_measures_equal_those_of_scikit_image(seed, shape):
    image = random_field(seed, shape, blur=2, mirrored=False)
    for component in split(whole(image), image, 120, least=9):
        x, y, w, h = component.box
        region = regionprops(np.pad(component.mask, ((y, shape[0] - y - h), (x, shape[1] - x - w))))[0]
        assert region.area == component.area
        assert is_solid(component, np.nextafter(region.solidity, 0))
        assert not is_solid(component, region.solidity)
        assert border_share(component, shape) == oracle_border_share(region, shape)


def test_random_fields_find_lungs_on_both_sides_of_the_rule():
    fields = [random_field(seed, (96, 96), blur=4, mirrored=False) for seed in range(40)]
    reasons = {published(field, PbtsegConfig()).reason for field in fields}
    assert reasons == {"", "one_lung", "no_lung"}


@pytest.mark.radiographs
def test_labels_equal_the_oracle_on_radiographs(radiographs: Path):
    config = PbtsegConfig()
    paths = sorted((radiographs / "covid_qu_ex" / "normal").glob("*.png"))[::40]
    assert paths
    for path in paths:
        image = np.asarray(Image.open(path).convert("L"))
        assert np.array_equal(published(image, config).labels, oracle(image, config)), path
