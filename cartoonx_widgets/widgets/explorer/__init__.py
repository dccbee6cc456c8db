"""The explorer: one run, live."""
