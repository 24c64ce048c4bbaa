"""The network of artasyn.synth.lungs.network.int8_unet as a torch module, and its translation to whole numbers."""

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from artasyn.synth.lungs.network.int8_unet import LOGIT_STEP

WIDTHS = (16, 32, 64, 96)
EXACT = 2**24  # float32 holds every whole number below


class Convolution(nn.Sequential):
    """3 x 3 or 1 x 1 convolution, normalised over the batch, clipped at 0."""

    def __init__(self, inputs: int, outputs: int, kernel: int = 3) -> None:
        convolution = nn.Conv2d(inputs, outputs, kernel, padding=kernel // 2, bias=False)
        super().__init__(convolution, nn.BatchNorm2d(outputs, momentum=0.05), nn.ReLU())


class LungNetwork(nn.Module):
    """U-Net of four levels; (B, 1, 128, 128) in [0, 1] to log-odds (B, 2, 128, 128) of the right and the left lung."""

    def __init__(self) -> None:
        super().__init__()
        shallow = (4, *WIDTHS[:2])
        for level, (inputs, outputs) in enumerate(zip(shallow, WIDTHS[:3], strict=True)):
            self.add_module(f"down{level}a", Convolution(inputs, outputs))
            self.add_module(f"down{level}b", Convolution(outputs, outputs))
            self.add_module(f"narrow{level}", Convolution(WIDTHS[level + 1], outputs, 1))
            self.add_module(f"up{level}", Convolution(outputs, outputs))
        for name, inputs in (("bottom_a", WIDTHS[2]), ("bottom_b", WIDTHS[3]), ("bottom_c", WIDTHS[3])):
            self.add_module(name, Convolution(inputs, WIDTHS[3]))
        self.head = nn.Conv2d(WIDTHS[0], 8, 3, padding=1)

    def forward(self, images: Tensor) -> Tensor:
        """Return the log-odds of both lungs."""
        x = F.pixel_unshuffle(images, 2)
        skipped = []
        for level in range(3):
            x = self._modules[f"down{level}b"](self._modules[f"down{level}a"](x))
            skipped.append(x)
            x = F.max_pool2d(x, 2)
        x = self.bottom_c(self.bottom_b(self.bottom_a(x)))
        for level in (2, 1, 0):
            x = F.interpolate(self._modules[f"narrow{level}"](x), scale_factor=2.0, mode="nearest")
            x = self._modules[f"up{level}"](x + skipped[level])
        return F.pixel_shuffle(self.head(x), 2)


def to_whole_numbers(network: LungNetwork, images: Tensor) -> dict[str, np.ndarray]:
    """Return the arrays that `int8_unet` loads; `images` (B, 1, 128, 128) set the range of every layer."""
    steps = _steps(network, images)
    arrays: dict[str, np.ndarray] = {}
    for name, inputs in _inputs().items():
        weights, bias = _folded(network, name)
        row = _row_units(weights, largest_input=510 if name.startswith("up") else 255)
        whole = np.rint(weights / row[:, None, None, None]).astype(np.int8)
        unit = row * steps[inputs]
        head = name == "head"
        whole_bias = np.rint((bias + 128 * LOGIT_STEP * head) / unit).astype(np.int32)
        arrays[f"{name}.weights"], arrays[f"{name}.bias"] = whole, whole_bias
        arrays[f"{name}.scale"] = (unit / (LOGIT_STEP if head else steps[name])).astype(np.float32)
    return arrays


def _row_units(weights: np.ndarray, *, largest_input: int) -> np.ndarray:
    """Return for each output what one whole weight is worth: fine, yet no sum can pass what float32 holds."""
    magnitudes = np.abs(weights).reshape(len(weights), -1)
    return np.maximum(magnitudes.max(axis=1) / 127, magnitudes.sum(axis=1) * largest_input / (0.9 * EXACT))


def _inputs() -> dict[str, str]:
    """Return for each layer the one whose values it reads; sums and pools keep their parts' step."""
    chain = [
        "image",
        "down0a",
        "down0b",
        "down1a",
        "down1b",
        "down2a",
        "down2b",
        "bottom_a",
        "bottom_b",
        "bottom_c",
    ]
    chain += ["narrow2", "up2", "narrow1", "up1", "narrow0", "up0", "head"]
    return dict(zip(chain[1:], chain[:-1], strict=True))


@torch.no_grad()
def _steps(network: LungNetwork, images: Tensor) -> dict[str, float]:
    """Return the real value of one whole step of each layer's output."""
    tops: dict[str, float] = {"image": 1.0}

    def watch(name: str):
        def note(_module: nn.Module, _inputs: object, output: Tensor) -> None:
            tops[name] = float(np.quantile(output.numpy(), 0.9999))

        return note

    hooks = [m.register_forward_hook(watch(n)) for n, m in network.named_children() if n != "head"]
    network.eval()(images)
    for hook in hooks:
        hook.remove()
    for level in range(3):  # added to each other, so they share a step
        tops[f"down{level}b"] = tops[f"narrow{level}"] = max(tops[f"down{level}b"], tops[f"narrow{level}"])
    return {name: top / 255 for name, top in tops.items()}


def _folded(network: LungNetwork, name: str) -> tuple[np.ndarray, np.ndarray]:
    """Return weights and bias with the batch normalisation multiplied in."""
    module = network._modules[name]
    if isinstance(module, nn.Conv2d):
        return module.weight.detach().double().numpy(), module.bias.detach().double().numpy()
    convolution, norm = module[0], module[1]
    factor = (norm.weight / torch.sqrt(norm.running_var + norm.eps)).detach().double()
    weights = convolution.weight.detach().double() * factor[:, None, None, None]
    return weights.numpy(), (norm.bias.detach().double() - norm.running_mean.double() * factor).numpy()
