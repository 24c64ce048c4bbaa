"""Which column of an undeclared table tells what: by its name, and by what stands in it."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from itertools import islice
from pathlib import Path

from artasyn.data_manifests.corpora.csv_tables import rows
from artasyn.data_manifests.corpora.vocabulary import bare
from artasyn.data_manifests.errors import CorpusError

__all__ = [
    "COLUMNS",
    "best_image_column",
    "has_column",
    "image_columns",
    "named_columns",
    "profile",
]

COLUMNS = {
    "image": "imageid image images imageindex file files path filename imagepath filepath imagename imagefile img "
    "imgname imgpath imagefilename xrayimagename picture bild datei dateiname fichier archivo dicomid dicom",
    "label": "label labels class classes cls kind classname classlabel labelname category target finding findings "
    "findinglabel findinglabels diagnosis diagnoses diagnostic diagnose diagnostico disease diseases pathology "
    "condition status result groundtruth gtlabel imagelabel outcome dx befund klasse classe clase etiqueta etiquette "
    "abnormal abnormality isabnormal normal healthy isnormal nofinding nofindings impression y",
    "split": "split officialsplit fold subset partition set phase",
    "patient": "patient patientid patientids patientnumber patientnr patientno patientcode patientkey patienthash "
    "patientuid anonpatientid anonymizedpatientid deidpatientid pat patid patnr patno patnum patnumber "
    "patientennummer patientennr patienten patientenid subject subjectid subjectno subjectcode subjectkey "
    "participant participantid person personid mrn medicalrecordnumber empi pid ptid idpatient idpaciente paciente "
    "pacienteid idpaziente paziente npatient nopatient numeropatient",
    "mask": "mask maskpath maskfile maskfilename maskname infectionmask lesionmask segmentation segmentationpath "
    "segmentationmask annotation annotationpath groundtruthmask gtmask seg segpath maskimage",
    "boxes": "boxes bboxes bbox box boundingboxes boundingbox boxesxywh bboxesxywh bboxxywh boxxywh boxesxyxy "
    "bboxesxyxy bboxxyxy boxxyxy",
    "lungs": "lungmask lungsmask lungs lungmaskpath lungmaskfile lungsegmentation",
}
"""Column names that are understood, case and signs left out, the likeliest first."""


def named_columns(names: Sequence[str], role: str) -> list[str]:
    """Return the columns whose names are known for a role, the likeliest first."""
    known = {name: place for place, name in enumerate(COLUMNS[role].split())}
    usable = [name for name in names if name and not set(name) & set("{}:") and bare(name) in known]
    return sorted(usable, key=lambda name: known[bare(name)])


def _is_known(name: str) -> bool:
    return any(named_columns([name], role) for role in COLUMNS)


def has_column(path: Path, column: str, names: list[str]) -> None:
    """Raise CorpusError unless a table has a column, once."""
    if column not in names:
        remedy = f"its columns: {', '.join(names)[:300]}"
        raise CorpusError(path, f"has no column `{column}`", remedy, kind="missing_column")
    if names.count(column) > 1:
        raise CorpusError(
            path, f"has {names.count(column)} columns called `{column}`", "rename one", kind="bad_table"
        )


def profile(path: Path, columns: Iterable[str]) -> dict[str, Counter[str]]:
    """Count the values of some columns."""
    counts: dict[str, Counter[str]] = {column: Counter() for column in columns}
    for cells in rows(path, list(counts)):
        for column, value in cells.items():
            counts[column][value.strip()] += 1
    return counts


def best_image_column(path: Path, names: Sequence[str], exists: Callable[[str], bool]) -> str:
    """Return the column that names most files: a known one before any other. Raises CorpusError for none."""
    # A folder may well hold a file `mask.png`, and its table a column `mask`.
    if any(exists(name) for name in names if not _is_known(name)):
        reason = "has no header line: its first line names a file already"
        remedy = "add a first line with the names of the columns, such as `image,label`"
        raise CorpusError(path, reason, remedy, kind="bad_table")
    known = named_columns(names, "image")
    hits = image_columns(path, names, exists)
    # A partial copy lacks files of the right column.
    found = [name for name in hits if name in known] or list(hits)
    best = max(found, key=lambda name: hits[name], default="")
    if best:
        return best
    if known:
        return known[0]
    usable = [" ".join(name.split()) for name in names if name]
    if len(usable) == 1 and " " in usable[0]:
        reason = "is not parted into columns by commas, semicolons, tabs or bars"
        remedy = "part its cells with commas, and name the columns in the first line, such as `image,label`"
        raise CorpusError(path, reason, remedy, kind="bad_table")
    remedy = (
        f"call a column `image`; where another table names them, join both as docs/how-to/declare-a-corpus.md shows; "
        f"its columns: {', '.join(usable)[:300]}"
    )
    raise CorpusError(path, "has no column that names the images", remedy, kind="missing_column")


def image_columns(path: Path, names: Sequence[str], exists: Callable[[str], bool]) -> dict[str, int]:
    """Return the columns whose cells name files in the first 200 rows, and how many; known names come first.

    A column known to hold labels or splits names none: the label 1 is not the file 1.png.
    """
    known = named_columns(names, "image")
    others = {name for role in ("label", "split") for name in named_columns(names, role)}
    free = [name for name in names if name and not set(name) & set("{}:") and name not in others]
    usable = [*known, *(name for name in free if name not in known)]
    hits = dict.fromkeys(usable, 0)
    for cells in islice(rows(path, usable), 200):
        for name in usable:
            hits[name] += bool(cells[name].strip()) and exists(cells[name])
    return {name: number for name, number in hits.items() if number}
