"""Seeds, processes, precision, environment."""
