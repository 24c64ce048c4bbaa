"""NSA: patches of another image, resized and blended seamlessly, with the published settings for chest radiographs.

Schlüter et al., Natural Synthetic Anomalies for Self-Supervised Anomaly Detection and Localization, ECCV 2022. The
image itself is turned by up to 3 degrees there; here that belongs to the trainer's augmentation, which treats image and
altered image alike.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from artasyn.synth.opacities.rivals.scene import Painted, Scene, draw_centre

__all__ = ["NsaParams", "draw_nsa", "render_nsa_mixed", "render_nsa_normal"]

TRIES = 200
SIDES = (0.03, 0.4)
"""Least and largest half-width, and side after resizing, as a share of the image."""
OBJECT_GREY, OBJECT_MEDIAN, OBJECT_SHARE = 20, 7, 0.7
LEAST_PIXELS = 50
LEAST_SIDE = 3
"""OpenCV cannot clone a patch of one or two rows or columns, as small images have them."""

Grey = NDArray[np.uint8]
Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class NsaPatch:
    """A box of the other image and the box, of another size, that it is blended into; pixels."""

    source: tuple[int, int, int, int]
    """First row, first column, height, width."""
    target: tuple[int, int, int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class NsaParams:
    """One to three patches; none where no fitting place was found."""

    patches: tuple[NsaPatch, ...]


def draw_nsa(scene: Scene, *, rng: np.random.Generator) -> NsaParams:
    """Draw up to three patches, each further one with probability 1/2."""
    objects = _objects(scene.image, scene), _objects(scene.second.pixels, scene)
    drawn = [_draw_patch(scene, *objects, rng=rng)]
    for _ in range(2):
        if rng.random() < 0.5:
            drawn.append(_draw_patch(scene, *objects, rng=rng))
    return NsaParams(patches=tuple(patch for patch in drawn if patch is not None))


def render_nsa_mixed(params: NsaParams, scene: Scene) -> Painted:
    """Blend with mixed gradients: the published choice for chest radiographs."""
    return _render(params, scene, method=cv2.MIXED_CLONE)


def render_nsa_normal(params: NsaParams, scene: Scene) -> Painted:
    """Blend with the gradients of the other image alone."""
    return _render(params, scene, method=cv2.NORMAL_CLONE)


def _draw_patch(scene: Scene, own: Mask, other: Mask, *, rng: np.random.Generator) -> NsaPatch | None:
    source = _draw_source(scene, other, rng=rng)
    if source is None:
        return None
    shape = scene.image.shape
    factor = float(np.clip(rng.normal(1, 0.5), 0.7, 1.3))
    height, width = (
        max(1, round(float(np.clip(factor * n, SIDES[0] * s, SIDES[1] * s))))
        for n, s in zip(source[2:], shape, strict=True)
    )
    theirs = _resized(other[_box(source)], (height, width))
    target = _draw_target(scene, own, theirs, rng=rng)
    return None if target is None else NsaPatch(source=source, target=target)


def _draw_target(
    scene: Scene, own: Mask, theirs: Mask, *, rng: np.random.Generator
) -> tuple[int, int, int, int] | None:
    """Draw where a patch with the object `theirs` (h, w) lies well on the object `own` (H, W)."""
    shape, (height, width) = scene.image.shape, theirs.shape
    for _ in range(TRIES):
        row, column = draw_centre(
            scene,
            (height // 2, shape[0] - (height - height // 2) + 1),
            (width // 2, shape[1] - (width - width // 2) + 1),
            rng=rng,
        )
        target = row - height // 2, column - width // 2, height, width
        mine = own[_box(target)] if min(target) >= 0 else own[:0]
        if mine.shape != theirs.shape or mine.mean() <= OBJECT_SHARE:
            continue
        if (mine & theirs).sum() > OBJECT_SHARE * theirs.sum():
            return target
    return None


def _draw_source(scene: Scene, other: Mask, *, rng: np.random.Generator) -> tuple[int, int, int, int] | None:
    shape = scene.image.shape
    halves = [round(float(np.clip(0.05 + rng.gamma(2, 0.03), *SIDES)) * n) for n in shape]
    for _ in range(TRIES):
        centre = [int(rng.integers(round(0.03 * n), round(0.97 * n))) for n in shape]
        first = [max(0, c - half) for c, half in zip(centre, halves, strict=True)]
        stop = [min(n, c + half) for c, half, n in zip(centre, halves, shape, strict=True)]
        box = first[0], first[1], stop[0] - first[0], stop[1] - first[1]
        if other[_box(box)].mean() > OBJECT_SHARE:
            return box
    return None


def _render(params: NsaParams, scene: Scene, *, method: int) -> Painted:
    own, other = _objects(scene.image, scene), _objects(scene.second.pixels, scene)
    altered = scene.image.copy()
    patch = np.zeros(scene.image.shape, np.bool_)
    for drawn in params.patches:
        source, target = _box(drawn.source), _box(drawn.target)
        size = drawn.target[2], drawn.target[3]
        inside = own[target] | _resized(other[source], size)
        inside[[0, -1]] = inside[:, [0, -1]] = False
        top, left, bottom, right = _bounds(inside)
        if inside.sum() < LEAST_PIXELS * scene.lungs.unit**2 or min(bottom - top, right - left) < LEAST_SIDE:
            continue
        pixels = cv2.resize(scene.second.pixels[source], size[::-1], interpolation=cv2.INTER_LINEAR)
        altered[target] = _cloned(altered, np.asarray(pixels, np.uint8), inside, drawn.target, method)[target]
        patch[target] |= inside
    return _labelled(altered, patch, scene)


def _cloned(image: Grey, pixels: Grey, inside: Mask, target: tuple[int, int, int, int], method: int) -> Grey:
    """Return the image with the patch blended in; `inside` (h, w) of a box whose rim is not inside."""
    top, left, bottom, right = _bounds(inside)
    # OpenCV centres the bounding box of the mask on the point, half a pixel down and right where a side is even.
    point = target[1] + left + (right - left) // 2, target[0] + top + (bottom - top) // 2
    mask = np.where(inside, 255, 0).astype(np.uint8)
    source, target_image = (cv2.cvtColor(grey, cv2.COLOR_GRAY2BGR) for grey in (pixels, image))
    blended = np.asarray(cv2.seamlessClone(source, target_image, mask, point, method))[..., 0]
    whole = np.zeros(image.shape, np.bool_)
    whole[_box(target)] = inside
    return np.where(whole, blended, image).astype(np.uint8)


def _bounds(inside: Mask) -> tuple[int, int, int, int]:
    """Return first row and column of a mask and those beyond its last; all 0 where it is empty."""
    left, top, width, height = cv2.boundingRect(inside.astype(np.uint8))
    return top, left, top + height, left + width


def _labelled(altered: Grey, patch: Mask, scene: Scene) -> Painted:
    """Mark changes of more than one grey value; the label rises with the change, as a logistic curve about 4."""
    change = cv2.absdiff(altered, scene.image)
    kernel = _odd(5 * scene.lungs.unit)
    marked = np.where(patch & (change > 1), 1, 0).astype(np.uint8)
    mask = patch & (cv2.medianBlur(marked, kernel) > 0)
    label = 1 / (1 + np.exp(-0.5 * (np.where(mask, change, 0).astype(np.float32) - 4)))
    smooth = cv2.medianBlur(np.where(mask, label, 0).astype(np.float32), min(kernel, 5))
    return Painted(altered, np.where(mask, smooth, 0).astype(np.float32), mask, patch)


def _objects(image: Grey, scene: Scene) -> Mask:
    bright = np.where(image > OBJECT_GREY, 255, 0).astype(np.uint8)
    return np.asarray(cv2.medianBlur(bright, _odd(OBJECT_MEDIAN * scene.lungs.unit)) > 0)


def _resized(mask: Mask, size: tuple[int, int]) -> Mask:
    picture = cv2.resize(mask.astype(np.uint8), size[::-1], interpolation=cv2.INTER_NEAREST)
    return np.asarray(picture, np.bool_)


def _box(box: tuple[int, int, int, int]) -> tuple[slice, slice]:
    row, column, height, width = box
    return slice(row, row + height), slice(column, column + width)


def _odd(length: float) -> int:
    """Return the odd whole number nearest to a kernel's length in pixels."""
    return 2 * int(length // 2) + 1
