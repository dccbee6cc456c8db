"""The panels that show a run, live or recorded."""
