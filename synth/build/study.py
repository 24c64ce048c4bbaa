"""Make one study: everything stored of one radiograph, or the reason why it is left out."""

import functools
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from artasyn.data_manifests.corpora.radiograph import Radiograph
from artasyn.data_manifests.corpora.splits import holdout
from artasyn.data_manifests.errors import ConfigError, CorpusError, ImageError
from artasyn.data_manifests.images.file_bytes import Reader, read_file
from artasyn.data_manifests.images.fingerprints import perceptual_hash, pixels_sha256
from artasyn.data_manifests.images.run_lengths import encode_runs
from artasyn.data_manifests.store.contract import CHANNELS, Row
from artasyn.synth.build.inputs import Planned
from artasyn.synth.build.odd_masks import box_notes, mask_notes, refuse_mask
from artasyn.synth.build.odd_pictures import lung_notes, shape_notes, why_refused
from artasyn.synth.build.second_image import read_second
from artasyn.synth.build.squares import square_box, square_mask, squaring_of
from artasyn.synth.config import SynthConfig
from artasyn.synth.lungs import look_for_lungs, segment_lungs
from artasyn.synth.lungs.sides import label_sides
from artasyn.synth.opacities import SecondImage, draw_variant_count, prepare_chest, synthesize_in
from artasyn.synth.seeds import generator
from artasyn.synth.sources.source import Source

__all__ = ["Recipe", "Study", "make_evaluation_study", "make_synthetic_study", "rejected_study"]

Grey = NDArray[np.uint8]
FAULTS = (ArithmeticError, IndexError, TypeError, ValueError, cv2.error)
"""What a fault of our own on one odd image would raise: that image is left out by name, the build goes on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """What every study of a version has in common; sent to the workers once a shard."""

    source: Source
    config: SynthConfig
    seed: int
    pool: tuple[Planned, ...] = ()
    """Radiographs that a second image is drawn from, where a kind of opacity needs one."""


@dataclass(frozen=True, slots=True)
class Study:
    """The stored samples by slot, `(C, H, W)` uint8 each, and one row a slot."""

    samples: Mapping[int, Grey]
    rows: tuple[Row, ...]


MakeStudy = Callable[[Radiograph, int, Recipe, Reader], Study]


def make_synthetic_study(
    radiograph: Radiograph, study: int, recipe: Recipe, read: Reader = read_file
) -> Study:
    """Paint one to `slots` opacities into a normal radiograph, or say why not.

    A variant whose mask stays empty is recorded as absent, never stored as abnormal.
    """
    slots = len(recipe.config.opacities.variants)
    return _made_or_rejected(_synthetic, radiograph, study, recipe, read, slots=slots)


def make_evaluation_study(
    radiograph: Radiograph, study: int, recipe: Recipe, read: Reader = read_file
) -> Study:
    """Bring a radiograph, its mask and its lungs to the size of the store, or say why not."""
    return _made_or_rejected(_evaluation, radiograph, study, recipe, read, slots=1)


def rejected_study(image_id: str, study: int, slots: int, *, kind: str, message: str) -> Study:
    """Return rows that keep the place and the reason of an image that is left out."""
    reason = f"{kind}: {message}"
    row = Row(image_id=image_id, study=study, variant=0, status="rejected", reason=reason)
    return Study({}, tuple(replace(row, variant=variant) for variant in range(slots)))


def _made_or_rejected(
    make: MakeStudy, radiograph: Radiograph, study: int, recipe: Recipe, read: Reader, *, slots: int
) -> Study:
    try:
        return make(radiograph, study, recipe, read)
    except (ConfigError, CorpusError):
        raise  # a mistake in the settings or a file that changed meanwhile is not the image's
    except ImageError as error:
        made = rejected_study(
            radiograph.image_id, study, slots, kind=error.kind, message=_portable(error, radiograph)
        )
    except FAULTS as error:
        made = rejected_study(radiograph.image_id, study, slots, kind="fault", message=repr(error))
    return Study({}, tuple(_of(radiograph, row) for row in made.rows))


def _portable(error: ImageError, radiograph: Radiograph) -> str:
    """Return what was wrong with which file, without where the corpus lies."""
    names = {radiograph.mask: "its mask ", radiograph.lung_mask: "its lung mask "}
    names |= dict.fromkeys(radiograph.more_masks, "one of its masks ")
    names[radiograph.other_lung_mask] = "its other lung's mask "
    subject = next((name for path, name in names.items() if path and error.subject == str(path)), "")
    return f"{subject}{error.reason}" + (f" ({error.remedy})" if error.remedy else "")


def _of(radiograph: Radiograph, row: Row) -> Row:
    return replace(row, label=radiograph.label, split=radiograph.split, patient=radiograph.patient)


def _synthetic(radiograph: Radiograph, study: int, recipe: Recipe, read: Reader) -> Study:
    config, seed = recipe.config, recipe.seed
    decoded = recipe.source.read_image(radiograph, read=read)
    squaring = squaring_of(decoded, config)
    image = squaring.image(decoded)
    lungs = look_for_lungs(image, config.lungs)
    if lungs.reason:
        raise ImageError(radiograph.image_id, why_refused(lungs), kind=lungs.reason)
    row = replace(_row(radiograph, decoded, study), quality=lungs.quality, has_mask=True)
    # Equal images under several names stay together.
    kept = holdout(radiograph.patient or row.pixels_sha256, share=config.holdout, salt=str(seed))
    row = replace(row, split="val" if kept else "train")
    count = draw_variant_count(
        rng=generator(seed, radiograph.image_id, 0, stage="count"), config=config.opacities
    )
    chest = prepare_chest(image, lungs.labels)
    samples, rows, notes = {}, [], "; ".join(shape_notes(squaring))
    for variant in range(len(config.opacities.variants)):
        rows.append(replace(row, variant=variant, status="absent", reason=f"not_drawn: {count} drawn"))
        if variant >= count:
            continue
        rng = generator(seed, radiograph.image_id, variant, stage="opacity")
        try:
            second = _second_reader(radiograph, variant, recipe)
            opacity = synthesize_in(chest, rng=rng, config=config.opacities, second=second)
        except ImageError as error:
            rows[-1] = replace(rows[-1], reason=f"{error.kind}: {_portable(error, radiograph)}")
            continue
        truth = opacity.alpha, opacity.mask, opacity.outline
        samples[variant] = _sample(image, opacity.altered, *truth, lungs.labels)
        rows[-1] = replace(rows[-1], status="ok", reason=notes, record=_json(opacity.record.to_dict()))
    return Study(samples, tuple(rows))


def _second_reader(radiograph: Radiograph, variant: int, recipe: Recipe) -> Callable[[], SecondImage]:
    """Return what reads the variant's second image when a kind asks for it, once."""
    config = recipe.config

    @functools.cache
    def read() -> SecondImage:
        return read_second(
            recipe.pool,
            radiograph,
            variant,
            source=recipe.source,
            accept=lambda decoded: _accepted(squaring_of(decoded, config).image(decoded), config),
            seed=recipe.seed,
            share=config.holdout,
        )

    return read


