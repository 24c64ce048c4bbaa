"""Laws of a recipe: presets are sound, unknown words are named, what does not fit leaves no folder."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import torch

from artasyn.data_manifests.config import config_from_dict, config_to_dict, preset_names
from artasyn.data_manifests.errors import ConfigError
from artasyn.train.config import TrainConfig, load_config
from artasyn.train.objective.objective import TERMS
from artasyn.train.runtime.distributed import join_processes
from tests.train.trainings import Small, train


@pytest.mark.parametrize("name", preset_names("artasyn.train"))
def test_presets_are_sound(name: str) -> None:
    config = load_config(name)
    assert config.network.name == {"default": "compact", "gpu": "compact", "paper": "paper"}[name]


def test_the_default_preset_says_what_the_code_defaults_to() -> None:
    assert load_config("default") == TrainConfig()


def numbers(tables: Mapping[str, Any], *path: str) -> Iterator[tuple[str, ...]]:
    """Yield the path of every number of a recipe."""
    for name, value in tables.items():
        if isinstance(value, Mapping):
            yield from numbers(value, *path, name)
        elif isinstance(value, int | float) and not isinstance(value, bool):
            yield *path, name


@pytest.mark.parametrize("path", [*numbers(config_to_dict(TrainConfig()))], ids=".".join)
def test_a_number_out_of_bounds_is_named_with_its_bounds_and_the_value(path: tuple[str, ...]) -> None:
    recipe: dict[str, Any] = {path[-1]: -1}
    for table in reversed(path[:-1]):
        recipe = {table: recipe}
    with pytest.raises(ConfigError, match=rf"^{'.'.join(path)}: must be .*, got -1"):
        config_from_dict(TrainConfig, recipe)


@pytest.mark.parametrize(
    ("how", "said"),
    [
        ({"network": {"compact": {"groups": 0}}}, "network.compact.groups: must be at least 1, got 0"),
        (
            {"network": {"compact": {"widths": (8, 0, 8)}}},
            "network.compact.widths: must be at least 1, got 0",
        ),
        ({"network": {"paper": {"heads": 3}}}, "network.paper.heads: must divide the channels of each level"),
        ({"augment": {"coarsen": 17}}, r"augment.coarsen: must be in \[1, 16\], got 17"),
        ({"optim": {"ema": 1.0}}, r"optim.ema: must be in \[0, 1\), got 1.0"),
        ({"score": {"top_share": 0.0}}, r"score.top_share: must be in \(0, 1\], got 0.0"),
        ({"data": {"weights": (1.0, 0.0)}}, "data.weights: must be above 0, got 0.0"),
        (
            {"loss": dict.fromkeys(TERMS, 0.0)},
            r"loss: nothing is learnt \(give a weight to one of global_mse",
        ),
    ],
)
def test_the_end_of_a_range_and_what_only_shows_in_the_network_are_refused(
    small: Small, how: dict[str, object], said: str
) -> None:
    with pytest.raises(ConfigError, match=said):
        small(**how)


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
