"""Everything that decides the bytes of a synthetic version, and the two presets that ship."""

from dataclasses import dataclass, field
from pathlib import Path

from artasyn.data_manifests.config import load_recipe
from artasyn.data_manifests.errors import ConfigError
from artasyn.data_manifests.images.geometry import Rule
from artasyn.synth.lungs import LungConfig
from artasyn.synth.opacities import OpacityConfig
from artasyn.synth.opacities.rivals.registry import RIVALS, is_rival, kind_or_rival

__all__ = ["SynthConfig", "load_config"]

MIN_SIZE, MAX_SIZE = 32, 4096


@dataclass(frozen=True, slots=True, kw_only=True)
class SynthConfig:
    """How radiographs become studies of synthetic opacities; one TOML file."""

    size: int = 256
    """Side of the stored square images, in pixels."""
    squaring: Rule = "squeeze"
    """How an oblong image becomes square: proportions given up, or kept with black borders."""
    holdout: float = 0.1
    """Share of patients (or images, where the patient is unknown) kept from training: split `val`."""
    lungs: LungConfig = field(default_factory=LungConfig)
    """How lung fields are found."""
    opacities: OpacityConfig = field(default_factory=OpacityConfig)
    """What is painted into them."""

    def __post_init__(self) -> None:
        """Refuse sizes and shares that no version can have, and kinds that there are not, before any is drawn."""
        if not MIN_SIZE <= self.size <= MAX_SIZE:
            raise ConfigError("size", f"must be within {MIN_SIZE}..{MAX_SIZE} pixels, got {self.size}")
        if not 0 <= self.holdout < 1:
            raise ConfigError("holdout", f"must be in [0, 1), got {self.holdout}")
        for name in self.opacities.kinds:
            kind_or_rival(name)


def load_config(preset: str | Path = "default") -> SynthConfig:
    """Read a shipped preset by name, or any TOML file by path. Raises ConfigError.

    The name of a published synthesis (`nsa`, `nsa-in-lung`) is the default recipe with that one kind.
    """
    rival = str(preset).replace("-", "_")
    if is_rival(rival):
        return SynthConfig(opacities=OpacityConfig(kinds={rival: 1.0}, composition=(1.0,)))
    others = [name.replace("_", "-") for name in RIVALS]
    return load_recipe(SynthConfig, preset, package="artasyn.synth", others=others)
