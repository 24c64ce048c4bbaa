"""Networks of one's own, from a file and of other packages: those of docs/how-to/own-network.md, as they stand."""

import importlib.util
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from artasyn.data_manifests.errors import ConfigError
from artasyn.train.models.anomaly_network import NetworkConfig, build_network
from artasyn.train.models.own_class import import_class
from tests.rooms import ROOT
from tests.train.models.other_packages import check

PAGE = ROOT / "docs" / "how-to" / "own-network.md"
BLOCK = re.compile(r'```\w+ title="(?P<title>[^"]+)"\n(?P<text>.*?)```', re.DOTALL)
NET = "from torch import nn\n\n\nclass Net(nn.Conv2d):\n    def __init__(self):\n        super().__init__(1, 3, 1)\n"


def block(title: str) -> str:
    return next(found["text"] for found in BLOCK.finditer(PAGE.read_text("utf-8")) if found["title"] == title)


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


@pytest.mark.parametrize(
    ("does", "reason"),
    [
        ("return {'out': x}", "answers with dict, not a tensor .let a class of your own return the maps"),
        ("return None, x", "answers with NoneType, not a tensor"),
        ("return {}['out']", "refuses a .1, 1, 64, 64. image: KeyError: 'out'"),
        ("return x.repeat(1, 3, 1, 1)", "has no weight that can learn"),
    ],
)
def test_what_a_class_of_ones_own_does_wrong_is_said(tmp_path: Path, does: str, reason: str) -> None:
    file = tmp_path / "net.py"
    file.write_text(
        f"from torch import nn\n\n\nclass Net(nn.Module):\n    def forward(self, x):\n        {does}\n"
    )
    with pytest.raises(ConfigError, match=reason):
        build_network(NetworkConfig(name=f"{file}:Net", shrink=1), size=64)


def test_monai_by_import_path() -> None:
    pytest.importorskip("monai")
    network = tomllib.loads(block("monai.toml"))["network"]
    arguments = {k: tuple(v) if isinstance(v, list) else v for k, v in network["arguments"].items()}
    check(NetworkConfig(name=network["name"], arguments=arguments))


OTHERS = ("smp_net.py:Unet", "timm_net.py:TimmNet", "torchvision_net.py:Lraspp")


def test_networks_of_other_packages(tmp_path: Path) -> None:
    apart = Path(sys.prefix) / "networks"  # where `make test` installs them
    if not apart.is_dir() and not importlib.util.find_spec("segmentation_models_pytorch"):
        pytest.skip("segmentation_models_pytorch, timm and torchvision are not installed: make test does")
    for title in (name.partition(":")[0] for name in OTHERS):
        (tmp_path / title).write_text(block(title))
    names = [f"{tmp_path}/{name}" for name in OTHERS]
    command = [sys.executable, "-m", "tests.train.models.other_packages", *names]
    done = subprocess.run(
        command, cwd=ROOT, env=os.environ | {"PYTHONPATH": str(apart)}, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("learns") == len(OTHERS)
