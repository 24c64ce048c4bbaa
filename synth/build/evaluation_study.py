"""Make an evaluation study: a radiograph, its mask, its boxes and its lungs at the size of the store."""

import json
from dataclasses import replace

import numpy as np

from artasyn.data_manifests.corpora.radiograph import Radiograph
from artasyn.data_manifests.images.file_bytes import Reader, read_file
from artasyn.data_manifests.images.run_lengths import encode_runs
from artasyn.synth.build.odd_masks import (
    box_notes,
    class_notes,
    hollow_notes,
    lung_agreement,
    mask_notes,
    refuse_mask,
)
from artasyn.synth.build.odd_pictures import lung_notes, shape_notes
from artasyn.synth.build.squares import square_box, square_mask, squaring_of
from artasyn.synth.build.study import Recipe, Study, first_row, json_text, made_or_rejected, stack_sample
from artasyn.synth.lungs import look_for_lungs
from artasyn.synth.lungs.sides import label_sides

__all__ = ["make_evaluation_study"]


def make_evaluation_study(
    radiograph: Radiograph, study: int, recipe: Recipe, read: Reader = read_file
) -> Study:
    """Bring a radiograph, its mask and its lungs to the size of the store, or say why not."""
    return made_or_rejected(_evaluation, radiograph, study, recipe, read, slots=1)


def _evaluation(radiograph: Radiograph, study: int, recipe: Recipe, read: Reader) -> Study:
    config = recipe.config
    decoded = recipe.source.read_image(radiograph, read=read)
    squaring = squaring_of(decoded, config)
    image = squaring.image(decoded)
    marks = recipe.source.read_marks(radiograph, read=read)
    mask, labels = (marks.marked, marks.labels) if marks else (None, None)
    reference = recipe.source.read_lungs(radiograph, read=read)
    found = look_for_lungs(image, config.lungs)
    if found.reason:
        refuse_mask(radiograph, decoded)
    empty = np.zeros_like(image)
    marked = empty if mask is None else square_mask(mask, decoded, squaring).astype(np.uint8)
    findings = {
        name: encode_runs(square_mask(part, decoded, squaring))
        for name, part in recipe.source.read_findings(radiograph, read=read).items()
    }
    notes = [
        *mask_notes(mask, radiograph),
        *class_notes(labels),
        *hollow_notes(mask),
        *([] if found.reason else lung_agreement(marked, found.labels)),
        *box_notes(radiograph.boxes, decoded.shape),
        *recipe.source.read_notes(radiograph, read=read),
        *lung_notes(found),
        *shape_notes(squaring),
    ]
    row = replace(
        first_row(radiograph, decoded, study),
        status="ok",
        split=radiograph.split,
        quality=found.quality,
        reason="; ".join(notes),
        has_mask=mask is not None or radiograph.label == "normal",
        has_lungs=reference is not None,
        record=json_text({"findings": findings} if findings else {}),
        boxes=json.dumps([square_box(box, squaring) for box in radiograph.boxes]),
    )
    human = empty if reference is None else label_sides(square_mask(reference, decoded, squaring))
    return Study({0: stack_sample(image, image, empty, marked, marked, found.labels, human)}, (row,))
