"""Small trees of images and tables, and what a corpus says of them."""

from pathlib import Path

from PIL import Image

from artasyn.data_manifests.corpora.corpus import Corpus


def put(root: Path, *paths: str, value: int = 80) -> None:
    """Save small images below `root`."""
    for path in paths:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        picture = Image.new("L", (20, 20), value)
        picture.putpixel((9, 9), 200)
        picture.save(root / path)


def table(path: Path, *lines: str) -> Path:
    path.write_text("\n".join(lines) + "\n")
    return path


def labels(corpus: Corpus) -> dict[str, str]:
    return {entry.image_id: entry.label for entry in corpus.radiographs}


def reasons(corpus: Corpus) -> dict[str, str]:
    return {entry.image_id: entry.reason for entry in corpus.skipped}
