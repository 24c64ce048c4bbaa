"""What is drawn for one phantom: an adult or a child, the exposure, and lesions."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from artasyn.synth.sources.phantom.view import View, draw_view

__all__ = ["Lesion", "PhantomParams", "draw_phantom"]

LesionKind = Literal["consolidation", "haze", "nodules", "effusion"]
KINDS: tuple[LesionKind, ...] = ("consolidation", "haze", "nodules", "effusion")
CHANCES = (0.4, 0.3, 0.15, 0.15)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lesion:
    """Tissue or fluid in place of air in one lung; lengths in shares of the image side."""

    kind: LesionKind
    side: int
    """1 the patient's right lung, 2 the left."""
    height: float
    """Place along the lung, 0 apex to 1 base."""
    across: float
    """Place across the lung, 0 mediastinum to 1 chest wall."""
    size: float
    """Radius of the cloud; of a nodule; height of the fluid."""
    density: float
    """Share of the air in the way that is lost at the centre."""
    seed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PhantomParams:
    """One chest; lengths in shares of the image side, attenuation in thicknesses of the chest from front to back."""

    child: bool
    centre: float
    tilt: float
    """Shift of the midline from top to bottom."""
    turn: float
    """Shift of heart and mediastinum: the patient is turned."""
    apex: float
    """Row of the lungs' upper end."""
    dome: float
    """Row of the right diaphragm's top; the left one lies lower."""
    recess: float
    """How far the lungs reach down beside the diaphragm's top."""
    width: float
    """Half-width of the chest's inside at its base."""
    heart: float
    """Radius of the heart."""
    mediastinum: float
    """Half-width of the mediastinum."""
    aeration: float
    """Share of the lungs that is air."""
    rib_spacing: float
    rib_slope: float
    rib_contrast: float
    vessels: float
    """Contrast of vessels."""
    breasts: float
    """Thickness of the breasts; 0: none."""
    fat: float
    """Thickness of the soft tissue around the chest."""
    black: float
    """Attenuation that is shown black."""
    white: float
    """Attenuation that is shown white."""
    gamma: float
    scatter: float
    noise: float
    marker: bool
    """Whether a letter is burned in."""
    blades: float
    """Inner edge of the shoulder blades, in half-widths of the chest."""
    view: View
    seed: int
    lesions: tuple[Lesion, ...] = ()


def draw_phantom(*, rng: np.random.Generator, abnormal: bool) -> PhantomParams:
    """Draw one phantom, one in three a child; an abnormal one has one to three lesions."""
    child = bool(rng.random() < 1 / 3)
    woman = not child and rng.random() < 0.5
    return PhantomParams(
        child=child,
        centre=rng.uniform(0.48, 0.52),
        tilt=rng.uniform(-0.04, 0.04),
        turn=rng.uniform(-0.025, 0.025),
        apex=rng.uniform(0.12, 0.2) if child else rng.uniform(0.08, 0.15),
        dome=rng.uniform(0.6, 0.72) if child else rng.uniform(0.6, 0.78),
        recess=rng.uniform(0.07, 0.1) if child else rng.uniform(0.08, 0.12),
        width=rng.uniform(0.32, 0.39) if child else rng.uniform(0.35, 0.43),
        heart=rng.uniform(0.11, 0.15) if child else rng.uniform(0.1, 0.16),
        mediastinum=rng.uniform(0.07, 0.1) if child else rng.uniform(0.055, 0.075),
        aeration=rng.uniform(0.72, 0.86),
        rib_spacing=rng.uniform(0.06, 0.072) if child else rng.uniform(0.064, 0.08),
        rib_slope=rng.uniform(0.02, 0.06) if child else rng.uniform(0.05, 0.1),
        rib_contrast=rng.uniform(0.07, 0.11) if child else rng.uniform(0.09, 0.16),
        vessels=rng.uniform(0.7, 1.3),
        breasts=rng.uniform(0.06, 0.18) if woman else 0.0,
        fat=rng.uniform(0.02, 0.06) if child else rng.uniform(0.02, 0.1),
        black=rng.uniform(0.3, 0.44),
        white=rng.uniform(1.12, 1.3),
        gamma=rng.uniform(0.85, 1.3),
        scatter=rng.uniform(0.05, 0.25),
        noise=rng.uniform(0.006, 0.018),
        marker=bool(rng.random() < 0.5),
        blades=rng.uniform(0.72, 0.98),
        view=draw_view(child=child, rng=rng),
        seed=int(rng.integers(2**31)),
        lesions=tuple(_draw_lesion(rng=rng) for _ in range(int(rng.integers(1, 4)) if abnormal else 0)),
    )


def _draw_lesion(*, rng: np.random.Generator) -> Lesion:
    kind = KINDS[int(rng.choice(len(KINDS), p=CHANCES))]
    low, high = {
        "consolidation": (0.04, 0.1),
        "haze": (0.08, 0.18),
        "nodules": (0.015, 0.035),
        "effusion": (0.06, 0.25),
    }[kind]
    return Lesion(
        kind=kind,
        side=int(rng.integers(1, 3)),
        height=rng.uniform(0.2, 0.9),
        across=rng.uniform(0.2, 0.85),
        size=rng.uniform(low, high),
        density=rng.uniform(0.2, 0.5) if kind == "haze" else rng.uniform(0.4, 0.95),
        seed=int(rng.integers(2**31)),
    )
