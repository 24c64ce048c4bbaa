"""The words by which corpora that nobody declared are understood; case does not matter."""

import re
import unicodedata

__all__ = ["SPLITS", "bare", "corpus_name", "is_harmless", "names_a_person"]

SPLITS = {
    "train": "train",
    "training": "train",
    "val": "val",
    "valid": "val",
    "validation": "val",
    "validate": "val",
    "dev": "val",
    "test": "test",
    "testing": "test",
    "train set": "train",
    "training set": "train",
    "val set": "val",
    "validation set": "val",
    "test set": "test",
    "testing set": "test",
}
"""Also as QaTa-COV19 calls its folders: `Train Set`."""
PERSON = re.compile(
    r"(patient|subject|person|participant)s?.*(name|id|number|nr|no|code|key|hash|nummer)s?$"
    r"|name.*(patient|subject|person)|^pat(id|nr|no|num|number|ient|ienten)?$|pacient|pazient|^empi$|^ptid$"
    r"|^(patient|subject|person|pid|ssn|dob|names?)$|(first|last|family|given|sur|full|middle)names?$"
    r"|mrn|birth(?!weight)|record(id|n)|hospital(id|n)|nhs(id|n)|identifier"
    r"|accession|address|phone|email|physician|insurance"
)
"""Columns, bare, that tell who somebody is; age, sex and weight do not. Better one too many left out than too few."""


HARMLESS = re.compile(
    r"(patient)?(age|sex|gender)(years?|group)?|(view|patient)?(view|position|positioning|projection|orientation)"
    r"|(rsna|image|disease|target)?(class|cls|kind|label|category|type|group)"
    r"|(image|original)?(width|height|rows|columns|size|bits|modality|format)|(pixel)?spacing[xy]?"
    r"|(birth|body)?(weight|height)|source|dataset|database|collection|origin|country|severity|grade|quality|device|detector"
    r"|.*(frac|fraction|percent|ratio|area|count|score|match|bbox|boxes)(of.*)?"
)
"""Columns, bare, that are stored without being asked for."""


def bare(name: str) -> str:
    """Return a column's name in lower case without signs: `Patient ID` and `patient_id` are one."""
    return re.sub(r"[^a-z0-9]", "", unicodedata.normalize("NFKD", name.lower()))


def names_a_person(column: str) -> bool:
    """Say whether a column looks as if it told who somebody is."""
    return bool(PERSON.search(bare(column)))


def is_harmless(column: str) -> bool:
    """Say whether a column is known to tell nothing of who somebody is: no list of forbidden words is complete."""
    return bool(HARMLESS.fullmatch(bare(column))) and not names_a_person(column)


def corpus_name(text: str, *, otherwise: str) -> str:
    """Return a name that manifests and stores accept, from that of a folder."""
    return re.sub(r"[^a-z0-9._-]+", "-", text.lower()).strip("._-") or otherwise
