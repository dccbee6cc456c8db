"""The sparsity lab: what the k largest coefficients of a picture give."""
