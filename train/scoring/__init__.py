"""From network output to anomaly map, image score and thresholds: all that eval needs of a run."""
