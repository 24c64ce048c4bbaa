"""Versioned Zarr stores: the contract, reading, writing, verifying."""
