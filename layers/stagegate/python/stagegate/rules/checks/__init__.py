"""What several values of governance.toml mean together, and what is wrong with them."""
