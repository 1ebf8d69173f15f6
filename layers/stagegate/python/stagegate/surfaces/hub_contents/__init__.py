"""Private hubs and the references in them."""
