"""What exists: public corpora, folders and tables of radiographs. No pixels are decoded here but by `Corpus`."""
