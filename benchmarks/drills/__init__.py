"""Attacks on what the project promises, one function each; `python -m benchmarks.faults` prints the table."""
