"""Tell from a DICOM header whether a chest radiograph is a frontal view, in the languages that archives use.

Any element that names another view decides: many headers carry "L, F" only because it is the device's default.
"""

import re
import unicodedata

from pydicom.dataset import Dataset

__all__ = ["is_turned", "names_other_view", "other_view"]

DESCRIPTIONS = ("SeriesDescription", "ProtocolName", "AcquisitionDeviceProcessingDescription")

# Source of the two- and three-letter terms: DICOM PS3.3 C.8.1.1 and C.8.7.1.1.
LATERAL = re.compile(
    r"lat|[lr]lat|lateral\w*|latero\w*|ll|rl|lm|ml|seit\w*|profils?|profilo|profilao|perfil|zijdelings\w*|boczn\w*|sido\w*"
)
"""English, German, French, Spanish, Italian, Portuguese; Dutch, Polish, Swedish."""
SIDEWAYS = re.compile(r"側面|側位|侧面|侧位|側臥|侧卧|측면|боков|профиль|бокова|πλαγ|جانب")
"""Parts of words of a lateral view in Chinese, Japanese, Korean, Russian, Ukrainian, Greek and Arabic."""
AHEAD = re.compile(r"正面|正位|前後|前后|後前|后前|정면|прям|передн|фронт")
OTHER = re.compile(
    r"lld|rld|llo|rlo|lpo|rpo|lao|rao|obl|obli\w+|oblic\w+|schrag\w*|swimmers?|xtable|crosstable"
)
"""Decubitus, oblique and cross-table views: no "AP" beside them makes them frontal ones."""
LYING = re.compile(r"de[ck]ub\w*")
ON_THE_BACK = re.compile(r"dors\w*|supin\w*|ruckenlag\w*|prono|ventral\w*")
FRONTAL = re.compile(r"pa|ap|papp|front\w*|frente|face|antero\w*|postero\w*|sagittal\w*|dv|vd")

OTHER_CODES = frozenset(
    {
        "399067008", "399173006", "399198007", "399260004", "399352003", "399182000", "399184004", "399236003",
        "399038007", "399135007", "399356000", "399006002", "260427002", "260426006", "399059000", "399312000",
        "399160007", "399004004", "399132005", "399325008",
    }
)  # fmt: skip
"""SNOMED CT codes of lateral and oblique views (DICOM PS3.16 CID 4010), for items without words."""


def other_view(dataset: Dataset) -> str:
    """Return the keyword of the element that names the view as lateral, oblique or decubitus; "" for a frontal one."""
    written = str(dataset.get("ViewPosition") or "")
    position = _words(written)
    if _has(LATERAL, position) or _is_other(position) or SIDEWAYS.search(written.lower()):
        return "ViewPosition"
    if any(_code_is_other(code) for code in dataset.get("ViewCodeSequence") or []):
        return "ViewCodeSequence"
    # A technician's word for this image counts more than the name of a series.
    if not _has(FRONTAL, position):
        for keyword in DESCRIPTIONS:
            if names_other_view(str(dataset.get(keyword) or "")):
                return keyword
    return "PatientOrientation" if _shows_side(dataset) else ""


def names_other_view(text: str) -> bool:
    """Say whether a description names a view that is not frontal, and no frontal one beside it.

    "Chest PA and lateral" is what was ordered, and the name of both images.
    """
    words, written = _words(text), unicodedata.normalize("NFKC", text[:256]).lower()
    lateral = _has(LATERAL, words) or bool(SIDEWAYS.search(written))
    return _is_other(words) or (lateral and not (_has(FRONTAL, words) or AHEAD.search(written)))


def _code_is_other(code: Dataset) -> bool:
    return (
        names_other_view(str(code.get("CodeMeaning") or ""))
        or str(code.get("CodeValue") or "") in OTHER_CODES
    )


def _shows_side(dataset: Dataset) -> bool:
    """Say whether a row or column of the image runs from front to back. Source: DICOM PS3.3 C.7.6.1.1.1."""
    return any(direction.startswith(("A", "P")) for direction in _directions(dataset))


def _directions(dataset: Dataset) -> list[str]:
    """Return where the rows and the columns of the image run to, in capitals; empty where the header does not say."""
    said = dataset.get("PatientOrientation") or []
    said = [said] if isinstance(said, str) else said
    return [str(direction).strip().upper() for direction in said]


def is_turned(dataset: Dataset) -> bool:
    """Say whether PatientOrientation has the head elsewhere than at the top: rows run to head or foot, or columns up.

    Left and right are not asked for: `R, F` is met on images that are stored as `L, F` ones are.
    Source: DICOM PS3.3 C.7.6.1.1.1.
    """
    directions = _directions(dataset)
    return len(directions) == 2 and (directions[0][:1] in ("H", "F") or directions[1][:1] == "H")


def _is_other(words: list[str]) -> bool:
    return _has(OTHER, words) or (_has(LYING, words) and not _has(ON_THE_BACK, words))


def _has(pattern: re.Pattern[str], words: list[str]) -> bool:
    return any(pattern.fullmatch(word) for word in words)


def _words(text: str) -> list[str]:
    """Return the words in lower case without accents; "p.a." and "p-a" are one, "_" and digits are none."""
    plain = unicodedata.normalize("NFKD", text[:256]).encode("ascii", "ignore").decode().lower()
    plain = re.sub(r"\bx[ -]?table\b", "xtable", plain)
    plain = re.sub(r"(?<![a-z])([ap])[.\-/ ]+([ap])(?![a-z])", r"\1\2", plain)
    return re.findall(r"[a-z]+", plain)
