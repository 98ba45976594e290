"""The engine's side of the study: the graph of jobs, and how Snakemake is held."""
