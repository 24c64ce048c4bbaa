"""Laws of the schedule, the averaged weights and the checkpoint file."""

import copy
import json
import pickle
from pathlib import Path

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from safetensors.torch import save_file
from torch import nn

from artasyn.data_manifests.errors import ConfigError, RunError
from artasyn.train.optim.ema import average_copy, update_average_
from artasyn.train.optim.schedule import ScheduleConfig, learning_rate_factor
from artasyn.train.runs.checkpoint import read_checkpoint, write_checkpoint
from artasyn.train.runtime import precision
from artasyn.train.runtime.precision import ComputeConfig
from artasyn.train.scoring.anomaly_map import Prediction
from artasyn.train.scoring.config import ImageScoreConfig
from artasyn.train.scoring.map_level import map_levels


@given(st.floats(0, 1), st.floats(0, 0.5), st.floats(0, 1))
def test_learning_rate_stays_in_range(progress: float, warm_up: float, final: float) -> None:
    factor = learning_rate_factor(progress, ScheduleConfig(warm_up=warm_up, final=final))
    assert 0 <= factor <= 1 + 1e-12


def test_learning_rate_rises_then_falls_to_its_end() -> None:
    config = ScheduleConfig(warm_up=0.1, final=0.05)
    values = [learning_rate_factor(k / 100, config) for k in range(101)]
    assert values[10] == 1
    assert values[:11] == sorted(values[:11])
    assert values[10:] == sorted(values[10:], reverse=True)
    assert values[-1] == pytest.approx(0.05)


def test_a_schedule_needs_a_length() -> None:
    with pytest.raises(ConfigError, match="needs steps > 0 or minutes > 0, got 0 and 0"):
        ScheduleConfig(steps=0, minutes=0.0)


def test_average_moves_by_its_share_and_counts_buffers() -> None:
    network = nn.BatchNorm1d(3)
    average = average_copy(network)
    network.weight.data.fill_(3.0)
    network.running_mean.fill_(7.0)  # type: ignore[union-attr]
    update_average_(average, network, decay=0.75, step=10**6, finite=torch.tensor(True))
    torch.testing.assert_close(average.weight, torch.full((3,), 1.5))
    torch.testing.assert_close(average.running_mean, torch.full((3,), 7.0))
    assert not average.training
    assert not average.weight.requires_grad


def test_average_forgets_the_start_early_on() -> None:
    network = nn.Linear(1, 1, bias=False)
    average = average_copy(network)
    network.weight.data += 1
    start = copy.deepcopy(average.weight)
    update_average_(average, network, decay=0.999, step=0, finite=torch.tensor(True))
    torch.testing.assert_close(average.weight - start, torch.full((1, 1), 0.9))


def test_checkpoint_comes_back(tmp_path: Path) -> None:
    tensors = {"a": torch.randn(3, 2, 4, 4).to(memory_format=torch.channels_last), "b": torch.tensor(2.0)}
    write_checkpoint(tmp_path / "x.safetensors", tensors, {"step": 3, "best_dice": 0.1 + 0.2})
    found, state = read_checkpoint(tmp_path / "x.safetensors")
    assert state == {"step": 3, "best_dice": 0.1 + 0.2}
    assert all(torch.equal(found[name], tensor) for name, tensor in tensors.items())
    assert json.loads((tmp_path / "x.json").read_text()) == state
    assert sorted(p.name for p in tmp_path.iterdir()) == ["x.json", "x.safetensors"]


class Bomb:
    def __reduce__(self) -> tuple[object, ...]:
        return print, ("a pickle was opened",)


