"""One decision of a classifier, explained: by masks of ours, by baselines, and through captum's own call."""
