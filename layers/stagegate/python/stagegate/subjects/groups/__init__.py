"""Model package groups, and who registers in them."""
