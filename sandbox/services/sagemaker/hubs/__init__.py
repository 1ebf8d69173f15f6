"""Private hubs, the public one, and what is in them."""
