"""All kinds of opacity by name."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from artasyn.data_manifests.errors import ConfigError, did_you_mean
from artasyn.synth.opacities.brush.strokes import BrushParams, draw_brush, render_brush
from artasyn.synth.opacities.fields.lungs import Lungs
from artasyn.synth.opacities.fields.noise import Field
from artasyn.synth.opacities.kinds.airspace import AirspaceParams, draw_airspace, render_airspace
from artasyn.synth.opacities.kinds.collapse import CollapseParams, draw_collapse, render_collapse
from artasyn.synth.opacities.kinds.consolidation import (
    ConsolidationParams,
    draw_consolidation,
    render_consolidation,
)
from artasyn.synth.opacities.kinds.effusion import (
    EffusionParams,
    draw_effusion,
    effusion_room,
    render_effusion,
)
from artasyn.synth.opacities.kinds.ground_glass import (
    GroundGlassParams,
    draw_ground_glass,
    render_ground_glass,
)
from artasyn.synth.opacities.kinds.lobar import LobarParams, draw_lobar, render_lobar
from artasyn.synth.opacities.kinds.nodular import NodularParams, draw_nodular, render_nodular
from artasyn.synth.opacities.kinds.patchy import PatchyParams, draw_patchy, render_patchy
from artasyn.synth.opacities.kinds.peribronchial import (
    PeribronchialParams,
    draw_peribronchial,
    render_peribronchial,
)
from artasyn.synth.opacities.kinds.reticular import ReticularParams, draw_reticular, render_reticular

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
    room: Callable[[Any, Lungs], Field] | None = None
    """(params, lungs) -> where it may lie, 0 to 1, if not only in the lungs and their hidden part"""


def kind_named(name: str) -> Kind:
    """Return the kind. Raises ConfigError for a name that no kind has."""
    if name not in KINDS:
        raise ConfigError("kinds", f"no kind of opacity is called {name!r}", did_you_mean(name, KINDS))
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
        Kind(
            name="ground_glass",
            words="hazy veil, vessels and ribs remain visible",
            params=GroundGlassParams,
            draw=draw_ground_glass,
            render=render_ground_glass,
        ),
        Kind(
            name="consolidation",
            words="dense focal air-space opacity, branching air bronchograms where it is dense",
            params=ConsolidationParams,
            draw=draw_consolidation,
            render=render_consolidation,
        ),
        Kind(
            name="patchy",
            words="multifocal patchy air-space opacities",
            params=PatchyParams,
            draw=draw_patchy,
            render=render_patchy,
        ),
        Kind(
            name="nodular",
            words="round or ragged nodules, one large to a dozen small, small ones fainter",
            params=NodularParams,
            draw=draw_nodular,
            render=render_nodular,
        ),
        Kind(
            name="reticular",
            words="interstitial reticular pattern, a mesh of fine lines",
            params=ReticularParams,
            draw=draw_reticular,
            render=render_reticular,
        ),
        Kind(
            name="effusion",
            words="fluid at the base: a soft veil, or a level with a meniscus",
            params=EffusionParams,
            draw=draw_effusion,
            render=render_effusion,
            room=effusion_room,
        ),
        Kind(
            name="airspace",
            words="lung filled in three dimensions, faint where a ray meets little of it",
            params=AirspaceParams,
            draw=draw_airspace,
            render=render_airspace,
        ),
        Kind(
            name="peribronchial",
            words="thickened bronchi and vessels about the hila: streaks, cuffs, haze",
            params=PeribronchialParams,
            draw=draw_peribronchial,
            render=render_peribronchial,
        ),
        Kind(
            name="lobar",
            words="lobar opacity bounded by a curved fissure",
            params=LobarParams,
            draw=draw_lobar,
            render=render_lobar,
        ),
        Kind(
            name="collapse",
            words="collapse of a lobe: denser, smaller, its fissure drawn towards it",
            params=CollapseParams,
            draw=draw_collapse,
            render=render_collapse,
        ),
    )
}
