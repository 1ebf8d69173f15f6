"""Policy documents as values: read, rendered, merged and compared. It touches nothing."""
