"""All kinds of opacity by name."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from data_manifests.errors import ConfigError
from synth.opacities.anatomy import Field, Lungs
from synth.opacities.strokes import BrushParams, draw_brush, render_brush

__all__ = ["KINDS", "Kind", "kind_named"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A name, a radiologist's words, and the pair draw (random) / render (pure) that makes an alpha field."""

    name: str
    words: str
    params: type[Any]
    draw: Callable[..., Any]
    """(lungs, request, *, rng) -> params"""
    render: Callable[[Any, Lungs], Field]
    """(params, lungs) -> alpha `(H, W)` float32 in [0, 1]"""


def kind_named(name: str) -> Kind:
    """Return the kind. Raises ConfigError for a name that no kind has."""
    if name not in KINDS:
        raise ConfigError("kinds", f"no kind of opacity is called {name!r}", f"known: {', '.join(KINDS)}")
    return KINDS[name]


KINDS: Mapping[str, Kind] = {
    kind.name: kind
    for kind in (
        Kind(
            name="brush",
            words="textured strokes of varying density across the lung (the published method)",
            params=BrushParams,
            draw=draw_brush,
            render=render_brush,
        ),
    )
}
