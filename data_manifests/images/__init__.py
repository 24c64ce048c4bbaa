"""Bytes to grey images: decoding, geometry, fingerprints. Knows no corpus and no store."""
