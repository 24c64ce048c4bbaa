"""Laws of configurations: a round trip, and refusals that name the key."""

from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

from artasyn.data_manifests.config import config_from_dict, config_to_dict, digest, preset_names, read_toml
from artasyn.data_manifests.errors import ConfigError
from artasyn.synth import config as synth_config
from artasyn.synth.config import SynthConfig
from artasyn.train import config as train_config
from artasyn.train.config import TrainConfig


@dataclass(frozen=True, slots=True, kw_only=True)
class Inner:
    sides: tuple[float, ...] = (1.0, 2.0)
    weights: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outer:
    size: int = 8
    name: str | None = None
    inner: Inner = field(default_factory=Inner)

    def __post_init__(self) -> None:
        if self.size < 1:
            raise ConfigError("size", f"must be at least 1, got {self.size}")


@pytest.mark.parametrize("preset", preset_names("artasyn.synth"))
def test_presets_survive_a_round_trip(preset: str) -> None:
    synth, train = synth_config.load_config(preset), train_config.load_config(preset)
    assert config_from_dict(SynthConfig, config_to_dict(synth)) == synth
    assert config_from_dict(TrainConfig, config_to_dict(train)) == train


def test_what_is_not_said_keeps_its_default() -> None:
    assert config_from_dict(Outer, {"inner": {"sides": [3]}}) == Outer(inner=Inner(sides=(3.0,)))


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"sise": 3}, "unknown key `sise`.*did you mean `size`"),
        ({"size": "3"}, "config.size: must be int, got '3'"),
        ({"size": True}, "config.size: must be int, got True"),
        ({"size": 0}, "size: must be at least 1, got 0"),
        ({"inner": 3}, "config.inner: must be a table"),
        ({"inner": {"sides": [1, "x"]}}, r"config.inner.sides\[1\]: must be float, got 'x'"),
        ({"inner": {"weights": {"a": "b"}}}, "config.inner.weights.a: must be float"),
    ],
)
def test_refusals_name_the_key(values: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        config_from_dict(Outer, values)


def test_the_digest_does_not_depend_on_the_order_of_keys() -> None:
    assert digest({"a": 1, "b": [2]}) == digest({"b": [2], "a": 1}) != digest({"a": 1, "b": [3]})


def test_the_default_file_says_every_default() -> None:
    shipped = read_toml(Path(str(files("artasyn.synth") / "presets" / "default.toml")))
    assert config_to_dict(SynthConfig()) == shipped
