"""The signal lab: a line that is drawn, its wavelet coefficients, and what the largest of them give."""
