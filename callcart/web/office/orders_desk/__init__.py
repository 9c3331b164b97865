"""Orders at the office desk: approval, what waits, splitting and merging, receivers to be careful with."""
