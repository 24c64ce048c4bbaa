"""Tell from what a header or a table says whether an image shows another part of the body than the chest.

Only a part that cannot be a chest radiograph counts: archives write CHEST, THORAX, LUNG, RIB, TORAX, PORT CHEST or
nothing at all for one.
"""

import re

__all__ = ["described_part", "other_body_part"]

CHEST = re.compile(r"CHEST|THORAX|TORAX|TORACE|THORACIC CAVITY|LUNG|PULMO|POUMON|BRUST|WHOLE ?BODY")
# Source of the terms: DICOM PS3.16 Annex L, "Correspondence of Anatomic Region Codes and Body Part Examined".
OTHER = frozenset(
    {
        "ABDOMEN", "ANKLE", "ARM", "BREAST", "CALCANEUS", "CSPINE", "ELBOW", "EXTREMITY", "FEMUR", "FINGER", "FOOT",
        "FOREARM", "HAND", "HEAD", "HEEL", "HIP", "HUMERUS", "JAW", "KNEE", "LEG", "LSPINE", "MANDIBLE", "NECK",
        "PATELLA", "PELVIS", "SHOULDER", "SKULL", "SPINE", "SSPINE", "THIGH", "THUMB", "TIBIA", "TOE", "TSPINE",
        "WRIST",
    }
)  # fmt: skip

BESIDE = frozenset(
    re.findall(
        r"\w+",
        "AP PA LAT LATERAL OBL OBLIQUE AXIAL L R LT RT LEFT RIGHT BOTH BILATERAL V VIEW VIEWS SERIES XR CR DX DR X RAY "
        "XRAY STANDING ERECT UPRIGHT SUPINE PORTABLE PORT ROUTINE C T S LUMBAR CERVICAL THORACIC SACRAL OF THE AND W",
    )
)
"""Words beside a part of the body in the name of a series that shows it alone; `AP, head raised` holds another."""


def described_part(text: str) -> str | None:
    """Return the part of the body that the name of a series gives by itself: `Knee AP`, not `AP, head raised`."""
    words = {_singular(word) for word in re.findall(r"[A-Z]+", text[:64].upper())}
    return other_body_part(text) if words <= (BESIDE | OTHER) else None


def other_body_part(text: str) -> str | None:
    """Return the part of the body that `text` names where it is not the chest, else None; "Chest/Abdomen" is one."""
    said = text[:64].upper()
    if CHEST.search(said):
        return None
    words = re.findall(r"[A-Z]+", said)
    named = [word for word in (*words, "".join(words)) if _singular(word) in OTHER]
    return _singular(named[0]).lower() if named else None


def _singular(word: str) -> str:
    return word if word in OTHER else {"FEET": "FOOT"}.get(word, word.removesuffix("S"))
