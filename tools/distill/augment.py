"""Change a radiograph and its lung labels (128, 128) together, so that a network learns lungs and not scanners."""

import cv2
import numpy as np
from numpy.typing import NDArray

SIZE = 128
Grey = NDArray[np.float32]
Labels = NDArray[np.uint8]


def augment(
    image: NDArray[np.uint8], labels: Labels, *, rng: np.random.Generator
) -> tuple[NDArray[np.uint8], Labels]:
    """Return a changed image and its labels; opacities are painted in, yet the lung stays labelled whole."""
    grey = image.astype(np.float32)
    if rng.random() < 0.7:
        grey = with_opacities(grey, labels, rng=rng)
    if rng.random() < 0.4:
        grey = with_gas(grey, labels, rng=rng)
    if rng.random() < 0.5:
        grey, labels = grey[:, ::-1], np.array([0, 2, 1], np.uint8)[labels[:, ::-1]]
    grey, labels = moved(grey, labels, rng=rng)
    grey = exposed(grey, rng=rng)
    if rng.random() < 0.35:
        grey = with_clutter(grey, rng=rng)
    if rng.random() < 0.2:
        grey, labels = with_frame(grey, labels, rng=rng)
    low, high = (0, 255) if rng.random() < 0.7 else (rng.uniform(0, 60), rng.uniform(150, 255))
    changed = np.clip(low + np.clip(grey, 0, 255) * (high - low) / 255, 0, 255).astype(np.uint8)
    if rng.random() < 0.15:
        changed = cv2.createCLAHE(rng.uniform(1, 3), (4, 4)).apply(changed)
    return changed, labels


def with_opacities(grey: Grey, labels: Labels, *, rng: np.random.Generator) -> Grey:
    """Brighten the lungs by up to five blobs, a basal shadow, or all over, with some texture."""
    inside = cv2.GaussianBlur((labels > 0).astype(np.float32), (0, 0), 1.2)
    lung = np.argwhere(labels > 0)
    rows, columns = np.mgrid[0:SIZE, 0:SIZE].astype(np.float32)
    clear = np.ones_like(grey)
    for _ in range(rng.integers(1, 6)):
        row, column = lung[rng.integers(len(lung))]
        (height, width), angle = rng.uniform(4, 30, 2), rng.uniform(0, np.pi)
        u = (columns - column) * np.cos(angle) + (rows - row) * np.sin(angle)
        v = (rows - row) * np.cos(angle) - (columns - column) * np.sin(angle)
        blob = np.exp(-(((u / width) ** 2 + (v / height) ** 2) ** rng.choice([1, 1, 3])))
        clear *= 1 - blob * rng.uniform(0.15, 0.9)
    if rng.random() < 0.4:
        side = rng.choice([1, 2])
        extent = np.flatnonzero((labels == side).any(axis=1))
        level = rng.uniform(extent[0] + 0.4 * len(extent), extent[-1])
        shadow = 0.5 + 0.5 * np.tanh((rows - level) / rng.uniform(2, 20))
        clear *= 1 - shadow * rng.uniform(0.4, 0.97) * (labels == side)
    if rng.random() < 0.15:
        clear *= 1 - rng.uniform(0.1, 0.7)
    texture = cv2.GaussianBlur(rng.normal(0, 1, grey.shape).astype(np.float32), (0, 0), rng.uniform(1, 4))
    alpha = (1 - clear) * (1 + texture / (texture.std() + 1e-6) * rng.uniform(0, 0.5))
    alpha = np.clip(alpha, 0, 0.97) * inside
    colour = np.percentile(grey, 80) * rng.uniform(0.85, 1.1)
    return np.maximum(grey, grey * (1 - alpha) + colour * alpha)


def with_gas(grey: Grey, labels: Labels, *, rng: np.random.Generator) -> Grey:
    """Darken one to four bubbles under a diaphragm, mostly the left one: gas of stomach and bowel is no lung."""
    side = 2 if rng.random() < 0.8 else 1
    lung = labels == side
    columns = np.flatnonzero(lung.any(axis=0))
    lowest = SIZE - 1 - lung[::-1].argmax(axis=0)
    dome = np.quantile(lowest[columns], 0.6)
    outside = cv2.GaussianBlur((labels == 0).astype(np.float32), (0, 0), 0.7)
    dark = float(np.quantile(grey[labels > 0], rng.uniform(0.05, 0.5)))
    rows, across = np.mgrid[0:SIZE, 0:SIZE].astype(np.float32)
    for _ in range(rng.integers(1, 5)):
        column, (height, width) = int(rng.choice(columns)), rng.uniform((2, 3), (9, 14))
        row = max(lowest[column], dome) + height + rng.uniform(0, 8)
        distance = np.hypot((rows - row) / height, (across - column) / width)
        bubble = 0.5 - 0.5 * np.tanh((distance - 1) * rng.uniform(3, 8))
        alpha = np.clip(bubble * rng.uniform(0.3, 1), 0, 1) * np.clip(2 * outside - 1, 0, 1)
        grey = np.minimum(grey, grey * (1 - alpha) + dark * alpha).astype(np.float32)
    return grey


