"""Learning-rate schedule and averaged weights."""
