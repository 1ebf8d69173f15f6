"""The embedded organization in one process, one task at a time: the same seed gives the same history again."""
