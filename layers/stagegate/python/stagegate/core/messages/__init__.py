"""What messages are for, and how each protocol delivers them."""
