"""Pictures of explanations and comparisons: for a notebook, a file, a paper."""
