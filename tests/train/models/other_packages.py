"""Build networks of the libraries on PYTHONPATH, as `PATH:CLASS` says, and see that each answers and learns.

A process of its own: beside the processor's torch, the registry's torchvision cannot be imported until somebody says
which operators it misses, and what else is installed here, such as torchmetrics, would stumble over it.
"""

import sys

import torch

from artasyn.train.models.anomaly_network import NetworkConfig, build_network

MISSING = ("nms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",)
MISSING += ("qnms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",)
"""Operators of torchvision that come with CUDA alone; networks call none of them."""


def check(config: NetworkConfig) -> None:
    """It answers with each head, and learns."""
    output = build_network(config, size=256)(torch.rand(2, 1, 128, 128))
    assert output.logits is not None
    assert output.logits.shape == (2, 1, 128, 128)
    output.logits.sum().backward()  # type: ignore[no-untyped-call]


def import_torchvision() -> None:
    try:
        import torchvision
    except RuntimeError:
        operators = torch.library.Library("torchvision", "DEF")
        for operator in MISSING:
            operators.define(operator)
        import torchvision  # noqa: F401


if __name__ == "__main__":
    import_torchvision()
    for name in sys.argv[1:]:
        check(NetworkConfig(name=name))
        print(f"{name} learns")
