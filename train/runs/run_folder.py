"""The run folder: which file lies where, and what may be done with it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from artasyn.data_manifests.config import config_to_dict
from artasyn.data_manifests.errors import RunError
from artasyn.data_manifests.files import write_csv, write_json
from artasyn.train.runs.config_changes import first_difference, is_longer
from artasyn.train.runs.later_settings import add_later_settings
from artasyn.train.runs.reading import read_json
from artasyn.train.runs.store_records import read_records

if TYPE_CHECKING:  # it would load torch, which lists of runs do without
    from artasyn.train.config import TrainConfig

__all__ = ["RunFolder"]


STARTED = {
    "checkpoints",
    "environment.json",
    "pictures",
    "store.json",
    "tensorboard",
    "training_images.csv",
}
"""What a start that was stopped before its configuration was written may have left."""


@dataclass(frozen=True, slots=True)
class RunFolder:
    """Paths inside a run folder."""

    path: Path

    @property
    def config(self) -> Path:
        """The configuration, complete, with what the first start resolved."""
        return self.path / "config.json"

    @property
    def environment(self) -> Path:
        """Versions and platform of each start."""
        return self.path / "environment.json"

    @property
    def store(self) -> Path:
        """The versions trained on: name, id, digest."""
        return self.path / "store.json"

    @property
    def training_images(self) -> Path:
        """Fingerprints of every image trained on or held out."""
        return self.path / "training_images.csv"

    @property
    def log(self) -> Path:
        """One line every `log_every` steps."""
        return self.path / "log.csv"

    @property
    def thresholds(self) -> Path:
        """The frozen thresholds."""
        return self.path / "thresholds.json"

    @property
    def image_score(self) -> Path:
        """What was fitted for the image score, where it weighs more than the map."""
        return self.path / "image_score.safetensors"

    @property
    def digests(self) -> Path:
        """Sizes and digests of a finished run's files."""
        return self.path / "digests.json"

    @property
    def adaptation(self) -> Path:
        """What an adapted run came from and how far it moved; absent in others."""
        return self.path / "adaptation.json"

    @property
    def card(self) -> Path:
        """What a shipped run was trained on, its terms and figures; absent in others."""
        return self.path / "CARD.md"

    @property
    def pictures(self) -> Path:
        """Folder of validation pictures."""
        return self.path / "pictures"

    @property
    def tensorboard(self) -> Path:
        """Folder of TensorBoard events."""
        return self.path / "tensorboard"

    def checkpoint(self, name: str) -> Path:
        """The checkpoint `last`, `best` or `step-00001000`."""
        return self.path / "checkpoints" / f"{name}.safetensors"

    def numbered_checkpoints(self) -> list[Path]:
        """Return the checkpoints kept beside `last` and `best`, oldest first."""
        return sorted((self.path / "checkpoints").glob("step-*.safetensors"))

    def check_free(self, *, resume: bool) -> None:
        """Raise RunError where a run, or anything else, is there already; a barely started one may be resumed."""
        if self.config.exists() and not resume:
            remedy = "choose another folder; a training that was stopped goes on with `fit --resume`"
            raise RunError(self.path, "holds a run already", remedy)
        if self.path.exists() and not self.path.is_dir():
            raise RunError(self.path, "is a file", "choose a new folder")
        names = (path.name for path in self.path.iterdir()) if self.path.exists() else ()
        # Files that were begun and not finished are hidden.
        there = {name for name in names if not name.startswith(".")}
        if there - STARTED if resume else there:
            raise RunError(self.path, "exists and holds no run", "choose a new folder")

    def create(self) -> None:
        """Make the folder and those inside it."""
        for folder in (self.path / "checkpoints", self.pictures, self.tensorboard):
            folder.mkdir(parents=True, exist_ok=True)

    def read_json(self, path: Path) -> Any:
        """Return a file's JSON. Raises RunError naming it."""
        if not path.exists():
            remedy = "give the folder that `artasyn-train fit` wrote, once it has finished"
            raise RunError(self.path, f"has no {path.name}", remedy)
        return read_json(path)

    def note_images(self, seen: Iterable[Mapping[tuple[str, str], bool]]) -> None:
        """Write the fingerprints of every image that had a say, of several sources."""
        images: dict[tuple[str, str], bool] = {}
        for part in seen:
            for pair, trained in part.items():
                images[pair] = trained or images.get(pair, False)
        rows = sorted((*pair, int(trained)) for pair, trained in images.items())
        write_csv(self.training_images, [("pixels_sha256", "perceptual_hash", "trained"), *rows])

    def note_start(self, environment: Mapping[str, Any]) -> None:
        """Add what a start runs on to that of the starts before."""
        before = self.read_json(self.environment) if self.environment.exists() else []
        write_json(self.environment, [*before, environment])

    def agree(self, config: "TrainConfig", store: Sequence[Mapping[str, Any]]) -> None:
        """Raise RunError unless the run was started with this configuration, or a shorter budget, and these stores."""
        old, new = add_later_settings(self.read_json(self.config)), config_to_dict(config)
        difference = first_difference(
            old, new | {"schedule": old["schedule"]} if is_longer(old, new) else new
        )
        if difference:
            raise RunError(
                self.path,
                f"was started with another configuration: {difference}",
                "resume with the options of the first start, or choose another folder",
            )
        known = self.store_records()
        if len(known) != len(store):
            raise RunError(self.path, f"was trained on {len(known)} stores, not {len(store)}")
        for mine, theirs in zip(known, store, strict=True):
            _agree(self.path, mine, theirs)

    def store_records(self) -> list[dict[str, Any]]:
        """Return what `store.json` says of each version trained on. Raises RunError where that is not as written."""
        return read_records(self.store, self.read_json(self.store))


def _agree(run: Path, mine: Mapping[str, Any], theirs: Mapping[str, Any]) -> None:
    if mine["id"] != theirs["id"]:
        raise RunError(run, f"was trained on version {mine['id'][:12]}, not {theirs['id'][:12]}")
    if mine["digest"] != theirs["digest"]:
        reason = f"was trained on other contents of version {mine['id'][:12]}: digests differ"
        raise RunError(run, reason, "take the store that it was started on, or choose another folder")
