"""Measurements and searches that take longer than a test may: `make bench`, `make explore`."""
