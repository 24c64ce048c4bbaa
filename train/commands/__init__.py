"""One file for each command of artasyn-train."""