def _accepted(image: Grey, config: SynthConfig) -> Grey | None:
    """Return the image, or None where it has no accepted lungs: a second image is always one that the version holds."""
    return None if segment_lungs(image, config.lungs).reason else image


def _evaluation(radiograph: Radiograph, study: int, recipe: Recipe, read: Reader) -> Study:
    config = recipe.config
    decoded = recipe.source.read_image(radiograph, read=read)
    squaring = squaring_of(decoded, config)
    image = squaring.image(decoded)
    mask = recipe.source.read_mask(radiograph, read=read)
    reference = recipe.source.read_lungs(radiograph, read=read)
    found = look_for_lungs(image, config.lungs)
    if found.reason:
        refuse_mask(radiograph, decoded)
    empty = np.zeros_like(image)
    findings = {
        name: encode_runs(square_mask(part, decoded, squaring))
        for name, part in recipe.source.read_findings(radiograph, read=read).items()
    }
    row = replace(
        _row(radiograph, decoded, study),
        status="ok",
        split=radiograph.split,
        quality=found.quality,
        reason="; ".join(
            [
                *mask_notes(mask, radiograph),
                *box_notes(radiograph.boxes, decoded.shape),
                *lung_notes(found),
                *shape_notes(squaring),
            ]
        ),
        has_mask=mask is not None or radiograph.label == "normal",
        has_lungs=reference is not None,
        record=_json({"findings": findings} if findings else {}),
        boxes=json.dumps([square_box(box, squaring) for box in radiograph.boxes]),
    )
    marked = empty if mask is None else square_mask(mask, decoded, squaring).astype(np.uint8)
    human = empty if reference is None else label_sides(square_mask(reference, decoded, squaring))
    return Study({0: _sample(image, image, empty, marked, marked, found.labels, human)}, (row,))


def _row(radiograph: Radiograph, decoded: Grey, study: int) -> Row:
    return Row(
        image_id=radiograph.image_id,
        study=study,
        variant=0,
        status="absent",
        label=radiograph.label,
        patient=radiograph.patient,
        pixels_sha256=pixels_sha256(decoded),
        perceptual_hash=perceptual_hash(decoded),
        attributes=_json(dict(radiograph.attributes)),
    )


def _sample(*channels: Grey) -> Grey:
    """Stack the channels in the contract's order; reference lungs that are not given stay 0."""
    missing = len(CHANNELS) - len(channels)
    return np.stack([*channels, *[np.zeros_like(channels[0])] * missing])


def _json(values: dict[str, Any]) -> str:
    return json.dumps(values, sort_keys=True, separators=(",", ":"))
