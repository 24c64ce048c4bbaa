"""Arithmetic of metrics and intervals: numpy alone."""
