"""A page about each version, for people: what it is, how it was made, what it must not be used for."""

import html
import json
import re
from collections import Counter

from artasyn.data_manifests.printable import printable
from artasyn.data_manifests.store.contract import CHANNELS
from artasyn.data_manifests.store.version import Version
from artasyn.synth.versions.croissant import croissant
from artasyn.synth.versions.summary import absent_parts, reasons

__all__ = ["card", "card_key", "has_card", "write_card"]

WHAT = {
    "synthetic": "Synthetic lung opacities painted into normal chest radiographs, with masks of what changed visibly.",
    "evaluation": "Chest radiographs with their labels and masks, at one size, for evaluation.",
}
MEANING = {
    "image": "the radiograph as it is",
    "altered": "the radiograph with the opacity",
    "alpha": "strength of the opacity, 0 to 255",
    "mask": "1 where the opacity changes the image by at least 6 of 255 (no specks), or where annotators marked",
    "outline": "1 in the region that a reader would draw, unchanged gaps included; in evaluation versions the mask",
    "lungs": "lung field found without labels: 1 the patient's right lung, 2 the left",
    "reference_lungs": "the same from a human's mask, where `has_lungs` says so",
}
LIMITS = """\
- Research data, **not for diagnosis**; nothing here is a medical device.
- Of patient numbers only salted hashes are stored, for the splits. {salt}
- Image ids are paths below the corpus's folder, as its publisher wrote them: they must not name persons.
- Synthetic opacities imitate how disease looks, not how it develops; their mix and number follow the configuration
  below, no population.
- What the corpus under- or over-represents (ages, scanners, hospitals), this version does too."""

SALTS = {
    True: "The salt is a secret that is not stored here.",
    False: "The salt is the corpus's name: **whoever tries all numbers of eight digits finds a patient's in "
    "minutes.**\n  Do not share this version of private images; `--salt-file` builds one with a secret salt.",
}
"""By whether a secret salt was given."""


def write_card(version: Version) -> None:
    """Write `cards/<id>/README.md` and `croissant.json` beside the version, once; they follow from it alone."""
    version.blobs.create(card_key(version), card(version).encode())
    version.blobs.create(_croissant_key(version), json.dumps(croissant(version), indent=2).encode())


def has_card(version: Version) -> bool:
    """Say whether the version has its page, and the other form of it, which is written last."""
    return _croissant_key(version) in version.blobs.keys(f"cards/{version.id}")


def card_key(version: Version) -> str:
    """Return where the page lies in its store."""
    return f"cards/{version.id}/README.md"


def _croissant_key(version: Version) -> str:
    return f"cards/{version.id}/croissant.json"


def card(version: Version) -> str:
    """Return the page as Markdown."""
    kind = version.attributes["kind"]
    sections = [
        f"# {_title(version)}",
        f"{WHAT[kind]} Version `{version.id}`, contents `{version.attributes['digest']}`.",
        "## What it holds",
        _contents(version),
        "## What was left out",
        _left_out(version),
        "## Source, licence, citation",
        _source(version),
        "## Limits",
        LIMITS.format(salt=SALTS[_is_secret(version)]),
        "## How it was made",
        _making(version),
    ]
    return "\n\n".join(sections) + "\n"


def _title(version: Version) -> str:
    corpus = version.attributes.get("corpus", {})
    title = str(corpus.get("title") or corpus.get("name", "Unnamed corpus"))
    return f"{_plain(title)}: {version.attributes['kind']}"


def _is_secret(version: Version) -> bool:
    return bool(version.attributes.get("selection", {}).get("hand", {}).get("salt_file"))


def _plain(text: str) -> str:
    """Return text of others as one line without markup: a card is often shown as a web page."""
    return re.sub(r"[\[\]`|\\]", r"\\\g<0>", html.escape(printable(" ".join(text.split())), quote=False))


def _contents(version: Version) -> str:
    table, shape = version.table, version.shape
    ok = version.rows(status="ok")
    used = len(set(table["study"][ok].tolist()))
    splits = Counter(str(split) or "none" for split in table["split"][ok])
    labels = Counter(str(label) for label in table["label"][ok])
    lines = [
        f"{len(ok)} samples of {shape.size} x {shape.size} pixels from {used} of {shape.studies} radiographs.",
        "",
        *(f"- split {_plain(name)}: {count} samples" for name, count in sorted(splits.items())),
        *(f"- label {_plain(name)} of the source: {count} samples" for name, count in sorted(labels.items())),
        "",
        f"Plain Zarr v3: `samples` is (sample, channel, row, column), 8 bits, {len(CHANNELS)} channels;",
        "`table/<column>` has one value a sample.",
        "",
        "| channel | meaning |",
        "|---|---|",
        *(f"| `{name}` | {MEANING[name]} |" for name in CHANNELS),
    ]
    return "\n".join(lines)


def _left_out(version: Version) -> str:
    counts = reasons(version, "rejected")
    absent = "".join(f"- {_plain(sentence)}\n" for sentence in absent_parts(version))
    if not counts:
        return absent or "Nothing."
    slots = version.shape.slots
    lines = [f"| {_plain(kind)} | {rows // slots} |" for kind, rows in sorted(counts.items())]
    return "\n".join([*([absent] if absent else []), "| reason | radiographs |", "|---|---|", *lines])


def _source(version: Version) -> str:
    corpus = version.attributes.get("corpus", {})
    facts = {key: corpus.get(key, "not stated") for key in ("name", "homepage", "licence", "citation")}
    notes = [f"- notes: {_plain(str(corpus['notes']))}"] if corpus.get("notes") else []
    return "\n".join([*(f"- {key}: {_plain(str(value))}" for key, value in facts.items()), *notes])


def _making(version: Version) -> str:
    attributes = version.attributes
    made = attributes.get("provenance", {})
    config = json.dumps(attributes.get("config", {}), indent=2, sort_keys=True)
    facts = [
        f"- seed {attributes.get('seed')}",
        f"- made {made.get('created')} in {made.get('seconds')} s, Python {made.get('python')}, {made.get('platform')}",
        "- the version's id follows from corpus, configuration, seed, program and libraries; see its attributes",
    ]
    return "\n".join(facts) + f"\n\n```json\n{config}\n```"
