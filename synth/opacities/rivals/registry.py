"""All rivals by name, as published and in the lungs, with source and licence."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from artasyn.data_manifests.errors import ConfigError, did_you_mean
from artasyn.synth.opacities.kinds.registry import KINDS, Kind
from artasyn.synth.opacities.rivals.anat_paste import AnatPasteParams, draw_anat_paste, render_anat_paste
from artasyn.synth.opacities.rivals.cut_paste import (
    CutPasteParams,
    draw_patch,
    draw_scar,
    draw_union,
    render_cut_paste,
)
from artasyn.synth.opacities.rivals.foreign_patch import (
    ForeignPatchParams,
    draw_foreign_patch,
    render_fpi,
    render_pii,
)
from artasyn.synth.opacities.rivals.many_tasks import ManyTasksParams, draw_many_tasks, render_many_tasks
from artasyn.synth.opacities.rivals.natural_synthetic import (
    NsaParams,
    draw_nsa,
    render_nsa_mixed,
    render_nsa_normal,
)
from artasyn.synth.opacities.rivals.perlin_texture import PerlinParams, draw_perlin, render_perlin
from artasyn.synth.opacities.rivals.scene import Painted, Scene
from artasyn.synth.opacities.rivals.syn_tumor import SynTumorParams, draw_syn_tumor, render_syn_tumor

__all__ = [
    "IN_LUNG",
    "RIVALS",
    "Rival",
    "is_rival",
    "kind_or_rival",
    "needs_second",
    "rival_named",
    "split_name",
]

IN_LUNG = "_in_lung"
"""End of the name of a rival whose centre is drawn in the lungs and whose result is cut to them."""
CUT_PASTE = "Li et al., CutPaste, CVPR 2021"
FPI = "Tan et al., Foreign Patch Interpolation, MELBA 2022"
PII = "Tan et al., Poisson Image Interpolation, MICCAI 2021"
NSA = "Schlüter et al., Natural Synthetic Anomalies, ECCV 2022"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rival:
    """A published synthesis: the pair draw (random) / render (pure), and where it comes from."""

    name: str
    words: str
    source: str
    licence: str
    """Of the authors' program, of which nothing was taken."""
    params: type[Any]
    draw: Callable[..., Any]
    """(scene, *, rng) -> params"""
    render: Callable[[Any, Scene], Painted]
    needs_second: bool = False
    """Whether it takes pixels from a second normal image."""


def split_name(name: str) -> tuple[str, bool]:
    """Return the rival's own name and whether it is asked for in the lungs."""
    return name.removesuffix(IN_LUNG), name.endswith(IN_LUNG)


def is_rival(name: str) -> bool:
    """Say whether a kind of opacity is a rival, as published or in the lungs."""
    return split_name(name)[0] in RIVALS


def kind_or_rival(name: str) -> Kind | Rival:
    """Return what a name in a mixture stands for. Raises ConfigError for one that nothing has."""
    if is_rival(name):
        return rival_named(name)
    if name not in KINDS:
        known = [*KINDS, *RIVALS, *(f"{rival}{IN_LUNG}" for rival in RIVALS)]
        raise ConfigError("kinds", f"no kind of opacity is called {name!r}", did_you_mean(name, known))
    return KINDS[name]


def needs_second(name: str) -> bool:
    """Say whether a kind of opacity takes pixels from a second normal image."""
    return is_rival(name) and rival_named(name).needs_second


def rival_named(name: str) -> Rival:
    """Return the rival, whether asked for as published or in the lungs. Raises ConfigError for any other name."""
    own, _ = split_name(name)
    if own not in RIVALS:
        raise ConfigError("kinds", f"no rival is called {name!r}", f"known: {', '.join(RIVALS)}")
    return RIVALS[own]


RIVALS: Mapping[str, Rival] = {
    rival.name: rival
    for rival in (
        Rival(
            name="cutpaste",
            words="CutPaste: rectangle pasted hard",
            source=CUT_PASTE,
            licence="none stated",
            params=CutPasteParams,
            draw=draw_patch,
            render=render_cut_paste,
        ),
        Rival(
            name="cutpaste_scar",
            words="CutPaste: thin turned strip",
            source=CUT_PASTE,
            licence="none stated",
            params=CutPasteParams,
            draw=draw_scar,
            render=render_cut_paste,
        ),
        Rival(
            name="cutpaste_union",
            words="CutPaste: rectangle or strip",
            source=CUT_PASTE,
            licence="none stated",
            params=CutPasteParams,
            draw=draw_union,
            render=render_cut_paste,
        ),
        Rival(
            name="fpi",
            words="FPI: square of another image mixed in",
            source=FPI,
            licence="none stated",
            params=ForeignPatchParams,
            draw=draw_foreign_patch,
            render=render_fpi,
            needs_second=True,
        ),
        Rival(
            name="pii",
            words="PII: square of another image by its gradients",
            source=PII,
            licence="none stated",
            params=ForeignPatchParams,
            draw=draw_foreign_patch,
            render=render_pii,
            needs_second=True,
        ),
        Rival(
            name="nsa",
            words="NSA: patches cloned with mixed gradients",
            source=NSA,
            licence="MIT",
            params=NsaParams,
            draw=draw_nsa,
            render=render_nsa_mixed,
            needs_second=True,
        ),
        Rival(
            name="nsa_normal",
            words="NSA: patches cloned with their own gradients",
            source=NSA,
            licence="MIT",
            params=NsaParams,
            draw=draw_nsa,
            render=render_nsa_normal,
            needs_second=True,
        ),
        Rival(
            name="anatpaste",
            words="AnatPaste: soft patch in the lungs",
            source="Sato et al., AnatPaste, iScience 2023",
            licence="MIT",
            params=AnatPasteParams,
            draw=draw_anat_paste,
            render=render_anat_paste,
        ),
        Rival(
            name="draem",
            words="DRAEM: texture where Perlin noise is high",
            source="Zavrtanik et al., DRAEM, ICCV 2021",
            licence="MIT",
            params=PerlinParams,
            draw=draw_perlin,
            render=render_perlin,
            needs_second=True,
        ),
        Rival(
            name="many_tasks",
            words="many tasks: blend, deform or change brightness",
            source="Baugh et al., Many Tasks Make Light Work, MICCAI 2023",
            licence="MIT",
            params=ManyTasksParams,
            draw=draw_many_tasks,
            render=render_many_tasks,
            needs_second=True,
        ),
        Rival(
            name="syntumor",
            words="SynTumor, flat: textured ellipses",
            source="Hu et al., Label-Free Liver Tumor Segmentation, CVPR 2023",
            licence="CC BY-NC-ND",
            params=SynTumorParams,
            draw=draw_syn_tumor,
            render=render_syn_tumor,
        ),
    )
}
