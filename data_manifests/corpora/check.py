"""Hold a copy of a corpus against its declaration: what is there, missing or odd."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from artasyn.data_manifests.corpora.corpus import Corpus
from artasyn.data_manifests.corpora.radiograph import Radiograph
from artasyn.data_manifests.errors import ImageError
from artasyn.data_manifests.images.run_lengths import fits

__all__ = ["Check", "Odd", "check_corpus", "count"]

LONGEST = 3.0  # height over width, or the other way round; a chest image is nearly square


@dataclass(frozen=True, slots=True, kw_only=True)
class Odd:
    """One thing that is not as declared."""

    kind: str
    """missing_part, count, skipped, or the kind of an ImageError."""
    subject: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """What a look at a corpus found."""

    counts: Mapping[str, int]
    expected: Mapping[str, int]
    """As far as the manifest states them."""
    decoded: int
    """How many images were decoded on trial."""
    odd: tuple[Odd, ...]
    """Empty where all is as declared."""


def check_corpus(corpus: Corpus, *, decode: int = 24) -> Check:
    """Compare counts, list what is missing, and decode `decode` images with their masks, evenly spread."""
    counts, expected = count(corpus), corpus.manifest.expected
    odd = [Odd(kind="missing_part", subject=corpus.name, message=sentence) for sentence in corpus.absent]
    for name, wanted in expected.items():
        if counts.get(name, 0) != wanted:
            message = f"{counts.get(name, 0):,}, a full copy has {wanted:,}"
            odd.append(Odd(kind="count", subject=name, message=message))
    odd += [
        Odd(kind=doubt.kind, subject=doubt.subject, message=str(doubt)) for doubt in corpus.understood.doubts
    ]
    odd += [Odd(kind=entry.reason, subject=entry.image_id, message=entry.message) for entry in corpus.skipped]
    chosen = _spread(corpus.radiographs, decode)
    for radiograph in chosen:
        odd += _try(corpus, radiograph)
    return Check(counts=counts, expected=expected, decoded=len(chosen), odd=tuple(odd))


def count(corpus: Corpus) -> dict[str, int]:
    """Count images, labels, masks, boxes and patients, in all and by split."""
    counts: Counter[str] = Counter()
    for radiograph in corpus.radiographs:
        for prefix in ("", f"{radiograph.split}_") if radiograph.split else ("",):
            counts[f"{prefix}images"] += 1
            counts[f"{prefix}{radiograph.label}"] += 1
        counts["masks"] += radiograph.mask is not None or bool(radiograph.runs)
        counts["lung_masks"] += radiograph.lung_mask is not None
        counts["boxes"] += len(radiograph.boxes)
    counts["patients"] = len({radiograph.patient for radiograph in corpus.radiographs} - {""})
    counts["skipped"] = len(corpus.skipped)
    counts["out_of_scope"] = sum(corpus.out_of_scope.values())
    counts["all_rows"] = counts["images"] + counts["skipped"] + counts["out_of_scope"]
    return dict(counts)


def _spread(radiographs: Sequence[Radiograph], wanted: int) -> list[Radiograph]:
    step = max(1, -(-len(radiographs) // wanted)) if wanted else 0
    return list(radiographs[::step]) if step else []


def _try(corpus: Corpus, radiograph: Radiograph) -> list[Odd]:
    name = radiograph.image_id
    try:
        height, width = corpus.read_image(radiograph).shape
        masks = [corpus.read_mask(radiograph), corpus.read_lungs(radiograph)]
    except ImageError as error:
        return [Odd(kind=error.kind, subject=name, message=str(error))]
    if max(height / width, width / height) > LONGEST:
        return [Odd(kind="odd_shape", subject=name, message=f"{width} x {height} pixels")]
    return [
        Odd(kind="odd_mask", subject=name, message=f"its mask is {mask.shape}, the image {(height, width)}")
        for mask in masks
        if mask is not None and not fits(mask.shape, (height, width))
    ]
