"""Chest phantoms: radiographs drawn as ray sums of a parametric chest, so that everything runs with no download.

Thicknesses of tissue along each ray are added up (body, lungs, heart, bones, vessels, lesions) and exposed with scatter
and noise. The lungs are known exactly, also where the heart or the diaphragm hides them. Lesions are clouds of spheres
or fluid, by another routine than the opacities of `artasyn.synth.opacities`: unseen by what is trained on those.
"""

from artasyn.synth.sources.phantom.params import Lesion, PhantomParams, draw_phantom
from artasyn.synth.sources.phantom.render import Phantom, render_phantom

__all__ = ["Lesion", "Phantom", "PhantomParams", "draw_phantom", "render_phantom"]
