"""What is refused before any image is measured: a store that does not fit the run, or holds what it was trained on."""

from artasyn.data_manifests.errors import RunError, StoreError
from artasyn.data_manifests.near_duplicates import Leakage, find_leaks
from artasyn.data_manifests.store.version import Version, open_version
from artasyn.eval.scoring.config import ScoreConfig
from artasyn.eval.scoring.selection import Selection
from artasyn.train.data.stores import check_squaring
from artasyn.train.runs.run import Run

__all__ = ["check_classes", "check_leaks", "open_store"]


def open_store(run: Run, store: str) -> Version:
    """Open a store whose images the run can read. Raises RunError and StoreError."""
    version = open_version(store)
    size = int(version.attributes["size"])
    if run.size != size:
        remedy = f"ingest the images again with --size {run.size}"
        raise RunError(run.path, f"reads images of {run.size} px, but the store's are {size} px", remedy)
    check_squaring(store, version, run.squaring)
    return version


def check_classes(cases: Selection, store: str, *, pixel_only: bool) -> None:
    """Raise StoreError where the images cannot give the figures that are asked for."""
    abnormal = int(cases.abnormal.sum())
    by_pixel = cases.annotated.any() or cases.boxed.any() or abnormal < len(cases)
    if pixel_only and not by_pixel:
        reason = "has neither a mask nor a normal image, so nothing can be compared pixel by pixel"
        raise StoreError(store, reason, "ingest masks or normal images too", kind="no_masks")
    if not pixel_only and abnormal in (0, len(cases)):
        only = "abnormal" if abnormal else "normal"
        reason = f"holds {only} images only: AUROC needs both classes"
        other = "ingest images of the other class too; --limit of `ingest` may have taken one class alone"
        alone = "; or ask for the pixel level alone with --pixel-only" if by_pixel else ""
        raise StoreError(store, reason, f"{other}{alone}", kind="one_class")


def check_leaks(run: Run, version: Version, cases: Selection, config: ScoreConfig) -> Leakage:
    """Return which images the run was trained on, or nearly. Raises StoreError where any is, unless that is allowed.

    They are compared with all images that had a say in the training, or, where its own held-out ones are scored, with
    those that weights learnt from (another of its stores may hold the same images).
    """
    known = run.training_images
    if config.held_out and version.attributes["digest"] in {store["digest"] for store in run.stores}:
        known = {name: column[known["trained"] == "1"] for name, column in known.items()}
    leakage = find_leaks(
        version.table["pixels_sha256"][cases.rows].tolist(),
        version.table["perceptual_hash"][cases.rows].tolist(),
        trained_digests=known["pixels_sha256"].tolist(),
        trained_hashes=known["perceptual_hash"].tolist(),
    )
    if len(leakage.exact) and not config.allow_leak:
        named = ", ".join(cases.image_ids[i] for i in leakage.exact[:3])
        reason = (
            f"shares {len(leakage.exact)} of its {len(cases)} images with the run's training store ({named})"
        )
        remedy = "score on images that the run has not seen, or say --allow-leak"
        raise StoreError(version.blobs.location, reason, remedy, kind="leak")
    return leakage