def moved(grey: Grey, labels: Labels, *, rng: np.random.Generator) -> tuple[Grey, Labels]:
    """Scale, stretch, turn, shear and shift both; what comes into view is repeated, plain or mirrored."""
    scale, stretch = np.exp(rng.normal(0, 0.12)), np.exp(rng.normal(0, 0.06))
    angle, shear = np.deg2rad(rng.normal(0, 6)), rng.normal(0, 0.05)
    linear = np.array([
        [scale * stretch * np.cos(angle), -scale * np.sin(angle) + shear],
        [scale * np.sin(angle), scale / stretch * np.cos(angle)],
    ])  # fmt: skip
    centre = np.full(2, SIZE / 2)
    shift = centre - linear @ centre + rng.normal(0, 0.05, 2) * SIZE
    matrix = np.hstack([linear, shift[:, None]]).astype(np.float32)
    borders = (cv2.BORDER_REPLICATE, cv2.BORDER_CONSTANT, cv2.BORDER_REFLECT_101)
    border, value = borders[rng.choice(3, p=[0.5, 0.35, 0.15])], float(rng.choice([0, rng.uniform(0, 255)]))
    size = (SIZE, SIZE)
    grey = cv2.warpAffine(grey, matrix, size, flags=cv2.INTER_LINEAR, borderMode=border, borderValue=value)
    return grey, cv2.warpAffine(np.ascontiguousarray(labels), matrix, size, flags=cv2.INTER_NEAREST)


def exposed(grey: Grey, *, rng: np.random.Generator) -> Grey:
    """Change shading, gamma, sharpness and noise."""
    if rng.random() < 0.6:
        coarse = rng.normal(0, 1, (4, 4)).astype(np.float32)
        grey = grey + cv2.resize(coarse, (SIZE, SIZE), interpolation=cv2.INTER_CUBIC) * rng.uniform(0, 25)
    if rng.random() < 0.3:
        grey = grey + rng.uniform(-40, 40) * np.linspace(-1, 1, SIZE, dtype=np.float32)[:, None]
    grey = (255 * (np.clip(grey, 0, 255) / 255) ** np.exp(rng.normal(0, 0.3))).astype(np.float32)
    if rng.random() < 0.4:
        grey = cv2.GaussianBlur(grey, (0, 0), rng.uniform(0.3, 1.8))
    elif rng.random() < 0.3:
        grey = grey + (grey - cv2.GaussianBlur(grey, (0, 0), 2)) * rng.uniform(0.2, 1.5)
    if rng.random() < 0.4:
        grey = grey + rng.normal(0, rng.uniform(0, 10), grey.shape).astype(np.float32)
    return grey


def with_clutter(grey: Grey, *, rng: np.random.Generator) -> Grey:
    """Draw one to three tubes, letters, discs or plates."""
    image = np.clip(grey, 0, 255).astype(np.uint8)
    for _ in range(rng.integers(1, 4)):
        value = float(rng.choice([255, rng.uniform(120, 255), 0], p=[0.5, 0.4, 0.1]))
        row, column = (int(v) for v in rng.integers(0, SIZE, 2))
        kind = rng.integers(0, 4)
        if kind == 0:
            drawn, weight = (
                cv2.polylines(image.copy(), [_curve(rng=rng)], False, value, 1, cv2.LINE_AA),
                rng.uniform(0.2, 1),
            )
            image = cv2.addWeighted(drawn, weight, image, 1 - weight, 0)
        elif kind == 1:
            text, font = str(rng.choice(["R", "L", "PORT", "AP", "12:30"])), cv2.FONT_HERSHEY_SIMPLEX
            cv2.putText(
                image, text, (column - 10, row + 8), font, rng.uniform(0.2, 0.5), value, 1, cv2.LINE_AA
            )
        elif kind == 2:
            cv2.circle(image, (column, row), int(rng.integers(1, 7)), value, -1, cv2.LINE_AA)
        else:
            corner = (column + int(rng.integers(3, 25)), row + int(rng.integers(2, 8)))
            cv2.rectangle(image, (column, row), corner, value, -1)
    return image.astype(np.float32)


def _curve(*, rng: np.random.Generator) -> NDArray[np.int32]:
    p, t = rng.uniform(-10, SIZE + 10, (4, 2)), np.linspace(0, 1, 40)[:, None]
    bezier = (1 - t) ** 3 * p[0] + 3 * t * (1 - t) ** 2 * p[1] + 3 * t * t * (1 - t) * p[2] + t**3 * p[3]
    return np.round(bezier).astype(np.int32)


def with_frame(grey: Grey, labels: Labels, *, rng: np.random.Generator) -> tuple[Grey, Labels]:
    """Black out (or, rarely, burn in) a strip along one border."""
    turns, width = rng.integers(0, 4), int(rng.integers(2, 18))
    grey, labels = np.rot90(grey, turns).copy(), np.rot90(labels, turns).copy()
    grey[:width], labels[:width] = rng.choice([0.0, 255.0], p=[0.8, 0.2]), 0
    return np.rot90(grey, -turns), np.rot90(labels, -turns)
