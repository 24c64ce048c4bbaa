"""Make a synthetic study: opacities painted into one normal radiograph."""

import functools
from collections.abc import Callable
from dataclasses import replace

from artasyn.data_manifests.corpora.radiograph import Radiograph
from artasyn.data_manifests.corpora.splits import holdout
from artasyn.data_manifests.errors import ImageError
from artasyn.data_manifests.images.file_bytes import Reader, read_file
from artasyn.synth.build.odd_pictures import shape_notes, why_refused
from artasyn.synth.build.second_image import read_second
from artasyn.synth.build.squares import squaring_of
from artasyn.synth.build.study import (
    Grey,
    Recipe,
    Study,
    first_row,
    json_text,
    made_or_rejected,
    portable,
    stack_sample,
)
from artasyn.synth.config import SynthConfig
from artasyn.synth.lungs import look_for_lungs
from artasyn.synth.opacities import SecondImage, draw_variant_count, prepare_chest, synthesize_in
from artasyn.synth.seeds import generator

__all__ = ["make_synthetic_study"]


def make_synthetic_study(
    radiograph: Radiograph, study: int, recipe: Recipe, read: Reader = read_file
) -> Study:
    """Paint one to `slots` opacities into a normal radiograph, or say why not.

    A variant whose mask stays empty is recorded as absent, never stored as abnormal.
    """
    slots = len(recipe.config.opacities.variants)
    return made_or_rejected(_synthetic, radiograph, study, recipe, read, slots=slots)


def _synthetic(radiograph: Radiograph, study: int, recipe: Recipe, read: Reader) -> Study:
    config, seed = recipe.config, recipe.seed
    decoded = recipe.source.read_image(radiograph, read=read)
    squaring = squaring_of(decoded, config)
    image = squaring.image(decoded)
    lungs = look_for_lungs(image, config.lungs)
    if lungs.reason:
        raise ImageError(radiograph.image_id, why_refused(lungs), kind=lungs.reason)
    row = replace(first_row(radiograph, decoded, study), quality=lungs.quality, has_mask=True)
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
            rows[-1] = replace(rows[-1], reason=f"{error.kind}: {portable(error, radiograph)}")
            continue
        truth = opacity.alpha, opacity.mask, opacity.outline
        samples[variant] = stack_sample(image, opacity.altered, *truth, lungs.labels)
        rows[-1] = replace(rows[-1], status="ok", reason=notes, record=json_text(opacity.record.to_dict()))
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
    return None if look_for_lungs(image, config.lungs).reason else image
