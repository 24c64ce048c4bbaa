"""What a word says of an image's health: normal, abnormal, nothing - or it is not understood.

Safe by rule: a value that is not known to mean normal is never normal, and one that is not known at all is told.
Case, accents and signs between words do not matter.
"""

import re
import unicodedata
from collections.abc import Iterator
from functools import cache

from artasyn.data_manifests.corpora.label_rules import Label

__all__ = ["is_neutral", "is_number", "meaning", "parts_of", "plain", "word_meaning"]


def _words(text: str) -> frozenset[str]:
    return frozenset(word.strip() for word in text.replace("\n", "|").split("|") if word.strip())


NORMAL = _words(
    """
    normal|normals|health|healthy|healthy control|healthy controls|control|controls|healthy people|healthy person
    negative|negatives|neg|unremarkable|clear|clear lungs|lungs clear|lungs are clear|non diseased|nondiseased
    no|false|n|f|absent|not present|none found|nothing|nothing found|nil|nad|no abnormality detected|no changes found
    no finding|no findings|nofinding|nofindings|no significant finding|no significant findings|no acute findings
    no abnormality|no abnormalities|no disease|no diseases|no pathology|no pathologies|no lesion|no lesions
    no opacity|no opacities|no pneumonia|negative for pneumonia|without findings|without finding|free of disease
    no acute disease|no acute process|no acute cardiopulmonary abnormality|no acute cardiopulmonary process
    no acute cardiopulmonary disease|no active disease|no active lung disease|no acute cardiopulmonary findings
    normal chest|chest normal|normal chest xray|normal chest x ray|normal cxr|normal study|normal lung|normal lungs
    normal xray|normal x ray|normal image|normal images|normal case|normal cases|normal patient|normal patients
    within normal limits|wnl|not sick|not ill|not diseased|disease free|class normal|label normal
    gesund|unauffallig|ohne befund|ohne pathologischen befund|normalbefund|kein befund|keine befunde|o b|nein
    sain|sains|normale|normaux|sans anomalie|sans particularite|aucune anomalie|aucun|non malade|ras|rien a signaler
    sano|sanos|sana|sin hallazgos|sin hallazgo|sin patologia|sin alteraciones|sem achados|sem alteracoes|saudavel
    normales|normais|sani|negativo|negativos|negativa|nella norma|gezond|normaal|geen afwijkingen|frisk|saglikli
    норма|здоров|здоровые|без патологии|正常|健康|异常なし|異常なし|정상
    """
)
UNLABELLED = _words(
    """
    unlabelled|unlabeled|unlabled|unknown|none|nan|na|n a|null|nil label|not available|missing|todo|tbd|to do|tba
    uncertain|indeterminate|equivocal|undetermined|unclear|not sure|unsure|ignore|exclude|excluded|other label
    not labelled|not labeled|no label|pending|unspecified|not specified|not known|inconclusive|non diagnostic
    extra|extras
    unbekannt|inconnu|desconocido|sconosciuto|onbekend
    """
)
NEUTRAL = _words(
    """
    support devices|support device|device|devices|tube|tubes|catheter|line|lines|pacemaker|medical device|unchanged
    """
)
"""What may stand beside other words without changing them."""
ABNORMAL = _words(
    """
    abnormal|abnormals|abnormality|abnormalities|anomaly|anomalies|anomalous|anomalie|sick|ill|diseased|disease|diseases
    positive|positives|pos|true|yes|y|t|present|cases|unhealthy|not healthy|not normal
    non normal|nonnormal|pathology|pathologic|pathological|malignant|affected|infected|defect|defective
    tb|ptb|mtb|ards|copd|ild|ipf|pcp|sars|mers|h1n1|rsv|ggo|covid|non covid|noncovid|ptx|chf|cld|bpd|uip|nsip
    krank|auffallig|befund|ja|malade|malades|anormal|anormaux|oui|enfermo|enfermos|enferma|si|sim|doente|malato|malati
    positivo|positivos|positiva|pathologisch|abnormaal|hasta|typical appearance|atypical appearance
    indeterminate appearance|typical|atypical|异常|異常|肺炎|больной|больные|патология|пневмония|폐렴|비정상
    """
)
FINDINGS = re.compile(
    r"pneumon|neumon|lungenentz|polmonit|covid|corona|sars|tubercul|tuberkul|tubercol|opacit|opacidad|verschatt|infilt"
    r"|effusion|derrame|versamento|erguss|epanchement|atelect|atelekt|aelect|condens|consolid|konsolid"
    r"|edema|oedem|odem|fibros|fibrot|emphysem|emfisem|enfisem|nodul|nodule|\bmass(es)?\b|tumor|tumour|cancer|carcinom"
    r"|krebs|malign|neoplas|metasta|lesion|lasion|cardiomegal|kardiomegal|enlarged card|heart failure|hernia|pleura"
    r"|pneumothor|pnemothor|pnemon|hemothor|haemothor|hydropneum|fractur|fraktur|bacteri|bakteri|viral|virus|virale|fung(al|us)"
    r"|mycoplasm|legionell|klebsiell|streptococ|staphyloc|varicell|influenz|aspergill|pneumocyst|nocardi|chlamyd"
    r"|e ?coli|lipoid|aspirat|abnormal|diseas|infect|granulom|calcif|cavit|caver|bronch|interstit|ground ?glass|milia"
    r"|silicos|pneumocon|asbest|sarcoid|scoliosis|thicken|enlarge|embol|abscess|absces|cyst|bulla|air ?trapping"
    r"|hyperinflat|collaps|congest|haemorrh|hemorrh|contusion|reticul|honeycomb|mediastin|hilar|adenopath|lymphom"
    r"|patholog|bleb|pneumoper|empyem|chylothor|aneurysm|tortuos|kyphosis|foreign body|haze|hazy|shadow|lobar"
)
"""Stems of chest findings and diseases, in words without accents."""
DENIAL = re.compile(
    r"\b(no|non|not|without|free|negative|neg|absence|absent|lack|lacks|denies|nil|none|false|never|clear|cleared"
    r"|unremarkable|rule|rules|ruled|exclude|excluded|unlikely|possible|possibly|probable|probably|suspected|suspicion"
    r"|suspect|suspicious|doubtful|uncertain|questionable|equivocal|borderline|maybe|history|resolved|cured|recovered"
    r"|post|pre|before|after|control|controls|normal|healthy|vs|versus|or"
    r"|ohne|kein|keine|keinen|nicht|verdacht|v ?a|fragl|fraglich\w*|moglich\w*|ausschluss|ausgeschlossen"
    r"|zustand nach|z ?n|pas|sans|aucune?|douteu\w+|sin|sem|senza|nessun[oa]?|geen|ingen|descartad[oa]"
    r"|descartar|posible\w*|probable\w*|sospech\w+|suspeit\w+|sospett\w+|possibile|possivel|dudos[oa]|нет|без)\b"
)
"""Words that make a finding's name say something else: what holds both is not understood."""
BY_SIGN = re.compile(r"\w\s*(\(\s*[-−–]\s*\)?|[-−–])$|[^\W\d_][\s=:_('\"]+0\W*$")
"""A finding with a minus or a zero behind it: `COVID-19 (-)`, `pneumonia: 0`."""
ASKED = re.compile(r"\(\s*\?+\s*\)?|^\s*\?+|\?+\s*$")
"""A question mark at an end of a value; within a word it is a letter that was lost."""
SHORT = (
    (re.compile(r"\br/o\b", re.IGNORECASE), "rule out"),
    (re.compile(r"\bw/o\b", re.IGNORECASE), "without"),
    (re.compile(r"\bs/p\b", re.IGNORECASE), "status post"),
    (re.compile(r"\bh/o\b", re.IGNORECASE), "history of"),
)
"""Words in which a slash parts nothing."""
NUMBERS: dict[float, Label] = {0.0: "normal", 1.0: "abnormal", -1.0: "unlabelled"}
NOTHING_OF = re.compile(
    r"(no|negative for|without|free of|free from|no evidence of|no signs? of|absence of)"
    r"( any| acute| active| significant| evidence of| signs? of| pulmonary| cardiopulmonary| radiographic| chest)*"
    r" (findings?|abnormalit(y|ies)|diseases?|patholog(y|ies)|process|lesions?|opacit(y|ies)|pneumonia|infection)"
)
"""`No covid` is not among them: it may hold any other disease."""
LISTED = re.compile(r"[|;\n]")
APART = re.compile(r"[|;,+&/\n]| and | und | et ")


