"""One file for each command of artasyn-eval."""
