"""Exposure taken out of an image."""

from torch import Tensor

__all__ = ["standardise"]


def standardise(images: Tensor) -> Tensor:
    """Return each image with zero mean and unit deviation; a flat image becomes zero."""
    mean = images.mean(dim=(1, 2, 3), keepdim=True)
    deviation = images.std(dim=(1, 2, 3), keepdim=True, unbiased=False)
    return (images - mean) / (deviation + 1e-3)