@cache
def meaning(value: str) -> Label | None:
    """Return what a cell or a folder's name says, None where it is not understood.

    Several findings may stand in a cell: any abnormal one makes it abnormal, an unknown one forbids normal. Who denies
    one finding denies those that follow it: `no consolidation, effusion` is not understood.
    """
    for pattern, words in SHORT:
        value = pattern.sub(words, value)
    known = word_meaning(value)
    if known:
        return known
    said = {label for group in LISTED.split(value) for label in _of_list(group)}
    if "abnormal" in said:
        return "abnormal"
    if None in said:
        return None
    return "unlabelled" if "unlabelled" in said or not said else "normal"


def _of_list(group: str) -> Iterator[Label | None]:
    """Yield what each of the findings with commas between says."""
    denied = False
    for part in parts_of(group):
        if is_neutral(part):
            continue
        label = word_meaning(part)
        denied = denied or (label is None and bool(DENIAL.search(plain(part))))
        yield None if denied and plain(part) not in ABNORMAL else label


def parts_of(value: str) -> list[str]:
    """Return the findings that a cell lists, without brackets and quotes."""
    return [part for part in (part.strip(" []{}()'\"") for part in APART.split(value)) if part]


@cache
def word_meaning(value: str) -> Label | None:
    """Return what one word or phrase says; a number: 0 normal, 1 abnormal, -1 (uncertain) unlabelled."""
    number = _number(value)
    if number is not None:
        return NUMBERS.get(number)
    if ASKED.search(value) and plain(value):
        return "unlabelled" if word_meaning(ASKED.sub("", value)) else None
    words = plain(value)
    if not words and value.strip() in ("+", "-"):
        return "abnormal" if value.strip() == "+" else "normal"
    if not words or words in UNLABELLED:
        return "unlabelled"
    if words in NORMAL or NOTHING_OF.fullmatch(words):
        return "normal"
    is_finding = words in ABNORMAL or (bool(FINDINGS.search(words)) and not DENIAL.search(words))
    return "abnormal" if is_finding and not BY_SIGN.search(value.strip()) else None


def is_neutral(value: str) -> bool:
    """Say whether a word tells nothing of health, as a pacemaker does not."""
    return plain(value) in NEUTRAL


def is_number(value: str) -> bool:
    """Say whether a cell holds a number, or a word that stands for 0 or 1."""
    return _number(value) is not None or value.strip().lower() in ("true", "false", "yes", "no", "y", "n")


def plain(text: str) -> str:
    """Return a text in lower case, without accents, its words parted by one space."""
    spread = re.sub(r"(?<=[a-z])(?=[A-Z][a-z])", " ", text)
    marked = unicodedata.normalize("NFKD", spread.casefold())
    bare = "".join(sign for sign in marked if not unicodedata.combining(sign))
    return " ".join(re.split(r"[\W_]+", unicodedata.normalize("NFC", bare))).strip()


def _number(value: str) -> float | None:
    text = value.strip()
    if not re.fullmatch(r"[+-]?\d+([.,]\d+)?", text):
        return None
    return float(text.replace(",", "."))
