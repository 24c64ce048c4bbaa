"""Lung fields by many thresholds: candidates, the best pair, refined edges."""
