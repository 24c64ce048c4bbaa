"""Which column of an undeclared table tells what: by its name, and by what stands in it."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import islice
from pathlib import Path

from artasyn.data_manifests.corpora.csv_tables import rows
from artasyn.data_manifests.corpora.label_rules import PRESENT
from artasyn.data_manifests.corpora.label_words import is_neutral, meaning, plain
from artasyn.data_manifests.corpora.vocabulary import bare
from artasyn.data_manifests.errors import CorpusError

__all__ = [
    "COLUMNS",
    "best_image_column",
    "finding_columns",
    "has_column",
    "image_columns",
    "named_columns",
    "profile",
    "says_normal_by_one",
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
    "pacienteid idpaziente paziente",
    "mask": "mask maskpath maskfile maskfilename maskname infectionmask lesionmask segmentation segmentationpath "
    "segmentationmask annotation annotationpath groundtruthmask gtmask seg segpath maskimage",
    "boxes": "boxes bboxes bbox box boundingboxes boundingbox boxesxywh bboxesxywh bboxxywh boxxywh boxesxyxy "
    "bboxesxyxy bboxxyxy boxxyxy",
    "lungs": "lungmask lungsmask lungs lungmaskpath lungmaskfile lungsegmentation",
}
"""Column names that are understood, case and signs left out, the likeliest first."""
BINARY = frozenset(
    ["0", "1", "-1", "0.0", "1.0", "-1.0", "0,0", "1,0", "", "true", "false", "yes", "no", "nan"]
)
VIRUS = re.compile(r"(ncov|cov|covid|h\dn)[\W_]*\d+", re.IGNORECASE)
"""Names of diseases with a number in them; other numbers tell readers or repeats of a column."""
WITHOUT_CLEAR = 4
"""So many findings must have a column before an image is normal by having none of them."""


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
    remedy = f"call a column `image`; its columns: {', '.join(usable)[:300]}"
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


def says_normal_by_one(column: str, values: Iterable[str]) -> bool:
    """Say whether a column is called normal and holds 1 or 0: there 1 is normal."""
    return meaning(plain(column).removeprefix("is ")) == "normal" and {v.lower() for v in values} <= BINARY


def finding_columns(counts: Mapping[str, Counter[str]]) -> tuple[list[str], str]:
    """Return the columns that each tell of one finding by 1 or 0, and the one that says by 1 that there is none.

    Nothing where they are too few to make an image normal.
    """
    binary = [
        name
        for name, values in counts.items()
        if not any(sign.isdigit() for sign in VIRUS.sub("", name))
        and {v.lower() for v in values} <= BINARY
        and (len(values) > 1 or any(v.lower() in PRESENT for v in values))
    ]
    clear = [name for name in binary if meaning(name) == "normal"]
    found = [name for name in binary if _names_finding(name) and not is_neutral(name)]
    if found and (clear or len(found) >= WITHOUT_CLEAR):
        return found, clear[0] if clear else ""
    return [], ""


def _names_finding(name: str) -> bool:
    """Say whether a column of 0 and 1 is called after a finding; beside such columns `other` is one too."""
    return meaning(name) == "abnormal" or plain(name) in ("other", "others")
