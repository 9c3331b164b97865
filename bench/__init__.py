"""Load generators and their pass lines: each figure as a ratio to a floor measured in the same run."""
