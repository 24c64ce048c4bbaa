"""The house as its tests hold it: rooms from the ground up, and what each may import."""

from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]

FLOORS = {
    "data_manifests": [
        "printable", "errors", "extras", "notebook", "json_text", "regular_files", "bounds", "config",
        "home_folder", "standard_streams", "code_digest", "files", "progress", "ownership", "outputs", "picture_files",
        "heavy_imports", "memory", "workers", "outlines", "colours", "spacing", "near_duplicates", "terminal_lines",
        "cli", "images", "store", "corpora",
    ],
    "synth": [
        "seeds", "threads", "captions", "lungs", "outlining", "sources", "opacities", "config", "build",
        "versions", "atlas", "explore", "commands", "cli",
    ],
    "synth/opacities": [
        "config_checks", "config", "lung_labels", "fields", "brush", "compositing", "kinds", "record", "rivals",
        "rendering", "engine",
    ],
    "synth/lungs": [
        "lung_field", "morphology", "sides", "acceptance", "network", "pbtseg", "thresholds",
    ],
    "train": [
        "runtime", "data", "augment", "models", "objective", "optim", "scoring", "config", "runs", "fitting",
        "adaptation", "commands", "cli", "__main__",
    ],
    "eval": [
        "pictures", "metrics", "inference", "scoring", "summary", "score", "compare", "pages", "prediction",
        "commands", "cli",
    ],
}  # fmt: skip
"""Rooms and single files of each package, the lowest first: imports point down this list."""

PACKAGES = {
    "data_manifests": set[str](),
    "synth": {"data_manifests"},
    "train": {"data_manifests"},
    "eval": {"data_manifests", "train"},
}
"""What else each package may import."""


@dataclass(frozen=True)
class Rule:
    """What a room may import beside the standard library and numpy."""

    libraries: set[str] = field(default_factory=set)
    ours: set[str] = field(default_factory=set)
    """Prefixes of module names below artasyn."""


GROUND = {
    "data_manifests.errors",
    "data_manifests.json_text",
    "data_manifests.regular_files",
    "data_manifests.config",
    "data_manifests.printable",
}
PURE = GROUND | {
    "data_manifests.images.geometry",
    "data_manifests.images.decode",
    "data_manifests.images.grey_array",
    "synth.seeds",
    "synth.threads",
}
RULES = {
    "data_manifests/images": Rule(
        libraries={"PIL", "pydicom", "imagecodecs"}, ours={"data_manifests.images"} | GROUND
    ),
    "data_manifests/corpora": Rule(
        libraries={"regex"}, ours={"data_manifests.corpora", "data_manifests.images"} | GROUND
    ),
    "data_manifests/store": Rule(
        libraries={"zarr", "numcodecs", "obstore", "google_crc32c"},
        ours={
            "data_manifests.store",
            "data_manifests.files",
            "data_manifests.notebook",
            "data_manifests.progress",
        }
        | GROUND,
    ),
    "synth/lungs": Rule(
        libraries={"PIL", "cv2", "skimage", "scipy"}, ours={"synth.lungs", "data_manifests.images"} | PURE
    ),
    "synth/opacities": Rule(libraries={"cv2", "skimage", "scipy"}, ours={"synth.opacities"} | PURE),
    "eval/metrics": Rule(libraries={"scipy"}, ours={"eval.metrics", "data_manifests.errors"}),
}
"""Rooms that are pure: arrays in, arrays out; no corpus, no store, no network."""
