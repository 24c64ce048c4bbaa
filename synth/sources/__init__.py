"""Where normal radiographs come from: a corpus, or chest phantoms."""
