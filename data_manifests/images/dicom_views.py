"""Tell from a DICOM header whether a chest radiograph is a frontal view, in the languages that archives use.

Any element that names another view decides: many headers carry "L, F" only because it is the device's default.
"""

import re
import unicodedata

from pydicom.dataset import Dataset

from artasyn.data_manifests.images.dicom_directions import side_shown

__all__ = ["names_frontal_view", "names_other_view", "other_view"]

DESCRIPTIONS = (
    "SeriesDescription",
    "ProtocolName",
    "AcquisitionDeviceProcessingDescription",
    "AcquisitionDeviceProcessingCode",
)
OF_SEVERAL = ("PerformedProcedureStepDescription", "StudyDescription")
"""Descriptions of several images: what two letters may mean there is no view."""

# Source of the two- and three-letter terms: DICOM PS3.3 C.8.1.1 and C.8.7.1.1.
LATERAL = re.compile(
    r"(chest|thorax|torax|thx|cxr|xr)?lat|[lr]lat|lateral\w*|latero\w*|ll|rl|lm|ml|seit(?!en?$)\w+|stl|profils?|profilo|profilao"
    r"|profile|perfil|zijdelings\w*|boczn\w*|sido\w*"
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
ON_A_SIDE = ("DL", "DR")
"""Ends of PatientPosition of who lies on a side: HFDL, FFDR."""
ON_THE_BACK = re.compile(r"dors\w*|supin\w*|ruckenlag\w*|prono|ventral\w*")
FRONTAL = re.compile(r"pa|ap|papp|front\w*|frente|face|antero\w*|postero\w*|sagittal\w*|dv|vd")

OTHER_CODES = frozenset(
    {
        "399067008", "399173006", "399198007", "399260004", "399352003", "399182000", "399184004", "399236003",
        "399038007", "399135007", "399356000", "399006002", "260427002", "260426006", "399059000", "399312000",
        "399160007", "399004004", "399132005", "399325008",
        "R-102CD", "R-10236", "R-10232", "R-10224", "R-10228", "R-102C1", "R-10238", "R-10234", "R-10210", "R-10220",
        "R-40985", "R-10212", "R-40783", "R-40782", "R-10216", "R-10208", "R-10204", "R-10246", "R-10252", "R-10254",
    }
)  # fmt: skip
"""Codes of lateral and oblique views, for items without words: SNOMED CT, and SNOMED RT as older files have them."""


def other_view(dataset: Dataset) -> str:
    """Return the keyword of the element that names the view as lateral, oblique or decubitus; "" for a frontal one."""
    written = str(dataset.get("ViewPosition") or "")
    position = _words(written)
    if (
        position == ["l"]
        or _has(LATERAL, position)
        or _is_other(position)
        or SIDEWAYS.search(written.lower())
    ):
        return "ViewPosition"
    if any(_code_is_other(code) for code in dataset.get("ViewCodeSequence") or []):
        return "ViewCodeSequence"
    for keyword in (*DESCRIPTIONS, *OF_SEVERAL):
        said = str(dataset.get(keyword) or "")
        # A technician's word for this image counts more than the name of a series, but who lies on a side is AP too.
        if (
            _says_lying(said)
            if _has(FRONTAL, position)
            else names_other_view(said, short=keyword in DESCRIPTIONS)
        ):
            return keyword
    if str(dataset.get("PatientPosition") or "").strip().upper().endswith(ON_A_SIDE):
        return "PatientPosition"
    return side_shown(dataset)


def names_other_view(text: str, *, short: bool = True) -> bool:
    """Say whether a description names a view that is not frontal, and no frontal one beside it.

    "Chest PA and lateral" is what was ordered, and the name of both images. Words of two or three letters count where
    `short`; else `lat` alone does: others may be initials.
    """
    words = [
        word for word in _words(text) if short or len(word) > 3 or word == "lat" or FRONTAL.fullmatch(word)
    ]
    written = unicodedata.normalize("NFKC", text[:256]).lower()
    lateral = _has(LATERAL, words) or bool(SIDEWAYS.search(written))
    return _is_other(words) or (lateral and not (_has(FRONTAL, words) or AHEAD.search(written)))


def names_frontal_view(text: str) -> bool:
    """Say whether a description names a frontal view."""
    return _has(FRONTAL, _words(text)) or bool(AHEAD.search(text[:256].lower()))


def _code_is_other(code: Dataset) -> bool:
    return (
        names_other_view(str(code.get("CodeMeaning") or ""))
        or str(code.get("CodeValue") or "") in OTHER_CODES
    )


def _says_lying(text: str) -> bool:
    words = _words(text)
    return _is_other(words) and not _has(FRONTAL, words)


def _is_other(words: list[str]) -> bool:
    return _has(OTHER, words) or (_has(LYING, words) and not _has(ON_THE_BACK, words))


def _has(pattern: re.Pattern[str], words: list[str]) -> bool:
    return any(pattern.fullmatch(word) for word in words)


def _words(text: str) -> list[str]:
    """Return the words in lower case without accents; "p.a." and "p-a" are one, "_" and digits are none."""
    spread = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", text[:256])
    plain = unicodedata.normalize("NFKD", spread).encode("ascii", "ignore").decode().lower()
    plain = re.sub(r"\bx[ -]?table\b", "xtable", plain)
    plain = re.sub(r"(?<![a-z])([ap])[.\-/ ]+([ap])(?![a-z])", r"\1\2", plain)
    return re.findall(r"[a-z]+", plain)
