"""The comparison: several methods on one photograph."""
