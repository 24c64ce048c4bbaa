"""The second normal image that some published syntheses take pixels from."""

from collections.abc import Callable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from artasyn.data_manifests.corpora.radiograph import Radiograph, Skipped
from artasyn.data_manifests.corpora.splits import holdout
from artasyn.data_manifests.errors import ImageError
from artasyn.data_manifests.images.fingerprints import pixels_sha256
from artasyn.synth.build.inputs import Planned
from artasyn.synth.opacities import OpacityConfig, SecondImage
from artasyn.synth.opacities.rivals.registry import needs_second
from artasyn.synth.seeds import generator
from artasyn.synth.sources.source import Source

__all__ = ["POOL", "pool_of", "read_second"]

POOL = 1000
"""Radiographs that a second image is drawn from: the list goes to every worker."""
TRIES = 20

Grey = NDArray[np.uint8]


def pool_of(
    entries: Sequence[Radiograph | Skipped], contents: Sequence[str], config: OpacityConfig, *, seed: int
) -> tuple[Planned, ...]:
    """Return up to `POOL` of a plan's radiographs, drawn from the seed; none where no kind needs a second image."""
    if not any(needs_second(name) for name, weight in config.kinds.items() if weight):
        return ()
    pairs = zip(entries, contents, strict=True)
    usable = [Planned(entry, content) for entry, content in pairs if isinstance(entry, Radiograph)]
    order = generator(seed, "", 0, stage="pool").permutation(len(usable))[:POOL]
    return tuple(usable[i] for i in sorted(order))


def read_second(
    pool: Sequence[Planned],
    radiograph: Radiograph,
    variant: int,
    *,
    source: Source,
    accept: Callable[[Grey], Grey | None],
    seed: int,
    share: float,
) -> SecondImage:
    """Return the first that can be read of a sequence drawn from (seed, image id, variant).

    `accept` brings a decoded image to the size of the store, or returns None for one that the version cannot hold.
    Never the radiograph itself, another of its patient, or one of the held-out `share`. Raises ImageError of kind
    `no_second_image`, CorpusError where a file is not what the plan saw, MachineError where the system fails.
    """
    for planned in _candidates(pool, radiograph, variant, seed=seed):
        other = planned.radiograph
        read = planned.read()
        try:
            decoded = source.read_image(other, read=read)
        except ImageError:  # it is listed with its reason at its own place in the version
            continue
        found = pixels_sha256(decoded)
        if holdout(other.patient or found, share=share, salt=str(seed)):
            continue
        pixels = accept(decoded)
        if pixels is not None:
            return SecondImage(image_id=other.image_id, pixels_sha256=found, pixels=pixels)
    remedy = "give more normal radiographs, or a kind that needs one image only"
    raise ImageError(radiograph.image_id, "no second normal image for it", remedy, kind="no_second_image")


def _candidates(
    pool: Sequence[Planned], radiograph: Radiograph, variant: int, *, seed: int
) -> Iterator[Planned]:
    rng = generator(seed, radiograph.image_id, variant, stage="second")
    for place in rng.permutation(len(pool))[:TRIES]:
        other = pool[place].radiograph
        if other.image_id != radiograph.image_id and not (
            other.patient and other.patient == radiograph.patient
        ):
            yield pool[place]
