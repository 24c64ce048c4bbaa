"""Fit a segmentation network on a store of synthetic opacities."""
