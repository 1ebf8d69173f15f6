"""Faults of the product on purpose, each a patch: somebody has to notice. What nobody notices isn't looked at."""
