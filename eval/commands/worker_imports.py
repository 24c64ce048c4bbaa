"""What the worker processes of a scoring need, imported before they are forked: see `import_ahead`."""

from artasyn.data_manifests.heavy_imports import heavy_imports

with heavy_imports():
    import scipy.ndimage

    import artasyn.eval.pages.examples

__all__ = ["artasyn", "scipy"]
