"""Lung fields by the paper's rule, progressive binary thresholding."""
