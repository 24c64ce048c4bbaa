"""New opacities in each epoch, painted into a user's own normal images while a training runs."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.utils.data import Dataset

from artasyn.data_manifests.errors import ConfigError, ImageError
from artasyn.data_manifests.images.decode import read_image
from artasyn.data_manifests.images.geometry import Squaring
from artasyn.synth.config import SynthConfig, load_config
from artasyn.synth.lungs import LungField, segment_lungs
from artasyn.synth.opacities import synthesize
from artasyn.synth.seeds import generator
from artasyn.synth.threads import one_thread

__all__ = ["OpacityDataset"]

Grey = NDArray[np.uint8]


class OpacityDataset(Dataset[dict[str, Tensor]]):
    """Normal radiographs with an opacity that follows from (seed, epoch, index) alone; picklable.

    Item k is a dict: `image`, `altered`, `alpha`, `mask` and `outline` {0, 1}, `lungs` {0, 1, 2}, `(H, W)` uint8 each;
    `row`, int64: the place among the images; and `accepted`, bool: False where no lung field could be trusted or no
    opacity drawn: the image is unaltered then and its mask empty.
    """

    def __init__(
        self,
        images: Sequence[Path | str | Grey],
        *,
        preset: str | Path | SynthConfig = "default",
        seed: int = 0,
    ) -> None:
        """Take files (PNG, JPEG, TIFF, DICOM) or grey arrays `(H, W)` uint8; `preset` as for `artasyn-synth build`.

        Raises ConfigError.
        """
        if isinstance(images, str | Path):
            raise ConfigError(
                "images",
                f"must be a list of files or arrays, got the path {images}",
                'sorted(Path(FOLDER).glob("*.png")) lists the files of a folder',
            )
        if seed < 0:
            raise ConfigError("seed", f"must be at least 0, got {seed}")
        self.images, self.seed = list(images), seed
        self.config = preset if isinstance(preset, SynthConfig) else load_config(preset)
        # In shared memory: workers that outlive an epoch see the new number.
        self._epoch = torch.zeros((), dtype=torch.int64).share_memory_()  # type: ignore[no-untyped-call]

    def __repr__(self) -> str:
        """Return a line."""
        return f"<OpacityDataset of {len(self)} images, seed {self.seed}, epoch {self.epoch}>"

    @property
    def epoch(self) -> int:
        """The epoch whose opacities are drawn."""
        return int(self._epoch)

    def set_epoch(self, epoch: int) -> None:
        """Draw the opacities of `epoch` from now on, in all worker processes as well; call it between epochs."""
        if epoch < 0:
            raise ConfigError("epoch", f"must be at least 0, got {epoch}")
        self._epoch.fill_(epoch)

    def __len__(self) -> int:
        """Return the number of images."""
        return len(self.images)

    def __getitem__(self, index: int) -> dict[str, Tensor]:
        """Return one image with its opacity. Raises IndexError, and ImageError where a file cannot be used."""
        place = range(len(self.images))[index]
        source = self.images[place]
        decoded = source if isinstance(source, np.ndarray) else read_image(source)
        shape = (decoded.shape[0], decoded.shape[1])
        image = Squaring(shape, self.config.size, self.config.squaring).image(decoded)
        with one_thread():
            lungs = segment_lungs(image, self.config.lungs)
            painted = self._paint(image, lungs, place)
        empty = np.zeros_like(image)
        opacity = painted or {"altered": image, "alpha": empty, "mask": empty, "outline": empty}
        channels = {"image": image, **opacity, "lungs": lungs.labels}
        tensors = {name: torch.from_numpy(np.array(pixels)) for name, pixels in channels.items()}
        return tensors | {"row": torch.tensor(place), "accepted": torch.tensor(painted is not None)}

    def _paint(self, image: Grey, lungs: LungField, place: int) -> dict[str, Grey] | None:
        """Return the channels of an opacity, or None where there is none."""
        if lungs.reason:
            return None
        rng = generator(self.seed, str(place), self.epoch, stage="epoch")
        try:
            opacity = synthesize(image, lungs.labels, rng=rng, config=self.config.opacities)
        except ImageError:
            return None
        return {name: getattr(opacity, name) for name in ("altered", "alpha", "mask", "outline")}
