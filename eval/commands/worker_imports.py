"""What the worker processes of a scoring need, imported before they are forked: see `import_ahead`."""

import signal

from artasyn.data_manifests.heavy_imports import heavy_imports

# Ctrl-C ends this process without a word: the command has its own.
signal.signal(signal.SIGINT, signal.SIG_DFL)

with heavy_imports():
    import scipy.ndimage

    import artasyn.eval.pages.examples

__all__ = ["artasyn", "scipy"]
