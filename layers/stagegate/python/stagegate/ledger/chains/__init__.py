"""The chain of each subject's history: written with each entry, and read to be verified."""
