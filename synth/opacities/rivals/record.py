"""What was drawn for one rival, and its rendering."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from artasyn.data_manifests.config import config_from_dict, config_to_dict
from artasyn.data_manifests.errors import ConfigError, ImageError
from artasyn.synth.opacities.fields.lungs import Lungs
from artasyn.synth.opacities.rivals.registry import rival_named, split_name
from artasyn.synth.opacities.rivals.scene import Painted, Scene, SecondImage

__all__ = ["RivalRecord", "SecondRecord", "draw_rival", "render_rival"]

ReadSecond = Callable[[], SecondImage]


@dataclass(frozen=True, slots=True, kw_only=True)
class SecondRecord:
    """Which second image was used."""

    image_id: str
    pixels_sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RivalRecord:
    """Everything random about one rival's image; JSON-serialisable through `to_dict`."""

    rival: str
    """Its name, ending in `_in_lung` where it was drawn in the lungs."""
    params: Any
    second: SecondRecord | None

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON values."""
        return config_to_dict(self)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> "RivalRecord":
        """Read what `to_dict` wrote. Raises ConfigError for anything else."""
        if set(values) != {"rival", "params", "second"}:
            raise ConfigError("record", f"must have the keys rival, params, second, got {sorted(values)}")
        name, second = values["rival"], values["second"]
        return cls(
            rival=name,
            params=config_from_dict(rival_named(name).params, values["params"], where=name),
            second=None if second is None else config_from_dict(SecondRecord, second, where="second"),
        )


def draw_rival(
    name: str,
    image: NDArray[np.uint8],
    lungs: Lungs,
    *,
    rng: np.random.Generator,
    read_second: ReadSecond | None = None,
) -> RivalRecord:
    """Draw a rival for an image `(H, W)`. Raises ConfigError where it needs a second image and has none."""
    rival, (_, in_lung) = rival_named(name), split_name(name)
    scene = Scene(image, lungs, in_lung=in_lung, read_second=read_second)
    params = rival.draw(scene, rng=rng)
    second = None
    if rival.needs_second:
        second = SecondRecord(image_id=scene.second.image_id, pixels_sha256=scene.second.pixels_sha256)
    return RivalRecord(rival=name, params=params, second=second)


def render_rival(
    record: RivalRecord,
    image: NDArray[np.uint8],
    lungs: Lungs,
    *,
    read_second: ReadSecond | None = None,
) -> Painted:
    """Render a record: the same bytes whenever image, lungs and second image are the same.

    Raises ImageError of kind `other_second` for another second image than the record names.
    """
    rival, (_, in_lung) = rival_named(record.rival), split_name(record.rival)
    scene = Scene(image, lungs, in_lung=in_lung, read_second=read_second)
    if record.second is not None and scene.second.pixels_sha256 != record.second.pixels_sha256:
        reason = f"the record was drawn with the second image {record.second.image_id}, not this one"
        raise ImageError(scene.second.image_id, reason, "give the image that it names", kind="other_second")
    painted = rival.render(record.params, scene)
    return _cut(painted, scene) if in_lung else painted


def _cut(painted: Painted, scene: Scene) -> Painted:
    """Leave everything outside the lungs as it was."""
    inside = scene.inside
    return Painted(
        np.where(inside, painted.altered, scene.image),
        np.where(inside, painted.label, np.float32(0)),
        painted.mask & inside,
        painted.patch & inside,
    )
