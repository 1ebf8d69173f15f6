"""Studio domains and user profiles."""