def test_pickled_checkpoints_are_refused_unopened(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name, data in (("raw", pickle.dumps(Bomb())), ("torch", b"")):
        path = tmp_path / f"{name}.safetensors"
        if data:
            path.write_bytes(data)
        else:
            torch.save({"network": Bomb()}, path)
        with pytest.raises(RunError, match="is not a safetensors file") as caught:
            read_checkpoint(path)
        assert "can run code when opened" in str(caught.value)
    assert capsys.readouterr().out == ""


def test_foreign_and_absent_checkpoints_are_refused(tmp_path: Path) -> None:
    save_file({"weight": torch.zeros(2)}, tmp_path / "other.safetensors")
    with pytest.raises(RunError, match="no checkpoint of artasyn"):
        read_checkpoint(tmp_path / "other.safetensors")
    with pytest.raises(RunError, match="does not exist"):
        read_checkpoint(tmp_path / "none.safetensors")


def test_image_score_is_the_mean_of_the_largest_values() -> None:
    maps = Prediction(torch.arange(8.0).view(2, 2, 2) / 10, None)
    assert map_levels(maps, ImageScoreConfig(top_share=0.5)).tolist() == pytest.approx([0.25, 0.65])
    squares = map_levels(maps, ImageScoreConfig(top_share=1.0, power=2.0))
    torch.testing.assert_close(squares, maps.maps.square().mean(dim=(1, 2)))


def test_largest_values_are_those_inside_the_lungs() -> None:
    maps = torch.zeros(1, 8, 8)
    maps[:, :, :4], maps[:, 0, 0] = 0.9, 0.5
    lungs = torch.zeros(1, 4, 4)
    lungs[:, :, 2:] = 1.0
    lungs[:, 0, 0] = 1.0
    level = map_levels(Prediction(maps, None, lungs), ImageScoreConfig(top_share=1 / 9)).item()
    # of nine places of lung one counts: (0.5 + 3 x 0.9) / 4 = 0.8; what is marked outside weighs next to nothing
    assert level == pytest.approx(0.8, abs=0.01)
    whole = map_levels(Prediction(maps, None, torch.zeros(1, 4, 4)), ImageScoreConfig(top_share=0.25)).item()
    assert whole == pytest.approx(0.9)  # no lungs at all: the whole image


@pytest.mark.parametrize(("gain", "chosen"), [(0.6, "float32"), (1.1, "float32"), (2.0, "bfloat16")])
def test_auto_takes_bfloat16_only_where_it_was_timed_to_be_quicker(
    gain: float, chosen: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch.cpu, "_is_avx512_bf16_supported", lambda: True)
    monkeypatch.setattr(precision, "bfloat16_gain", lambda: gain)
    found = precision.resolve_precision(ComputeConfig(precision="auto"), torch.device("cpu"))
    assert found.precision == chosen


def test_auto_times_nothing_where_bfloat16_is_emulated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cpu, "_is_avx512_bf16_supported", lambda: False)
    monkeypatch.setattr(torch.cpu, "_is_amx_tile_supported", lambda: False)
    monkeypatch.setattr(precision, "bfloat16_gain", lambda: pytest.fail("was timed"))
    assert precision.resolve_precision(ComputeConfig(), torch.device("cpu")).precision == "float32"


def test_timing_leaves_a_positive_ratio_and_the_global_generator_alone() -> None:
    before = torch.get_rng_state()
    assert precision.bfloat16_gain(rounds=2) > 0
    assert torch.equal(torch.get_rng_state(), before)


def test_a_level_is_the_same_whether_few_values_or_all_are_ordered() -> None:
    rng = torch.Generator().manual_seed(0)
    values, inside = torch.rand((2, 2, 32, 32), generator=rng)
    inside[1] = (
        0.0  # one image of dark lungs between bright surroundings: the largest values do not reach the share
    )
    inside[1, 10:20] = 1.0
    values[1, 10:20] *= 0.1
    for chosen in ([0], [1], [0, 1]):
        predicted = Prediction(values[chosen], None, inside[chosen])
        got = map_levels(predicted, ImageScoreConfig(top_share=0.05))
        torch.testing.assert_close(got, _level_by_sorting(values[chosen], inside[chosen]))
        assert torch.equal(
            got,
            torch.cat(
                [map_levels(_one(predicted, i), ImageScoreConfig(top_share=0.05)) for i in range(len(chosen))]
            ),
        )


def _one(predicted: Prediction, i: int) -> Prediction:
    assert predicted.lungs is not None
    return Prediction(predicted.maps[i : i + 1], None, predicted.lungs[i : i + 1])


def _level_by_sorting(values: torch.Tensor, inside: torch.Tensor) -> torch.Tensor:
    """Return the mean over the first 5 % of the lungs' weights in falling order of the values."""
    levels = []
    for image, weights in zip(values.flatten(1).tolist(), (inside + 1e-3).flatten(1).tolist(), strict=True):
        left, total = 0.05 * sum(weights), 0.0
        for value, weight in sorted(zip(image, weights, strict=True), reverse=True):
            total, left = total + value * min(weight, left), left - min(weight, left)
        levels.append(total / (0.05 * sum(weights)))
    return torch.tensor(levels)


def test_a_layer_of_two_names_is_saved_under_both(tmp_path: Path) -> None:
    weight = torch.arange(4.0)
    write_checkpoint(tmp_path / "last.safetensors", {"a": weight, "b": weight, "half": weight[:2]}, {})
    tensors, _ = read_checkpoint(tmp_path / "last.safetensors")
    assert {name: value.tolist() for name, value in tensors.items()} == {
        "a": [0, 1, 2, 3],
        "b": [0, 1, 2, 3],
        "half": [0, 1],
    }
