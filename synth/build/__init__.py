"""Who runs what: plan, study, shards, Dask."""
