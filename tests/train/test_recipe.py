"""Laws of a recipe: presets are sound, unknown words are named, what does not fit leaves no folder."""

from pathlib import Path

import pytest
import torch

from artasyn.data_manifests.config import preset_names
from artasyn.data_manifests.errors import ConfigError
from artasyn.train.config import TrainConfig, load_config
from artasyn.train.runtime.distributed import join_processes
from tests.train.trainings import Small, train


@pytest.mark.parametrize("name", preset_names("artasyn.train"))
def test_presets_are_sound(name: str) -> None:
    config = load_config(name)
    assert config.network.name == {"default": "compact", "gpu": "compact", "paper": "paper"}[name]


def test_the_default_preset_says_what_the_code_defaults_to() -> None:
    assert load_config("default") == TrainConfig()


def test_unknown_presets_and_keys_are_named(small: Small) -> None:
    with pytest.raises(ConfigError, match=r"is neither a preset nor a TOML file .known: default, gpu, paper"):
        load_config("best")
    with pytest.raises(ConfigError, match="unknown key `learning`"):
        small(optim={"learning": 1.0})
    with pytest.raises(ConfigError, match="compares with the normal image"):
        small(loss={"features": 1.0})
    with pytest.raises(ConfigError, match="needs the head `segmentation`"):
        small(network={"heads": ["reconstruction"]})


@pytest.mark.parametrize(
    ("how", "reason"),
    [
        (
            {"network": {"compact": {"fold": 16, "widths": (8, 16, 32), "pretrained": False}}},
            "32 px, not a multiple of 64",
        ),
        ({"data": {"weights": (1.0, 2.0)}}, "gives 2 shares for 1 stores"),
        (
            {"data": {"studies": 6}, "optim": {"accumulate": 4}},
            "must be a multiple of processes x accumulated",
        ),
    ],
)
def test_a_recipe_that_does_not_fit_leaves_no_folder(
    toy_store: str, tmp_path: Path, small: Small, how: dict[str, object], reason: str
) -> None:
    with pytest.raises(ConfigError, match=reason):
        train(small(**how), toy_store, tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_cuda_where_there_is_none_is_refused_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(ConfigError, match=r"no CUDA device here .use --device cpu"):
        join_processes("cuda")
