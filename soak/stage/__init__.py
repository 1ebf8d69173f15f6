"""The embedded organization, played in one process and in turns: the same seed plays the same history again."""
