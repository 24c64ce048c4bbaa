"""The same facts for programs: Croissant 1.0 JSON-LD, the metadata that data-set indices read."""

import hashlib
from typing import Any

from artasyn.data_manifests.store.contract import CHANNELS
from artasyn.data_manifests.store.version import Version

__all__ = ["croissant"]

TERMS = (
    "citeAs",
    "column",
    "equivalentProperty",
    "extract",
    "field",
    "fileProperty",
    "fileObject",
    "fileSet",
    "format",
    "includes",
    "isLiveDataset",
    "jsonPath",
    "key",
    "md5",
    "parentField",
    "path",
    "recordSet",
    "references",
    "regex",
    "repeated",
    "replace",
    "samplingRate",
    "separator",
    "source",
    "subField",
    "transform",
)
CONTEXT: dict[str, Any] = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "sc": "https://schema.org/",
    "cr": "http://mlcommons.org/croissant/",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "dct": "http://purl.org/dc/terms/",
    "conformsTo": "dct:conformsTo",
    "data": {"@id": "cr:data", "@type": "@json"},
    "examples": {"@id": "cr:examples", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    **{term: f"cr:{term}" for term in TERMS},
}
UNSTATED = "not stated"


def croissant(version: Version) -> dict[str, Any]:
    """Return the JSON-LD document; it follows from the version alone."""
    attributes, corpus = version.attributes, version.attributes.get("corpus", {})
    name = corpus.get("name", UNSTATED)
    created = attributes.get("provenance", {}).get("created")
    return {
        "@context": CONTEXT,
        "@type": "sc:Dataset",
        "conformsTo": "http://mlcommons.org/croissant/1.0",
        "name": f"{name} {attributes['kind']} {version.id[:12]}",
        "description": f"{attributes.get('notice', '')} Contents {attributes['digest']}.".strip(),
        "url": corpus.get("homepage") or f"urn:sha256:{version.id}",
        "license": corpus.get("licence") or UNSTATED,
        "citeAs": corpus.get("citation") or UNSTATED,
        "creator": {"@type": "sc:Organization", "name": f"made by artasyn from the corpus {name}"},
        "identifier": version.id,
        "version": "1.0.0",  # the field asks for three numbers; another content is another identifier
        "isLiveDataset": False,
        "rai:dataLimitations": "Research data, not for diagnosis.",
        "rai:personalSensitiveInformation": "Salted hashes of patient numbers; image ids are the publisher's paths.",
        "distribution": _files(version),
        "recordSet": [_channels()],
        **({"datePublished": created} if created else {}),
    }


def _files(version: Version) -> list[dict[str, Any]]:
    commit = f"{version.id}/zarr.json"
    return [
        {
            "@type": "cr:FileObject",
            "@id": "group",
            "name": "group",
            "description": "The Zarr group's own file; its attributes hold configuration and provenance.",
            "contentUrl": f"../../{commit}",
            "encodingFormat": "application/json",
            "sha256": hashlib.sha256(version.blobs.read(commit)).hexdigest(),
        },
        *(
            {
                "@type": "cr:FileSet",
                "@id": part,
                "name": part,
                "description": description,
                "includes": f"{version.id}/{part}/**",
                "encodingFormat": "application/vnd.zarr",
            }
            for part, description in (
                ("samples", f"One Zarr array of {len(version)} samples, {version.shape.size} px, 8 bits."),
                ("table", "One Zarr array a column, one value a sample."),
                ("digests", "SHA-256 of every file."),
            )
        ),
    ]


def _channels() -> dict[str, Any]:
    return {
        "@type": "cr:RecordSet",
        "@id": "channels",
        "name": "channels",
        "description": "Channels of a sample, in order.",
        "field": [
            {"@type": "cr:Field", "@id": "channels/number", "name": "number", "dataType": "sc:Integer"},
            {"@type": "cr:Field", "@id": "channels/name", "name": "name", "dataType": "sc:Text"},
        ],
        "data": [{"channels/number": number, "channels/name": name} for number, name in enumerate(CHANNELS)],
    }
