"""Training on pseudo-labels of unlabelled images."""
