"""One decision of a classifier, explained: by masks of ours, by baselines of captum, and through captum's own call."""
