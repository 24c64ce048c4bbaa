"""Lung fields by the distilled network."""
