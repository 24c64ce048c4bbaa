"""Scoring of a store's images, one by one, resumable."""
