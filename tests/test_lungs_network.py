"""The network in whole numbers: exact, and the same as the one that was trained."""

import importlib.util
import sys
from pathlib import Path

import numpy as np
import pytest

from synth.lungs.network import INPUT_SIZE, LOGIT_STEP, Layer, evaluate, layers_from, load_layers

FLOAT32_HOLDS = 2**24


def image(seed: int) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (INPUT_SIZE, INPUT_SIZE), np.uint8)


def test_no_sum_of_any_layer_can_leave_the_exact_whole_numbers():
    for name, layer in load_layers().items():
        largest_input = 2 * 255 if name.startswith("up") else 255  # two maps are added before each `up`
        sums = np.abs(layer.weights).sum(axis=1) * largest_input + np.abs(layer.bias[:, 0])
        assert sums.max() < FLOAT32_HOLDS, name


def test_the_order_of_summation_does_not_matter():
    layers = load_layers()
    double = {n: Layer(w.weights.astype(np.float64), w.bias, w.scale, w.kernel) for n, w in layers.items()}
    for seed in range(3):  # float64 sums of these whole numbers are exact beyond doubt
        assert np.array_equal(evaluate(image(seed), layers), evaluate(image(seed), double))


def test_maps_follow_the_input_through_blocks_of_two():
    maps = evaluate(image(1), load_layers())
    assert maps.shape == (2, INPUT_SIZE, INPUT_SIZE)
    assert maps.dtype == np.uint8


def test_translation_keeps_the_trained_network():
    torch = pytest.importorskip("torch")
    distill = load_script("distill_network")
    torch.manual_seed(0)
    network = distill.LungNetwork().eval()
    network.head.weight.data *= 200  # odds of an untrained network differ too little to tell anything
    batch = torch.from_numpy(np.stack([image(s) for s in range(4)])[:, None]).float() / 255
    layers = layers_from(distill.to_whole_numbers(network, batch))
    odds = network(batch).detach().numpy() / LOGIT_STEP + 128
    found = np.stack([evaluate(image(s), layers) for s in range(4)]).astype(float)
    assert odds.std() > 10
    assert np.abs(found - np.clip(odds, 0, 255)).mean() < odds.std() / 20


def load_script(name: str):
    path = Path(__file__).resolve().parents[1] / "benchmarks" / f"{name}.py"
    spec = importlib.util.spec_from_file_location(name, path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module
