"""Who approved what, and whether it counts. It touches nothing."""
