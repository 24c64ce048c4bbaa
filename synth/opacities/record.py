"""What was drawn, complete enough to render the same bytes again."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from artasyn.data_manifests.config import config_from_dict, config_to_dict
from artasyn.data_manifests.errors import ConfigError
from artasyn.synth.opacities.compositing.blend import DrawnBlend
from artasyn.synth.opacities.config import GateConfig
from artasyn.synth.opacities.kinds.registry import kind_named

__all__ = ["DrawnKind", "OpacityRecord"]

ADDED = {"border": 0.0, "behind": 0.15}
"""What older records of a blend do not say, with what was done then."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawnKind:
    """One kind, how severe it was asked to be, and its parameters (the kind's own dataclass)."""

    name: str
    severity: float
    params: Any


@dataclass(frozen=True, slots=True, kw_only=True)
class OpacityRecord:
    """Everything random about one opacity; JSON-serialisable through `to_dict`."""

    kinds: tuple[DrawnKind, ...]
    gates: GateConfig
    blend: DrawnBlend
    outline_threshold: int
    outline_width: float

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON values, without what is as in records that were made before it could be set."""
        values = config_to_dict(self)
        if not self.gates.border_gap:
            del values["gates"]["border_gap"]
        for name, before in ADDED.items():
            if values["blend"][name] == before:
                del values["blend"][name]
        return values

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> "OpacityRecord":
        """Read what `to_dict` wrote. Raises ConfigError for anything else."""
        wanted = {field.name for field in fields(cls)}
        if set(values) != wanted:
            raise ConfigError("record", f"must have the keys {sorted(wanted)}, got {sorted(values)}")
        return cls(
            kinds=tuple(_drawn_kind(kind) for kind in values["kinds"]),
            gates=config_from_dict(GateConfig, values["gates"], where="gates"),
            blend=config_from_dict(DrawnBlend, values["blend"], where="blend"),
            outline_threshold=int(values["outline_threshold"]),
            outline_width=float(values["outline_width"]),
        )


def _drawn_kind(values: Mapping[str, Any]) -> DrawnKind:
    params = config_from_dict(kind_named(values["name"]).params, values["params"], where=values["name"])
    return DrawnKind(name=values["name"], severity=values["severity"], params=params)
