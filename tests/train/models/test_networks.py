"""Laws of the networks, and how one's own is brought along."""

from typing import Any

import pytest
import torch
from torch import nn

from artasyn.data_manifests.errors import ConfigError
from artasyn.train.models.anomaly_network import NetworkConfig, build_network
from artasyn.train.models.compact import CompactConfig, CompactUNet
from artasyn.train.models.paper import PaperConfig, PaperUNet

OWN: dict[str, Any] = {
    "name": "torch.nn:Conv2d", "shrink": 2, "heads": ("reconstruction", "segmentation"),
    "arguments": {"in_channels": 1, "out_channels": 2, "kernel_size": 3, "padding": 1},
}  # fmt: skip


def parameters(network: nn.Module) -> int:
    return sum(p.numel() for p in network.parameters() if p.requires_grad)


def test_the_published_network_has_the_published_size() -> None:
    assert parameters(PaperUNet(PaperConfig(), outputs=1)) == 5_834_913


def test_the_compact_network_is_compact() -> None:
    assert 0.5e6 < parameters(CompactUNet(CompactConfig(), outputs=2)) < 1.5e6


@pytest.mark.parametrize("side", [32, 64])
def test_maps_have_the_size_of_the_image(side: int) -> None:
    x = torch.rand(2, 1, side, side)
    for network in (CompactUNet(CompactConfig(), outputs=2), PaperUNet(PaperConfig(width=4), outputs=2)):
        maps, features = network(x)[:2]
        assert maps.shape == (2, 2, side, side)
        assert features.shape[2] == side // 16
        assert network.multiple == 16


def test_an_untrained_network_leaves_the_image_as_it_is() -> None:
    network = build_network(NetworkConfig(), size=64)
    x = torch.rand(2, 1, 32, 32)
    output = network(x)
    assert output.reconstruction is not None
    torch.testing.assert_close(output.reconstruction, x)


def test_the_compact_network_does_not_see_brightness_and_contrast() -> None:
    torch.manual_seed(0)
    plain = CompactConfig(pretrained=False)
    network = build_network(NetworkConfig(heads=("segmentation",), compact=plain), size=64).eval()
    nn.init.normal_(network.core.leave.weight)  # type: ignore[union-attr,arg-type]
    x = torch.rand(1, 1, 32, 32)
    torch.testing.assert_close(network(x).logits, network(0.5 * x + 0.3).logits, atol=0.05, rtol=0.02)


def test_encode_gives_the_features_of_the_whole() -> None:
    torch.manual_seed(0)
    x = torch.rand(2, 1, 32, 32)
    for network in (
        CompactUNet(CompactConfig(), outputs=1),
        PaperUNet(PaperConfig(width=4), outputs=1).eval(),
    ):
        torch.testing.assert_close(network.encode(x)[0], network(x)[1])


def test_pretrained_features_join_and_stay_as_they_are() -> None:
    torch.manual_seed(0)
    network = build_network(NetworkConfig(), size=64)
    frozen = {name: value.clone() for name, value in network.state_dict().items() if ".frozen." in name}
    assert frozen
    optimizer = torch.optim.AdamW(network.parameters(), lr=0.1, weight_decay=0.1)
    images = torch.rand(2, 1, 32, 32)
    for _ in range(2):  # what leaves the network starts at zero: the second step reaches the joins
        optimizer.zero_grad()
        output = network(images)
        assert output.logits is not None
        torch.nn.functional.softplus(output.logits).sum().backward()
        optimizer.step()
    joins = network.core.pretrained.joins  # type: ignore[union-attr]
    assert all(join.weight.grad is not None and join.weight.grad.abs().sum() > 0 for join in joins)  # type: ignore[union-attr]
    assert all(torch.equal(network.state_dict()[name], value) for name, value in frozen.items())


def test_pretrained_features_need_levels_of_their_sides() -> None:
    with pytest.raises(ConfigError, match=r"network.compact.pretrained: needs fold = 4 and 3 widths"):
        CompactConfig(widths=(8, 16))
    assert not any(
        ".frozen." in name for name in CompactUNet(CompactConfig(pretrained=False), outputs=1).state_dict()
    )


def test_a_network_of_ones_own() -> None:
    network = build_network(NetworkConfig(**OWN), size=64)
    output = network(torch.rand(2, 1, 32, 32))
    assert output.logits is not None
    assert output.logits.shape == (2, 1, 32, 32)
    assert output.features is None


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"name": "big"}, "must be compact, paper, module:Class or path/to/file.py:Class, got 'big'"),
        ({"name": "no_such_module:Net"}, "cannot import 'no_such_module:Net'"),
        ({"name": "os:system"}, "is not a class of torch modules"),
        ({"arguments": {"channels": 1}}, "cannot be made from network.arguments"),
        ({"heads": ("segmentation",)}, r"answers with shape \(1, 2, 32, 32\), not \(1, 1, 32, 32\)"),
        ({"name": "compact", "shrink": 3}, "must divide the store's image size 64, got 3"),
        ({"name": "compact", "shrink": 8}, "give 8 px, not a multiple of 16"),
    ],
)
def test_networks_that_do_not_fit_are_refused(changes: dict[str, Any], reason: str) -> None:
    with pytest.raises(ConfigError, match=reason):
        build_network(NetworkConfig(**(OWN | changes)), size=64)
