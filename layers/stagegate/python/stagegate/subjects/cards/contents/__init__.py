"""What a card says: the sections of its content, and the metrics in it."""
