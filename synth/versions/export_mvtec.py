"""Write a version in the folders of MVTec AD, as anomalib and others read them."""

from collections.abc import Iterator
from pathlib import Path

from artasyn.data_manifests.files import write_csv
from artasyn.data_manifests.store.version import Version
from artasyn.synth.versions.export_files import first_rows, normal_name, ok_rows, sample_name, save_png

__all__ = ["export_mvtec"]


def export_mvtec(version: Version, folder: Path) -> Iterator[int]:
    """Write train/good, test/good, test/opacity and ground_truth/opacity; yields the number of samples gone through.

    Of a synthetic version the normal images of the training part are `train/good`; those held out, and the altered
    ones of the same studies with their outlines, are the test. An evaluation version is a test alone; its abnormal
    images without a mask, and those without a label, are listed in `left_out.csv`. Source: Bergmann et al. 2021,
    IJCV 129:1038.
    """
    synthetic, firsts, left_out = version.attributes["kind"] == "synthetic", first_rows(version), []
    for done, row in enumerate(ok_rows(version), start=1):
        image, altered, outline = version.read(row, channels=("image", "altered", "outline"))
        held_out = not synthetic or version.table["split"][row] == "val"
        label = str(version.table["label"][row])
        if row in firsts:
            part = "test" if held_out else "train"
            save_png(image, folder / part / "good" / f"{normal_name(version, row)}.png")
        name = sample_name(version, row)
        if not synthetic and label == "normal":
            save_png(image, folder / "test" / "good" / f"{name}.png")
        elif held_out and version.table["has_mask"][row] and (synthetic or label == "abnormal"):
            save_png(altered, folder / "test" / "opacity" / f"{name}.png")
            save_png(outline * 255, folder / "ground_truth" / "opacity" / f"{name}_mask.png")
        elif held_out:
            left_out.append((name, str(version.table["image_id"][row]), label))
        yield done
    if left_out:
        write_csv(folder / "left_out.csv", [("sample", "image_id", "label"), *left_out])
