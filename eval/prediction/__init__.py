"""Predictions on files: maps, masks, DICOM SEG, ONNX."""
