"""The losses and how they are weighed."""
