"""Own events: which a record makes, and how they are put on the buses."""
