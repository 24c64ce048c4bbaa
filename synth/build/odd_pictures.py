"""Pictures of the right format that are odd all the same: squeezed, negative, or without lungs."""

from artasyn.data_manifests.images.geometry import LARGEST_ASPECT, Squaring
from artasyn.synth.lungs import LungField

__all__ = ["lung_notes", "shape_notes", "why_refused"]

SAID = {
    "negative": "lungs show in the negative alone",
    "not_upright": "lungs show when the picture is turned by 90, 180 or 270 degrees",
    "no_lung": "no lungs found",
    "one_lung": "one lung found",
    "flat": "lungs of one grey value, as in a mask",
}


def why_refused(found: LungField) -> str:
    """Return the sentence of a lung field that is not accepted."""
    return f"{SAID.get(found.reason, 'lung field not accepted')}, quality {found.quality:.2f}"


def lung_notes(found: LungField) -> list[str]:
    """Return why an image's lung field is not to be relied on, as a kind and a sentence."""
    return [f"{found.reason}: {why_refused(found)}"] if found.reason else []


def shape_notes(squaring: Squaring) -> list[str]:
    """Return that squeezing an image to a square deforms it, as a kind and a sentence."""
    if squaring.rule == "pad" or squaring.aspect <= LARGEST_ASPECT:
        return []
    return [f"squeezed: sides of {squaring.aspect:.2f} to 1, squeezed to a square"]
