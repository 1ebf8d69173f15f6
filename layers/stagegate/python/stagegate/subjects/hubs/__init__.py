"""Private hubs."""
