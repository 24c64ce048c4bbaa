"""Random acquisition, patient and annotation variation."""
