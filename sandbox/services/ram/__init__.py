"""Resource Access Manager, as AWS behaves."""
