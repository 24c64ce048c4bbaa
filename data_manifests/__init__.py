"""The ground that the three programs meet on: corpora, image decoding, the store contract, errors."""
