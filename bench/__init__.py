"""One script a claim: each prints a table, none ever fails on a time."""
