"""`stagegate`, the command: it speaks to a deployed stack, and to the sandbox alike, as whoever calls it."""
