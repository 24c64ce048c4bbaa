"""The network in whole numbers: exact, and the same as the one that was trained."""

import hashlib

import numpy as np
import pytest

from artasyn.synth.lungs.network.int8_unet import INPUT_SIZE, LOGIT_STEP, evaluate, layers_from, load_layers

FLOAT32_HOLDS = 2**24
DIGEST = "e662d100cb4dd525"


def image(seed: int) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (INPUT_SIZE, INPUT_SIZE), np.uint8)


def digest() -> str:
    maps = b"".join(evaluate(image(seed), load_layers()).tobytes() for seed in range(3))
    return hashlib.sha256(maps).hexdigest()[:16]


def test_no_sum_of_any_layer_can_leave_the_exact_whole_numbers():
    for name, layer in load_layers().items():
        largest_input = 2 * 255 if name.startswith("up") else 255  # two maps are added before each `up`
        sums = np.abs(layer.weights).sum(axis=1) * largest_input + np.abs(layer.bias[:, 0])
        assert sums.max() < FLOAT32_HOLDS, name


def test_matrix_products_equal_those_of_integers():
    rng = np.random.default_rng(0)
    for name, layer in load_layers().items():
        columns = rng.integers(0, 511 if name.startswith("up") else 256, (layer.weights.shape[1], 500))
        exact = layer.weights.astype(np.int64) @ columns
        assert np.array_equal(layer.weights @ columns.astype(np.float32), exact), name


def test_shipped_weights_give_the_bytes_they_gave_elsewhere():
    """Renew the digest with the weights: `python tests/synth/lungs/test_network.py`."""
    assert digest() == DIGEST


def test_maps_follow_the_input_through_blocks_of_two():
    maps = evaluate(image(1), load_layers())
    assert maps.shape == (2, INPUT_SIZE, INPUT_SIZE)
    assert maps.dtype == np.uint8


def test_translation_keeps_the_trained_network():
    torch = pytest.importorskip("torch")
    from tools.distill import network as distill

    torch.manual_seed(0)
    network = distill.LungNetwork().eval()
    network.head.weight.data *= 200  # odds of an untrained network differ too little to tell anything
    batch = torch.from_numpy(np.stack([image(s) for s in range(4)])[:, None]).float() / 255
    layers = layers_from(distill.to_whole_numbers(network, batch))
    odds = network(batch).detach().numpy() / LOGIT_STEP + 128
    found = np.stack([evaluate(image(s), layers) for s in range(4)]).astype(float)
    assert odds.std() > 10
    assert np.abs(found - np.clip(odds, 0, 255)).mean() < odds.std() / 20


if __name__ == "__main__":
    print(digest())
