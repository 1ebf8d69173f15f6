"""What a run has cost, whether that is within the limits, and whether what was seen is what was to be expected."""
