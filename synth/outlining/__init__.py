"""Lung fields of image files as masks and pictures, and how well they agree with others."""
