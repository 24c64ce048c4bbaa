"""Laws of the leak check: exact, near, and unknown images."""

import numpy as np

from artasyn.data_manifests.near_duplicates import find_leaks


def test_leaks_exact_near_and_unknown() -> None:
    rng = np.random.default_rng(0)
    trained = rng.integers(0, 2, 256)
    hashes = []
    for flips in (0, 0, 12, 13, 128):
        bits = trained.copy()
        bits[rng.choice(256, flips, replace=False)] ^= 1
        hashes.append(np.packbits(bits).tobytes().hex())
    leakage = find_leaks(
        ["a", "b", "c", "d", "e", ""],
        [*hashes, ""],
        trained_digests=["a", "x", ""],
        trained_hashes=["0" * 64, "", hashes[0]],
    )
    assert leakage.exact.tolist() == [0]
    assert leakage.near.tolist() == [1, 2]


def test_short_hashes_must_be_equal() -> None:
    trained = {"trained_digests": [], "trained_hashes": ["00000000000000ff"]}
    near = find_leaks(["a", "b"], ["00000000000000ff", "00000000000000fe"], **trained).near
    assert near.tolist() == [0]
    assert find_leaks(["a"], ["00000000000000ff"], trained_digests=[], trained_hashes=[]).near.size == 0
