"""Networks of one's own, from a file and of other packages: those of docs/how-to/own-network.md, as they stand."""

import re
import tomllib
from pathlib import Path

import pytest
import torch

from artasyn.data_manifests.errors import ConfigError
from artasyn.train.models.anomaly_network import NetworkConfig, build_network
from artasyn.train.models.own_class import import_class

PAGE = Path(__file__).parents[3] / "docs" / "how-to" / "own-network.md"
BLOCK = re.compile(r'```\w+ title="(?P<title>[^"]+)"\n(?P<text>.*?)```', re.DOTALL)
NET = "from torch import nn\n\n\nclass Net(nn.Conv2d):\n    def __init__(self):\n        super().__init__(1, 3, 1)\n"


def block(title: str) -> str:
    return next(found["text"] for found in BLOCK.finditer(PAGE.read_text("utf-8")) if found["title"] == title)


def check(config: NetworkConfig) -> None:
    """It answers with each head, and learns."""
    output = build_network(config, size=256)(torch.rand(2, 1, 128, 128))
    assert output.logits is not None
    assert output.logits.shape == (2, 1, 128, 128)
    output.logits.sum().backward()  # type: ignore[no-untyped-call]


def test_a_file_needs_no_search_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "json.py").write_text(NET)  # named as a module of Python is
    check(NetworkConfig(name=f"{tmp_path}/json.py:Net"))
    monkeypatch.chdir(tmp_path)
    check(NetworkConfig(name="json.py:Net"))


@pytest.mark.parametrize(
    ("name", "text", "reason"),
    [
        ("absent.py:Net", "", "cannot import .* seen from here"),
        ("net.py:Other", NET, "has no attribute 'Other'"),
        ("net.py:Net", "class Net(:", "cannot import"),
        ("net.py:Net", "Net = print", "is not a class of torch modules"),
    ],
)
def test_a_file_without_the_class_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, text: str, reason: str
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("net.py").write_text(text)
    with pytest.raises(ConfigError, match=reason):
        import_class(name)


def test_monai_by_import_path() -> None:
    pytest.importorskip("monai")
    network = tomllib.loads(block("monai.toml"))["network"]
    arguments = {k: tuple(v) if isinstance(v, list) else v for k, v in network["arguments"].items()}
    check(NetworkConfig(name=network["name"], arguments=arguments))


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(
    ("library", "name"),
    [
        ("segmentation_models_pytorch", "smp_net.py:Unet"),
        ("timm", "timm_net.py:TimmNet"),
        ("torchvision", "torchvision_net.py:Lraspp"),
    ],
)
def test_networks_of_other_packages(library: str, name: str, tmp_path: Path) -> None:
    pytest.importorskip(library)
    title = name.partition(":")[0]
    (tmp_path / title).write_text(block(title))
    check(NetworkConfig(name=f"{tmp_path}/{name}"))
